//! The seam to whatever keeps the bytes.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use crate::model::BlobId;

/// Keeps immutable bytes under their hash.
pub trait BlobStore: Send + Sync {
    /// Begins a blob whose name is not known yet. If it is dropped before it is committed, nothing remains of it.
    fn stage(&self) -> Result<Box<dyn StagedBlob>, BlobError>;

    /// Opens a blob for reading. It stays readable as long as it is open, whatever happens to its name.
    fn open(&self, id: &BlobId) -> Result<Arc<dyn Blob>, BlobError>;

    /// Removes a blob; one that is not there is as good as removed.
    fn remove(&self, id: &BlobId) -> Result<(), BlobError>;

    /// All blobs, in no order.
    fn list(&self) -> Result<Vec<StoredBlob>, BlobError>;

    /// Makes `file` hold the bytes of a blob, in one step in place of what was there: as a hard link where that works, else
    /// as a copy.
    fn export(&self, id: &BlobId, file: &Path) -> Result<(), BlobError>;
}

/// A blob that is being written.
pub trait StagedBlob: Write + Send {
    /// Brings what was written safely to disk; the slow part of committing.
    fn sync(&mut self) -> Result<(), BlobError>;

    /// Opens what was written so far for reading.
    fn open(&self) -> Result<Arc<dyn Blob>, BlobError>;

    /// Gives it its name; from now on it can be opened and survives a crash. The caller has hashed what was written. A blob
    /// of that name that is there already stays, but counts as new.
    fn commit(self: Box<Self>, id: &BlobId) -> Result<(), BlobError>;
}

/// A blob that is open.
pub trait Blob: Send + Sync {
    /// Its size.
    fn size_bytes(&self) -> u64;

    /// Reads some bytes at an offset, like [`std::io::Read::read`]; 0 at the end.
    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<usize>;

    /// The same, but only if nothing has to be waited for; none if it has to, or nobody can tell. So it may be called where
    /// nothing must block.
    fn read_at_hand(&self, offset: u64, into: &mut [u8]) -> io::Result<Option<usize>> {
        let _ = (offset, into);
        Ok(None)
    }
}

/// A blob in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredBlob {
    /// Its name.
    pub id: BlobId,
    /// Its size.
    pub size_bytes: u64,
    /// When it was committed last.
    pub committed: SystemTime,
}

/// Why a blob could not be kept or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BlobError {
    /// There is none of that name.
    #[error("there is no blob {id}")]
    NotFound {
        /// The name.
        id: BlobId,
    },
    /// Somebody has written into it.
    #[error("the blob {id} was changed: found {found_bytes} bytes: expected {expected_bytes}")]
    Changed {
        /// Its name.
        id: BlobId,
        /// How many bytes it has.
        found_bytes: u64,
        /// How many it had.
        expected_bytes: u64,
    },
    /// The file system failed.
    #[error("cannot {action} `{}`", .path.display())]
    Io {
        /// What was to be done, like `create`.
        action: &'static str,
        /// With which file.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
}
