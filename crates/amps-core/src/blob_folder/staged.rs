//! A blob that is being written to a file.

use std::{
    fs::File,
    io::{self, Write},
    path::Path,
    sync::Arc,
    time::SystemTime,
};

use tempfile::NamedTempFile;

use super::{
    Folder,
    disk::{self, Doing as _},
    file::OpenFile,
};
use crate::{
    blob::{Blob, BlobError, StagedBlob},
    model::BlobId,
    room::leave_room,
};

/// A blob that is being written. Every write is a call to the system: give it large pieces.
pub(super) struct StagedFile {
    /// Removes itself when it is dropped.
    file: NamedTempFile,
    is_synced: bool,
    /// Bytes that may be written before it is looked how much room is left.
    allowed_bytes: usize,
    folder: Arc<Folder>,
}

/// How often it is looked.
const LOOK_BYTES: usize = 256 * 1024;

impl StagedFile {
    pub(super) fn create(folder: Arc<Folder>) -> Result<Self, BlobError> {
        let staging = &folder.staging;
        let file = disk::temporary().tempfile_in(staging).doing("create a file in", staging)?;
        Ok(Self { file, is_synced: false, allowed_bytes: 0, folder })
    }
}

impl Write for StagedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.len() > self.allowed_bytes {
            leave_room(self.file.as_file(), bytes.len() as u64)?;
            self.allowed_bytes = bytes.len().max(LOOK_BYTES);
        }
        self.is_synced = false;
        let written = self.file.as_file_mut().write(bytes)?;
        self.allowed_bytes = self.allowed_bytes.saturating_sub(written);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl StagedBlob for StagedFile {
    fn sync(&mut self) -> Result<(), BlobError> {
        if !self.is_synced {
            self.file.as_file().sync_data().doing("sync", self.file.path())?;
            self.is_synced = true;
        }
        Ok(())
    }

    fn open(&self) -> Result<Arc<dyn Blob>, BlobError> {
        let path = self.file.path();
        let file = File::open(path).doing("open", path)?;
        let size_bytes = file.metadata().doing("inspect", path)?.len();
        Ok(Arc::new(OpenFile::new(file, size_bytes)))
    }

    fn commit(mut self: Box<Self>, id: &BlobId) -> Result<(), BlobError> {
        self.sync()?;
        let size_bytes = self.file.as_file().metadata().doing("inspect", self.file.path())?.len();
        let path = self.folder.path(id);
        let _names = self.folder.lock_names();
        disk::create_folder(disk::folder_of(&path))?;
        // One of another size is damaged: with the same hash it would be the same bytes.
        if has_file(&path, size_bytes)? {
            touch(&File::open(&path).doing("open", &path)?, &path)?;
        } else {
            touch(self.file.as_file(), self.file.path())?;
            self.file.persist(&path).map_err(|error| error.error).doing("create", &path)?;
        }
        disk::sync_folder(disk::folder_of(&path))
    }
}

fn has_file(path: &Path, size_bytes: u64) -> Result<bool, BlobError> {
    Ok(disk::metadata(path)?.is_some_and(|metadata| metadata.is_file() && metadata.len() == size_bytes))
}

/// Makes the time of modification the time at which the blob was committed.
fn touch(file: &File, path: &Path) -> Result<(), BlobError> {
    // The system's clock, as for every other time of a file.
    file.set_modified(SystemTime::now()).doing("set the time of", path)
}
