//! Packages, each found again by its bytes, and what is said about them.

use std::{
    collections::{HashMap, HashSet},
    fs::File,
    io::{self, Read as _},
};

use ampkg::PackageId;
use amps_core::{
    BlobId, Error, Origin, PackageServerToken, Provenance, Release, ReleaseFacts, Sequence, StagedUpload,
    UploadResult,
    accounts::{AccountError, StoreEntry, Vendor},
    chain,
};
use sha2::{Digest as _, Sha256};

use crate::{
    import::{Import, ImportError, Progress},
    line::Subject,
    rows::{AppRow, Rows},
};

/// What the catalog says about who brought a package.
const BROUGHT_BY: &str = "imported from a Deployment Server";

/// What is in the store while packages are taken over.
struct Known {
    releases: HashMap<BlobId, (Sequence, Package)>,
    /// Those that have got a release by this import: whatever came later before must come later again.
    grown: HashSet<Package>,
    /// Releases that this import has made.
    own: HashSet<Sequence>,
    /// The last row that has these bytes.
    last_rows: HashMap<BlobId, usize>,
}

type Package = (PackageId, PackageServerToken);

/// Why a package is not taken, or why nothing can be.
enum Stop {
    Refused(String),
    /// Another one stays.
    Noted(String),
    Failed(ImportError),
}

impl From<AccountError> for Stop {
    fn from(error: AccountError) -> Self {
        match error {
            // The text is too long, or a command beside this one has removed its vendor.
            AccountError::TooLong { .. } | AccountError::Gone { .. } => Self::Refused(error.to_string()),
            error => Self::Failed(error.into()),
        }
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(_) | Error::Source(_) => Self::Refused(error.chain()),
            error => Self::Failed(error.into()),
        }
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Refused(format!("cannot read its file: {error}"))
    }
}

/// Whether anything was said about a package.
enum Said {
    Before,
    Now,
}

/// What became of a package.
enum Taken {
    Known(Said),
    Added { name: String, warnings: Vec<String> },
}

impl Import<'_> {
    pub(crate) fn packages(
        &self,
        rows: &Rows<AppRow>,
        progress: &mut Progress<'_>,
    ) -> Result<(), ImportError> {
        let listing = self.store.listing()?;
        let releases = listing.releases().iter();
        let mut known = Known {
            releases: releases
                .map(|release| (release.facts.package.id, (release.sequence, package_of(&release.facts))))
                .collect(),
            grown: HashSet::new(),
            own: HashSet::new(),
            last_rows: HashMap::new(),
        };
        drop(listing);
        let blobs: Vec<_> =
            rows.iter().map(|row| row.as_ref().map_or(Ok(None), |row| self.blob(row))).collect();
        let last_rows =
            blobs.iter().enumerate().filter_map(|(place, blob)| Some(((*blob.as_ref().ok()?)?, place)));
        known.last_rows.extend(last_rows);
        for (place, (row, blob)) in rows.iter().zip(blobs).enumerate() {
            let row = match row {
                Ok(row) => row,
                Err(unread) => {
                    progress.unread(Subject::Package, unread);
                    continue;
                }
            };
            let named = || row.app_id.clone().unwrap_or_else(|| row.file.clone());
            match self.package((place, row), blob, &mut known, progress) {
                Ok(Taken::Known(said)) => {
                    progress.known(Subject::Package);
                    if let Said::Now = said {
                        let note = "category, vendor and descriptions were added";
                        progress.noted(Subject::Package, named(), note);
                    }
                }
                Ok(Taken::Added { name, warnings }) => {
                    progress.added(Subject::Package, name.as_str());
                    for warning in warnings {
                        progress.noted(Subject::Package, name.as_str(), warning);
                    }
                }
                Err(Stop::Refused(reason)) => {
                    let name = format!("{} ({} of store_app)", named(), row.id);
                    progress.refused(Subject::Package, name, reason);
                }
                Err(Stop::Noted(note)) => {
                    progress.known(Subject::Package);
                    progress.noted(Subject::Package, format!("{} ({} of store_app)", named(), row.id), note);
                }
                Err(Stop::Failed(error)) => return Err(error),
            }
        }
        Ok(())
    }

    fn package(
        &self,
        (place, row): (usize, &AppRow),
        blob: Result<Option<BlobId>, Stop>,
        known: &mut Known,
        progress: &Progress<'_>,
    ) -> Result<Taken, Stop> {
        let absent = |what: &str, id| Stop::Refused(format!("its {what}, row {id}, is missing or refused"));
        let vendor = progress.vendors.get(&row.vendor).ok_or_else(|| absent("vendor", row.vendor))?;
        let category =
            progress.categories.get(&row.category).ok_or_else(|| absent("category", row.category))?;
        let entry = StoreEntry {
            category: *category,
            vendor: vendor.id,
            brief_description: row.brief_description.clone(),
            description: row.description.clone(),
        };
        entry.check()?;
        let same = blob?.and_then(|blob| known.releases.get(&blob).cloned());
        if let Some((sequence, package)) = &same
            && !known.grown.contains(package)
        {
            return Ok(Taken::Known(self.describe(*sequence, &entry)?));
        }
        let staged = self.stage(row, vendor)?;
        if same.is_none() {
            self.check_later((place, row), staged.facts(), known)?;
        }
        let (name, package, blob) =
            (shown(staged.facts()), package_of(staged.facts()), staged.facts().package.id);
        let from = Provenance {
            origin: Origin::Import,
            name: row.file.clone(),
            by: BROUGHT_BY.to_owned(),
            cause: self.cause.clone(),
        };
        let upload = self.store.publish_staged(staged, &from)?;
        known.releases.insert(blob, (upload.sequence, package.clone()));
        known.own.insert(upload.sequence);
        if same.is_some() || upload.result == UploadResult::Unchanged {
            return Ok(Taken::Known(self.describe(upload.sequence, &entry)?));
        }
        known.grown.insert(package);
        self.enter(upload.sequence, &entry)?;
        Ok(Taken::Added { name, warnings: upload.warnings })
    }

    /// What the bytes of a package are called; none if they are more than any has.
    fn blob(&self, row: &AppRow) -> Result<Option<BlobId>, Stop> {
        let file = self.media.file(&row.file).map_err(|error| Stop::Refused(chain(&error)))?;
        Ok(hash(&file, self.package_bytes)?)
    }

    /// Verifies a package as one that is uploaded for a vendor.
    fn stage(&self, row: &AppRow, vendor: &Vendor) -> Result<StagedUpload, Stop> {
        let file = self.media.file(&row.file).map_err(|error| Stop::Refused(chain(&error)))?;
        let staged = self.store.stage_for_deployment(file, BROUGHT_BY, self.security)?;
        staged.check_vendor(vendor.certificate.as_ref())?;
        match &row.app_id {
            Some(expected) if expected != staged.facts().id.as_str() => Err(Stop::Refused(format!(
                "the package has the id {}, expected {}",
                ampkg::quoted(staged.facts().id.as_str()),
                ampkg::quoted(expected)
            ))),
            _ => Ok(staged),
        }
    }

    /// Keeps what somebody has uploaded here for the same version since the other server got its own, and what a later row has.
    fn check_later(
        &self,
        (place, row): (usize, &AppRow),
        facts: &ReleaseFacts,
        known: &Known,
    ) -> Result<(), Stop> {
        let listing = self.store.listing()?;
        let is_same = |release: &&Release| {
            let other = &release.facts;
            (&other.architecture, &other.version, &other.tags)
                == (&facts.architecture, &facts.version, &facts.tags)
        };
        let other = listing.of(&facts.id).iter().find(is_same);
        let Some(other) = other.filter(|other| !known.own.contains(&other.sequence)) else { return Ok(()) };
        let is_of_later_row = known.last_rows.get(&other.facts.package.id).is_some_and(|last| *last > place);
        match row.uploaded {
            Some(moment) if !is_of_later_row && moment.timestamp() > other.facts.uploaded_at => Ok(()),
            _ => Err(Stop::Noted(format!(
                "another package of {} was uploaded here later: it stays",
                shown(facts)
            ))),
        }
    }

    /// Says what there is to say about a release, if nothing is said yet.
    fn describe(&self, release: Sequence, entry: &StoreEntry) -> Result<Said, Stop> {
        if self.accounts.store_entry(release)?.is_some() {
            return Ok(Said::Before);
        }
        self.enter(release, entry)?;
        Ok(Said::Now)
    }

    fn enter(&self, release: Sequence, entry: &StoreEntry) -> Result<(), Stop> {
        let entered = self.accounts.set_store_entry(release, entry);
        self.store.catalog_has_changed();
        Ok(entered?)
    }
}

fn package_of(facts: &ReleaseFacts) -> Package {
    (facts.id.clone(), facts.architecture.clone())
}

/// By what a person knows a release.
fn shown(facts: &ReleaseFacts) -> String {
    let mut text = format!("{} {} {}", facts.id, facts.version, facts.architecture);
    if !facts.tags.as_str().is_empty() {
        text.push(' ');
        text.push_str(facts.tags.as_str());
    }
    text
}

/// What a file's blob is called; none if it is larger than any.
fn hash(file: &File, limit_bytes: u64) -> io::Result<Option<BlobId>> {
    if file.metadata()?.len() > limit_bytes {
        return Ok(None);
    }
    let mut file = file.take(limit_bytes);
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 256 * 1024];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(Some(BlobId(ampkg::Digest(hash.finalize().into())))),
            bytes => hash.update(buffer.get(..bytes).unwrap_or_default()),
        }
    }
}
