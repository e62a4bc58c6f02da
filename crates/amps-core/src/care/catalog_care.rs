//! The seam to catalogs as files: what looking after a store needs beyond using it.

use std::path::Path;

use crate::{
    audit::{Break, NewAuditEntry, Verification},
    catalog::{Catalog, CatalogError},
};

/// A catalog that is looked at, while others may change it.
pub trait CatalogCare: Catalog {
    /// Makes a file that is not there yet, which only its owner can read, hold a copy of the catalog as it is at one moment;
    /// opens that to look at it.
    fn copy_to(&self, file: &Path) -> Result<Box<dyn CatalogCare>, CatalogError>;

    /// What is damaged, in words for people, at most so many of them. Nothing: all that can be checked is as it should be.
    fn damage(&self, limit: u32) -> Result<Vec<String>, CatalogError>;

    /// Whether the audit trail is whole, and what is wrong with it if not.
    fn audit_trail(&self) -> Result<Result<Verification, Break>, CatalogError>;

    /// In which form the catalog is.
    fn schema_version(&self) -> Result<SchemaVersion, CatalogError>;
}

/// The form of a catalog. [`Catalog::blobs`] and [`Catalog::generation`] work with all of them, the rest with the newest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SchemaVersion {
    /// The version that it has.
    pub found: i64,
    /// The newest version, to which a server brings it when it starts.
    pub newest: i64,
}

/// Opens catalogs in files.
pub trait CatalogFiles {
    /// Opens one that is there, to look at it: nothing is written to it, not even to bring it up to date.
    fn look(&self, file: &Path) -> Result<Box<dyn CatalogCare>, CatalogError>;

    /// Whether opening one failed because of what is in the file, and not because it could not be used at that moment.
    fn is_damage(&self, error: &CatalogError) -> bool;

    /// Makes a copy ready to be used in another place: brings it up to date, forgets how the files in `.packages` looked, so
    /// that they are made there and not taken for deleted, and goes on with its audit trail.
    fn settle_in(&self, file: &Path, audit: NewAuditEntry) -> Result<(), CatalogError>;
}
