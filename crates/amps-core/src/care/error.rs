//! Why a store could not be copied, restored or looked through.

use std::{io, path::PathBuf};

use crate::{blob::BlobError, catalog::CatalogError, error::Error, model::BlobId};

/// Why a store could not be copied, restored or looked through.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CareError {
    /// The destination of a backup is taken.
    #[error("{} is there already: expected a new name, or an earlier backup of this store to update", quoted(.path))]
    Exists {
        /// The destination.
        path: PathBuf,
    },
    /// An unfinished backup is not to be trusted with secrets.
    #[error("{} is no folder of this user alone: expected one with mode 0700, or none", quoted(.path))]
    NotPrivate {
        /// The folder.
        path: PathBuf,
    },
    /// Another process writes the same backup.
    #[error("{} is being written by the process with id {pid}", quoted(.path))]
    Busy {
        /// The folder of the backup.
        path: PathBuf,
        /// What its lock says; `unknown` if it says nothing.
        pid: String,
    },
    /// The backup that is to be updated is one of something else.
    #[error("{} is a backup of {}: expected one of {}", quoted(.path), ampkg::quoted(.found), ampkg::quoted(.expected))]
    OtherStore {
        /// The backup.
        path: PathBuf,
        /// Whose backup it is.
        found: String,
        /// Whose it should be.
        expected: String,
    },
    /// The store has lost what the backup that is to be updated has.
    #[error("{} is of generation {found}, and the store of generation {expected}: it is older than its backup", quoted(.path))]
    StoreIsOlder {
        /// The backup.
        path: PathBuf,
        /// The generation of the backup.
        found: u64,
        /// The generation of the store.
        expected: u64,
    },
    /// A file is not what a backup has.
    #[error("{} cannot be used: {problem}", quoted(.path))]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A later version made the backup.
    #[error("{} has format version {found}: this version knows {known} at most; use a newer amps", quoted(.path))]
    TooNew {
        /// The statement of the backup.
        path: PathBuf,
        /// Its format version.
        found: u64,
        /// The newest one that is known.
        known: u64,
    },
    /// Bytes that a release needs are not there.
    #[error("the blob {id} is missing, and a release needs it")]
    BlobMissing {
        /// Its name.
        id: BlobId,
    },
    /// Bytes are not those that were stored.
    #[error("the blob {id} is damaged: its SHA-256 is {found}")]
    BlobDamaged {
        /// Its name, which is what its hash should be.
        id: BlobId,
        /// What its hash is.
        found: BlobId,
    },
    /// The catalog is damaged.
    #[error("the catalog {} is damaged: {found}", quoted(.path))]
    CatalogDamaged {
        /// Its file.
        path: PathBuf,
        /// What is wrong with it.
        found: String,
    },
    /// Packages are replaced faster than they are copied.
    #[error(
        "after {attempts} copies of the catalog there were still packages that were gone before they were copied"
    )]
    TooMuchChange {
        /// How many copies were made.
        attempts: u32,
    },
    /// A backup is restored into nothing but an empty directory.
    #[error("the data directory {} is not empty: there is {}", quoted(.path), quoted(.found))]
    NotEmpty {
        /// The data directory.
        path: PathBuf,
        /// Something in it.
        found: PathBuf,
    },
    /// The catalog failed.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The blob store failed.
    #[error(transparent)]
    Blob(#[from] BlobError),
    /// The data directory cannot be used.
    #[error(transparent)]
    DataDirectory(#[from] Error),
    /// A blob cannot be copied.
    #[error("cannot copy the blob {id}")]
    Copy {
        /// Its name.
        id: BlobId,
        /// Why not.
        source: io::Error,
    },
}

fn quoted(path: &std::path::Path) -> String {
    ampkg::quoted(&path.to_string_lossy())
}
