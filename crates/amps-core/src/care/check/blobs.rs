//! Every blob against its hash, and every release against its blobs.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    time::Duration,
};

use super::{
    super::{CareError, CatalogCare, Finding, copy},
    CheckSource, Checked, age, is_there, name, unreadable,
};
use crate::{
    blob::BlobError,
    error::chain,
    model::{BlobId, BlobRef, Release},
};

/// How old a blob without a release must be: one of an upload that is about to be published has none.
const GARBAGE_AGE: Duration = Duration::from_hours(1);

/// Releases that are named in one finding; an icon may belong to thousands.
const MAX_NAMES: usize = 3;

const PACKAGE_ADVICE: &str = "remove the package and upload it again, or stop the server and put the file `.amps/blobs/…` of that name back from a backup";

/// What is wrong with a blob.
enum Defect {
    Missing,
    Damaged(BlobId),
    Unreadable(String),
    Size(u64),
}

/// What releases say of a blob.
#[derive(Default)]
struct Wanted<'r> {
    of: Vec<(&'r Release, &'static str)>,
    sizes: BTreeSet<u64>,
}

/// Reads all blobs.
pub(super) fn check(
    source: &CheckSource<'_>,
    known: Option<(&dyn CatalogCare, &[Release])>,
    checked: &mut Checked,
    progress: &mut dyn FnMut(u64),
) -> Result<(), CareError> {
    let mut wanted = BTreeMap::<BlobId, Wanted<'_>>::new();
    for release in known.map_or(&[][..], |(_, releases)| releases) {
        let mut want = |blob: BlobRef, what| {
            let wanted = wanted.entry(blob.id).or_default();
            wanted.of.push((release, what));
            wanted.sizes.insert(blob.size_bytes);
        };
        want(release.facts.package, "package");
        if let Some(icon) = &release.facts.icon {
            want(icon.blob, "icon");
        }
    }
    let mut stored = source.blobs.list()?;
    stored.sort_by_key(|blob| blob.id);
    let there: HashSet<BlobId> = stored.iter().map(|blob| blob.id).collect();
    let catalog = known.map(|(catalog, _)| catalog);
    for (id, wanted) in wanted.iter().filter(|(id, _)| !there.contains(id)) {
        checked.findings.extend(confirmed(source, catalog, *id, wanted, Defect::Missing)?);
    }
    let mut garbage = Vec::new();
    for blob in &stored {
        let defect = defect(source, blob.id, progress)?;
        checked.blobs += 1;
        let of_none = Wanted::default();
        let wanted = wanted.get(&blob.id).unwrap_or(&of_none);
        let defect = match defect {
            None => {
                wanted.sizes.iter().find(|size| **size != blob.size_bytes).map(|size| Defect::Size(*size))
            }
            defect => defect,
        };
        if let Some(defect) = defect {
            checked.findings.extend(confirmed(source, catalog, blob.id, wanted, defect)?);
        } else if wanted.of.is_empty() && age(source.now, blob.committed).is_some_and(|age| age > GARBAGE_AGE)
        {
            garbage.push(blob);
        }
    }
    let Some(catalog) = catalog.filter(|_| !garbage.is_empty()) else { return Ok(()) };
    // What was published since the list was read is known by now.
    let known = catalog.blobs()?;
    for blob in garbage.into_iter().filter(|blob| !known.contains(&blob.id)) {
        if matches!(source.blobs.open(&blob.id), Err(BlobError::NotFound { .. })) {
            continue;
        }
        checked.findings.push(Finding::warning(
            "blob-orphaned",
            format!("blob {}", blob.id),
            format!("no release needs its {} bytes", blob.size_bytes),
            "the server removes it at its next start",
        ));
    }
    Ok(())
}

/// What is wrong with a blob that is there, by its bytes.
fn defect(
    source: &CheckSource<'_>,
    id: BlobId,
    progress: &mut dyn FnMut(u64),
) -> Result<Option<Defect>, CareError> {
    let blob = match source.blobs.open(&id) {
        Ok(blob) => blob,
        Err(BlobError::NotFound { .. }) => return Ok(Some(Defect::Missing)),
        Err(error) if unreadable(&error) => return Ok(Some(Defect::Unreadable(chain(&error)))),
        Err(error) => return Err(error.into()),
    };
    Ok(match copy::hash(&id, &*blob, progress) {
        Ok(found) if found == id => None,
        Ok(found) => Some(Defect::Damaged(found)),
        // A disk that cannot be read in one place can be in others.
        Err(error) => Some(Defect::Unreadable(chain(&error))),
    })
}

/// The finding, if it is still so: releases go while they are looked at, and their blobs with them.
fn confirmed(
    source: &CheckSource<'_>,
    catalog: Option<&dyn CatalogCare>,
    id: BlobId,
    wanted: &Wanted<'_>,
    defect: Defect,
) -> Result<Option<Finding>, CareError> {
    let is_as_before = match (source.blobs.open(&id), &defect) {
        (opened, Defect::Missing) => opened.is_err(),
        (Err(BlobError::NotFound { .. }), _) => false,
        _ => true,
    };
    if !is_as_before {
        return Ok(None);
    }
    let mut of = Vec::new();
    if let Some(catalog) = catalog {
        for (release, what) in &wanted.of {
            if is_there(catalog, release)? {
                of.push((*release, *what));
            }
        }
    }
    Ok(finding(id, &of, defect))
}

fn finding(id: BlobId, of: &[(&Release, &'static str)], defect: Defect) -> Option<Finding> {
    let mut names: Vec<String> = of.iter().take(MAX_NAMES).map(|(release, _)| name(release)).collect();
    if let more @ 1.. = of.len().saturating_sub(MAX_NAMES) {
        names.push(format!("and {more} more"));
    }
    let subject = if names.is_empty() { format!("blob {id}") } else { names.join(", ") };
    let what = of.first().map_or("blob", |(_, what)| what);
    let advice = if of.is_empty() {
        "the server removes it at its next start, unless a release needs it"
    } else {
        PACKAGE_ADVICE
    };
    match defect {
        // Nobody wants it any more.
        Defect::Missing if of.is_empty() => None,
        Defect::Missing => Some(Finding::problem(
            "blob-missing",
            subject,
            format!("its {what} is missing: there is no blob {id}"),
            advice,
        )),
        Defect::Damaged(found) => {
            let message = format!("its {what} is damaged: the blob {id} has the SHA-256 {found}");
            Some(Finding::problem("blob-damaged", subject, message, advice))
        }
        Defect::Unreadable(error) => {
            let message = format!("its {what} cannot be read: {error}");
            let advice = format!("look after the disk and the permissions; then {advice}");
            Some(Finding::problem("blob-unreadable", subject, message, advice))
        }
        Defect::Size(size_bytes) => {
            let message = format!(
                "the catalog says that its {what}, the blob {id}, has {size_bytes} bytes: it has another size"
            );
            (!of.is_empty()).then(|| {
                Finding::problem("release-wrong", subject, message, "remove the package and upload it again")
            })
        }
    }
}
