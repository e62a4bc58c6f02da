//! Blobs as files in a folder.

pub(crate) mod disk;
mod export;
mod file;
mod staged;
#[cfg(test)]
mod tests;

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use self::{
    disk::{Doing as _, ErrorAt as _},
    file::OpenFile,
    staged::StagedFile,
};
use crate::{
    blob::{Blob, BlobError, BlobStore, StagedBlob, StoredBlob},
    model::BlobId,
};

/// Keeps every blob as a file of its own, named by its hash and spread over 256 folders:
///
/// ```text
/// blobs/ab/abcdef…    a blob, read-only
/// staging/…           blobs that are being written
/// ```
///
/// A blob gets its name by a rename, after its bytes are on disk: under a name there is always a whole blob. Its
/// time of modification says when it was committed last.
#[derive(Clone, Debug)]
pub struct FolderBlobStore(Arc<Folder>);

/// How a blob got into a second store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shared {
    /// It is the same file.
    Linked,
    /// It is another file.
    Copied,
}

/// What the store and the blobs that it is writing share.
#[derive(Debug)]
struct Folder {
    blobs: PathBuf,
    staging: PathBuf,
    /// Held while the name of a blob appears, counts as new, or goes.
    names: Mutex<()>,
}

impl FolderBlobStore {
    /// Opens the store in the folder `root`, which is made if it is missing, and removes what a process that ended
    /// too early has left in `staging`. So `root` must belong to the caller alone: `DataDir` has a lock for that.
    pub fn open(root: &Path) -> Result<Self, BlobError> {
        let (blobs, staging) = (root.join("blobs"), root.join("staging"));
        for folder in [&blobs, &staging] {
            fs::create_dir_all(folder).doing("create", folder)?;
        }
        disk::empty(&staging)?;
        // Also `blobs`: what was made in it may not have reached the disk when the process ended.
        for folder in [disk::folder_of(root), root, &blobs] {
            disk::sync_folder(folder)?;
        }
        Ok(Self(Arc::new(Folder { blobs, staging, names: Mutex::new(()) })))
    }

    /// The store in a folder that may belong to another process: to be read only. Nothing is made and nothing is cleared away.
    pub fn beside(root: &Path) -> Self {
        let (blobs, staging) = (root.join("blobs"), root.join("staging"));
        Self(Arc::new(Folder { blobs, staging, names: Mutex::new(()) }))
    }

    /// Gives a blob of another store its name here too, as a hard link where that works, else as a copy.
    pub(crate) fn link_from(&self, other: &dyn BlobStore, id: &BlobId) -> Result<Shared, BlobError> {
        let path = self.0.path(id);
        disk::create_folder(disk::folder_of(&path))?;
        other.export(id, &path)?;
        let metadata = fs::symlink_metadata(&path).doing("inspect", &path)?;
        Ok(if disk::names(&metadata) > 1 { Shared::Linked } else { Shared::Copied })
    }
}

impl BlobStore for FolderBlobStore {
    fn stage(&self) -> Result<Box<dyn StagedBlob>, BlobError> {
        Ok(Box::new(StagedFile::create(self.0.clone())?))
    }

    fn open(&self, id: &BlobId) -> Result<Arc<dyn Blob>, BlobError> {
        let path = self.0.path(id);
        let file = File::open(&path).map_err(|error| missing(id, "open", &path, error))?;
        let metadata = file.metadata().doing("inspect", &path)?;
        if !metadata.is_file() {
            return Err(
                io::Error::new(io::ErrorKind::InvalidData, "it is not a regular file").at("open", &path)
            );
        }
        Ok(Arc::new(OpenFile::new(file, metadata.len())))
    }

    fn remove(&self, id: &BlobId) -> Result<(), BlobError> {
        let path = self.0.path(id);
        let _names = self.0.lock_names();
        // Not synced: a blob that comes back after a power cut is one that nothing refers to, and the sweep takes it.
        disk::remove_file(&path)
    }

    fn list(&self) -> Result<Vec<StoredBlob>, BlobError> {
        let mut blobs = Vec::new();
        // A data directory in which no server was yet has none.
        for folder in disk::entries_if_there(&self.0.blobs)? {
            if folder.file_type().doing("inspect", &folder.path())?.is_dir() {
                for entry in disk::entries(&folder.path())? {
                    blobs.extend(self.0.stored_blob(&entry)?);
                }
            }
        }
        Ok(blobs)
    }

    fn export(&self, id: &BlobId, file: &Path) -> Result<(), BlobError> {
        export::export(&self.0, id, file)
    }
}

impl Folder {
    fn path(&self, id: &BlobId) -> PathBuf {
        let name = id.to_string();
        let folder: String = name.chars().take(2).collect();
        self.blobs.join(folder).join(name)
    }

    fn lock_names(&self) -> MutexGuard<'_, ()> {
        // The lock keeps nothing that a panic could leave half-done.
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The blob that a file in one of the folders is; none if it is something else, or gone meanwhile.
    fn stored_blob(&self, entry: &fs::DirEntry) -> Result<Option<StoredBlob>, BlobError> {
        let path = entry.path();
        let name = entry.file_name();
        let Some(id) = name.to_str().and_then(|name| name.parse::<BlobId>().ok()) else { return Ok(None) };
        // A blob in the wrong folder, or with its name in capitals, would not be found under its id.
        if self.path(&id) != path {
            return Ok(None);
        }
        let Some(metadata) = disk::metadata(&path)?.filter(fs::Metadata::is_file) else { return Ok(None) };
        let committed = metadata.modified().doing("inspect", &path)?;
        Ok(Some(StoredBlob { id, size_bytes: metadata.len(), committed }))
    }
}

/// Tells a blob that is not there from a file system that fails.
fn missing(id: &BlobId, action: &'static str, path: &Path, error: io::Error) -> BlobError {
    match error.kind() {
        io::ErrorKind::NotFound => BlobError::NotFound { id: *id },
        _ => error.at(action, path),
    }
}
