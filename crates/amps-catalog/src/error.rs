//! What can go wrong between here and SQLite.

use std::{io, path::PathBuf};

use amps_core::CatalogError;
use rusqlite::ErrorCode;

use crate::schema::APPLICATION_ID;

/// Why a file is not opened as a catalog, in a [`CatalogError::Backend`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Another application's database.
    #[error(
        "{} is the database of another application: its application id is {found:#010x}, expected {APPLICATION_ID:#010x}",
        ampkg::quoted(&.path.to_string_lossy())
    )]
    Foreign {
        /// The file.
        path: PathBuf,
        /// Its application id; 0 is that of no application in particular.
        found: i32,
    },
    /// A damaged file cannot be given another name.
    #[error("cannot rename {}", ampkg::quoted(&.path.to_string_lossy()))]
    Rename {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The file cannot be copied now.
    #[error("another process writes to the database for too long: {} is not made", ampkg::quoted(&.path.to_string_lossy()))]
    Busy {
        /// The copy.
        path: PathBuf,
    },
    /// A file that is only looked at cannot be brought up to date.
    #[error(
        "{} has schema version {found}: expected {newest}; the next start of a server brings it up to date",
        ampkg::quoted(&.path.to_string_lossy())
    )]
    Old {
        /// The file.
        path: PathBuf,
        /// Its schema version.
        found: i64,
        /// The one that this version writes.
        newest: i64,
    },
    /// A new file, or its name, cannot be brought safely to disk.
    #[error("cannot sync {}", ampkg::quoted(&.path.to_string_lossy()))]
    Sync {
        /// The file, or the folder with it.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

/// What went wrong, before it is said during what.
#[derive(Debug)]
pub(crate) enum Fault {
    Sqlite(rusqlite::Error),
    Open(OpenError),
    Range(OutOfRange),
    Json(serde_json::Error),
    Catalog(CatalogError),
}

/// A number that SQLite has no place for.
#[derive(Debug, thiserror::Error)]
#[error("{what} is {found}: expected at most {}", i64::MAX)]
pub(crate) struct OutOfRange {
    pub(crate) what: &'static str,
    pub(crate) found: u64,
}

/// What SQLite calls an error, also one in a statement: a damaged schema shows when a statement is prepared.
pub(crate) fn code(error: &rusqlite::Error) -> Option<ErrorCode> {
    match error {
        rusqlite::Error::SqlInputError { error, .. } => Some(error.code),
        error => error.sqlite_error_code(),
    }
}

impl Fault {
    pub(crate) fn damaged(what: &'static str, found: impl Into<String>) -> Self {
        Self::Catalog(CatalogError::Damaged { what, found: found.into() })
    }

    pub(crate) fn during(self, action: &'static str) -> CatalogError {
        let source = match self {
            // As the file system says it, so that whoever knows nothing of SQLite knows what to do.
            Self::Sqlite(error) if code(&error) == Some(ErrorCode::DiskFull) => {
                io::Error::new(io::ErrorKind::StorageFull, error).into()
            }
            Self::Sqlite(error) => error.into(),
            Self::Open(error) => error.into(),
            Self::Range(error) => error.into(),
            Self::Json(error) => error.into(),
            Self::Catalog(error) => return error,
        };
        CatalogError::Backend { action, source }
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<OpenError> for Fault {
    fn from(error: OpenError) -> Self {
        Self::Open(error)
    }
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        Self::Json(error)
    }
}

impl From<CatalogError> for Fault {
    fn from(error: CatalogError) -> Self {
        Self::Catalog(error)
    }
}
