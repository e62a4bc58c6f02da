//! Whether a store is whole: every blob against its hash, every release against its blobs, `.packages` against the catalog.
//!
//! Nothing is changed. A server may work on the same store, so whatever looks wrong is looked at again before it counts.

mod blobs;
mod contents;
mod packages;

use std::time::SystemTime;

use ampkg::Limits;
use serde::Serialize;

use super::{CareError, CatalogCare, Finding};
use crate::{
    blob::{BlobError, BlobStore},
    catalog::CatalogError,
    clock::Timestamp,
    error::chain,
    model::Release,
    packages_folder::PackagesFolder,
};

/// Findings of SQLite that are told; more of them do not help.
const MAX_DAMAGE: u32 = 20;

/// What is looked through.
pub struct CheckSource<'a> {
    /// The catalog; none if it cannot even be opened.
    pub catalog: Option<&'a dyn CatalogCare>,
    /// The blobs.
    pub blobs: &'a dyn BlobStore,
    /// The files that a person sees.
    pub packages: &'a PackagesFolder,
    /// How thoroughly.
    pub depth: Depth,
    /// How much of anything a package may have, for [`Depth::Contents`].
    pub limits: Limits,
    /// What time it is.
    pub now: Timestamp,
}

/// How thoroughly a store is looked through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Every byte is read and compared with hashes.
    Hashes,
    /// Each package is also unpacked as if it were uploaded, what the catalog says of it is compared, and how it is signed
    /// is tried.
    Contents,
}

/// What was looked through, and what was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// How many releases there are.
    pub releases: u64,
    /// How many blobs were read.
    pub blobs: u64,
    /// What is not as it should be.
    pub findings: Vec<Finding>,
}

/// Looks through a store. `progress` is told how many bytes were read; `pause` waits a moment, so that a server that is about to
/// change something gets to it.
pub fn check(
    source: &CheckSource<'_>,
    progress: &mut dyn FnMut(u64),
    pause: &mut dyn FnMut(),
) -> Result<Checked, CareError> {
    let mut checked = Checked::default();
    let releases = releases(source, &mut checked.findings)?;
    let known = source.catalog.zip(releases.as_deref());
    blobs::check(source, known, &mut checked, progress)?;
    if let Some((catalog, releases)) = known {
        checked.releases = releases.len() as u64;
        if source.depth == Depth::Contents {
            contents::check(source, catalog, releases, &mut checked.findings, progress)?;
        }
        checked.findings.extend(packages::check(catalog, source.packages, pause)?);
    }
    Ok(checked)
}

/// The releases of the catalog, unless it is too damaged or too old to tell.
fn releases(
    source: &CheckSource<'_>,
    findings: &mut Vec<Finding>,
) -> Result<Option<Vec<Release>>, CareError> {
    let Some(catalog) = source.catalog else { return Ok(None) };
    match catalog.damage(MAX_DAMAGE) {
        Ok(damage) => findings.extend(damage.into_iter().map(damaged)),
        Err(error) => findings.push(damaged(chain(&error))),
    }
    let is_damaged = !findings.is_empty();
    let version = catalog.schema_version()?;
    if version.found < version.newest {
        let message = format!(
            "it has schema version {}, and this amps {}: releases are not compared with it",
            version.found, version.newest
        );
        findings.push(Finding::warning(
            "catalog-old",
            "catalog.db",
            message,
            "start the server once: it brings the catalog up to date",
        ));
        return Ok(None);
    }
    match catalog.audit_trail() {
        Ok(Ok(_)) => {}
        Ok(Err(broken)) => findings.push(Finding::problem(
            "audit-broken",
            "the audit trail",
            broken.to_string(),
            "find out who may write to catalog.db; amps audit export shows what is left, a backup what was there",
        )),
        Err(error) if is_damaged => findings.push(damaged(chain(&error))),
        Err(error @ CatalogError::Damaged { .. }) => findings.push(damaged(chain(&error))),
        Err(error) => return Err(error.into()),
    }
    match catalog.releases() {
        Ok(releases) => Ok(Some(releases)),
        Err(error @ CatalogError::Damaged { .. }) => {
            findings.push(damaged(chain(&error)));
            Ok(None)
        }
        Err(error) if is_damaged => {
            findings.push(damaged(chain(&error)));
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// The finding that a catalog is damaged.
pub fn damaged(message: impl Into<String>) -> Finding {
    Finding::problem(
        "catalog-damaged",
        "catalog.db",
        message,
        "stop the server, keep a copy of the data directory, and restore a backup; without one, start the server: it sets aside a \
         catalog that cannot be read, and makes a new one from the packages",
    )
}

/// Whether a release is still there, or has been replaced or removed since the list was read.
fn is_there(catalog: &dyn CatalogCare, release: &Release) -> Result<bool, CareError> {
    Ok(catalog.link(release.sequence)?.is_some())
}

/// A release in words for people.
fn name(release: &Release) -> String {
    let facts = &release.facts;
    let architecture = facts.architecture.as_str();
    match facts.version.as_str() {
        "" => format!("{} [{architecture}]", facts.id),
        version => format!("{} {version} [{architecture}]", facts.id),
    }
}

/// What could not be read, if that is worth a finding and not the end of the check.
fn unreadable(error: &BlobError) -> bool {
    matches!(error, BlobError::Io { .. } | BlobError::Changed { .. })
}

/// How long ago something was.
fn age(now: Timestamp, then: SystemTime) -> Option<std::time::Duration> {
    now.system_time()?.duration_since(then).ok()
}
