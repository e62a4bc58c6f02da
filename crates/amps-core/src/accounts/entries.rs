//! What the store itself says about a release: the texts, category and vendor that came with the upload.

use super::{AccountError, CategoryId, VendorId, error::bounded};
use crate::model::Sequence;

/// Bytes in a brief description, inclusive.
pub const MAX_BRIEF_BYTES: usize = 4096;

/// Bytes in a description, inclusive.
pub const MAX_DESCRIPTION_BYTES: usize = 256 * 1024;

/// What the store says about a release. Given at an upload, replaced at the next one that gives it; a release that replaces
/// another without giving it takes it over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreEntry {
    /// The category.
    pub category: CategoryId,
    /// The vendor.
    pub vendor: VendorId,
    /// One line or two, for lists.
    pub brief_description: String,
    /// The description; may be HTML, and is data to everything here.
    pub description: String,
}

impl StoreEntry {
    /// Refuses texts that are too long.
    pub fn check(&self) -> Result<(), AccountError> {
        bounded("short description", &self.brief_description, MAX_BRIEF_BYTES)?;
        bounded("description", &self.description, MAX_DESCRIPTION_BYTES)
    }
}

/// What has changed in what the store says about releases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryChanges {
    /// The later generation.
    pub generation: u64,
    /// What is said now about each release of which something else may have been said before, without the descriptions; none if
    /// nothing is.
    pub entries: Vec<(Sequence, Option<StoreEntry>)>,
}

/// What the store says about releases. Every change lets the catalog's generation grow.
pub trait StoreEntries: Send + Sync {
    /// What is said about each release, ordered by number, without the descriptions, which are empty here: lists do not show
    /// them. Releases of which nothing is said are not in it.
    fn store_entries(&self) -> Result<Vec<(Sequence, StoreEntry)>, AccountError>;

    /// What has changed since a generation: putting it over what [`Self::store_entries`] said then gives what it says now. None if
    /// that is not known any more, see [`crate::Catalog::changes_since`].
    fn store_entries_since(&self, generation: u64) -> Result<Option<EntryChanges>, AccountError>;

    /// What is said about a release, all of it.
    fn store_entry(&self, release: Sequence) -> Result<Option<StoreEntry>, AccountError>;

    /// Says something about a release, in place of what was said before. [`AccountError::Gone`] if the release, the category
    /// or the vendor is not there any more; [`AccountError::TooLong`] for texts over the limits.
    fn set_store_entry(&self, release: Sequence, entry: &StoreEntry) -> Result<(), AccountError>;
}
