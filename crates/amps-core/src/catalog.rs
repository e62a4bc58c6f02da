//! The seam to whatever keeps the catalog.

use std::collections::HashSet;

use ampkg::PackageId;
use amps_arch::PackageServerToken;
use amps_splice::Recipe;

use crate::{
    audit::NewAuditEntry,
    downloads::{CountedDownloads, DailyDownloads, Day},
    model::{BlobId, Documents, LinkState, Release, ReleaseDraft, Sequence},
};

/// What is known about releases. Each call is one transaction: it happens wholly or not at all, and when it has returned,
/// it survives a crash.
pub trait Catalog: Send + Sync {
    /// A number that grows with every change, also one made by another process: what was prepared under one generation is
    /// good for as long as that stays.
    fn generation(&self) -> Result<u64, CatalogError>;

    /// All releases, ordered by id, then architecture, then sequence.
    fn releases(&self) -> Result<Vec<Release>, CatalogError>;

    /// What has changed since a generation: removing and adding that turns the list of then into the list of now. None if it
    /// is not known any more, which is so for generations that are long gone and those that never were.
    fn changes_since(&self, generation: u64) -> Result<Option<Changes>, CatalogError>;

    /// The release of this id and architecture that was published last.
    fn latest(
        &self,
        id: &PackageId,
        architecture: &PackageServerToken,
    ) -> Result<Option<Release>, CatalogError>;

    /// All releases of this id and architecture, in the order in which they were published.
    fn releases_of(
        &self,
        id: &PackageId,
        architecture: &PackageServerToken,
    ) -> Result<Vec<Release>, CatalogError>;

    /// The documents of a release.
    fn documents(&self, release: Sequence) -> Result<Option<Documents>, CatalogError>;

    /// Adds a release, with what the store says about it, in place of others: those in `replaced`, and the one with the same id, version, architecture and tags, if
    /// there is one. A number in `replaced` that does not exist is passed over.
    ///
    /// The file in `.packages` of its id and architecture is now the new release's: its link is [`LinkState::Pending`], and what it
    /// replaces is the file of the release that was the last one before. That one has no file any more if it stays.
    ///
    /// [`CatalogError::Gone`] if the category or the vendor of the draft's entry is not there any more.
    ///
    /// In the same transaction, `audit` is entered into the trail.
    fn publish_audited(
        &self,
        draft: &ReleaseDraft,
        replaced: &[Sequence],
        audit: &[NewAuditEntry],
    ) -> Result<Publication, CatalogError>;

    /// The same for those who keep no trail.
    fn publish(&self, draft: &ReleaseDraft, replaced: &[Sequence]) -> Result<Publication, CatalogError> {
        self.publish_audited(draft, replaced, &[])
    }

    /// Removes releases; returns the blobs that nothing refers to any more.
    ///
    /// If a release goes that had the file in `.packages`, that is now the file of the last one that stays of its id and architecture:
    /// its link is pending, and replaces what lies there.
    ///
    /// In the same transaction, `audit` is entered into the trail, if there is anything to remove.
    fn remove_audited(
        &self,
        releases: &[Sequence],
        audit: &[NewAuditEntry],
    ) -> Result<Vec<BlobId>, CatalogError>;

    /// The same for those who keep no trail.
    fn remove(&self, releases: &[Sequence]) -> Result<Vec<BlobId>, CatalogError> {
        self.remove_audited(releases, &[])
    }

    /// Adds to the downloads of a day, and forgets those of days before `oldest`. No change that a generation tells of. The last may be
    /// lost in a power cut.
    fn add_downloads(&self, day: Day, counted: &[CountedDownloads], oldest: Day) -> Result<(), CatalogError>;

    /// The downloads of a package from one day to another, both inclusive: one for each day and release that has some, ordered by both.
    fn downloads_of(
        &self,
        id: &PackageId,
        first: Day,
        last: Day,
    ) -> Result<Vec<DailyDownloads>, CatalogError>;

    /// The links of all releases, ordered by sequence.
    fn links(&self) -> Result<Vec<(Sequence, LinkState)>, CatalogError>;

    /// The link of one release; none if it is gone.
    fn link(&self, release: Sequence) -> Result<Option<LinkState>, CatalogError>;

    /// Notes the link of a release. Does not change the generation: nobody but the store itself sees links.
    fn set_link(&self, release: Sequence, link: LinkState) -> Result<(), CatalogError>;

    /// How a release's package is signed without packing it again, if that was worked out.
    fn recipe(&self, release: Sequence) -> Result<Option<Recipe>, CatalogError>;

    /// Notes how a release's package is signed. Like a link, nobody but the store sees it: the generation stays. A release that
    /// is gone is passed over.
    fn set_recipe(&self, release: Sequence, recipe: &Recipe) -> Result<(), CatalogError>;

    /// All blobs that a release refers to, packages and icons.
    fn blobs(&self) -> Result<HashSet<BlobId>, CatalogError>;
}

/// What publishing a release has done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    /// The new release's number.
    pub sequence: Sequence,
    /// The blobs that nothing refers to any more.
    pub freed: Vec<BlobId>,
}

/// What has changed between two generations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes {
    /// The later one.
    pub generation: u64,
    /// Releases that may have been there before and are not there now.
    pub removed: Vec<Sequence>,
    /// Releases that may not have been there before, in no order. What is known of a release never changes.
    pub added: Vec<Release>,
}

/// Why the catalog did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CatalogError {
    /// Whatever keeps it failed.
    #[error("the catalog cannot {action}")]
    Backend {
        /// What it was asked to do, like `list the releases`.
        action: &'static str,
        /// Why it could not.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// It holds something that cannot be.
    #[error("the catalog is damaged: {what} is `{found}`")]
    Damaged {
        /// What it holds.
        what: &'static str,
        /// The value.
        found: String,
    },
    /// What was referred to by number is gone.
    #[error("there is no such {what} any more")]
    Gone {
        /// `category` or `vendor`.
        what: &'static str,
    },
    /// A later version made it.
    #[error("the catalog has schema version {found}: this version knows {known} at most; use a newer amps")]
    TooNew {
        /// Its schema version.
        found: i64,
        /// The newest one that is known.
        known: i64,
    },
}
