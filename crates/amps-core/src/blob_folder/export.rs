//! A blob under a second name, outside the store.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

use super::{
    Folder,
    disk::{self, Doing as _, ErrorAt as _},
    missing,
};
use crate::{blob::BlobError, model::BlobId};

/// Makes `file` hold the bytes of a blob.
pub(super) fn export(folder: &Folder, id: &BlobId, file: &Path) -> Result<(), BlobError> {
    let blob = folder.path(id);
    let source = {
        // Under the lock the blob cannot go: what is not found below is the destination.
        let _names = folder.lock_names();
        let source = File::open(&blob).map_err(|error| missing(id, "open", &blob, error))?;
        if is_same(&source, &blob, file)? || link(&blob, file)? == Linked::Done {
            return Ok(());
        }
        source
    };
    copy(source, file)
}

/// Whether a file has one of its names at `path`.
fn is_same(file: &File, name: &Path, path: &Path) -> Result<bool, BlobError> {
    let identity = disk::identity(&file.metadata().doing("inspect", name)?);
    Ok(identity.is_some() && disk::metadata(path)?.and_then(|metadata| disk::identity(&metadata)) == identity)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Linked {
    Done,
    /// These two folders are not for hard links.
    NotPossible,
}

fn link(blob: &Path, file: &Path) -> Result<Linked, BlobError> {
    match disk::temporary().make_in(disk::folder_of(file), |name| fs::hard_link(blob, name)) {
        Ok(name) => {
            rename(name, file)?;
            Ok(Linked::Done)
        }
        Err(error) if is_for_copying(&error) => Ok(Linked::NotPossible),
        Err(error) => Err(error.at("create", file)),
    }
}

/// Whether a hard link failed in a way in which a copy would not: another file system, one without links, too many links
/// already, a rule against linking what belongs to somebody else.
fn is_for_copying(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::CrossesDevices
            | io::ErrorKind::PermissionDenied
            | io::ErrorKind::TooManyLinks
            | io::ErrorKind::Unsupported
    )
}

pub(super) fn copy(mut source: File, file: &Path) -> Result<(), BlobError> {
    let folder = disk::folder_of(file);
    let mut copy = disk::temporary().tempfile_in(folder).doing("create a file in", folder)?;
    io::copy(&mut source, copy.as_file_mut()).doing("write", file)?;
    copy.as_file().sync_all().doing("sync", file)?;
    rename(copy, file)
}

/// Puts a temporary file in place of `file`.
fn rename<F>(temporary: NamedTempFile<F>, file: &Path) -> Result<(), BlobError> {
    let name: PathBuf = temporary.path().to_owned();
    temporary.persist(file).map_err(|error| error.error).doing("create", file)?;
    // Renaming one hard link over another of the same file does nothing (POSIX `rename`): both names are there then. That
    // is so if somebody else has exported the blob at this moment.
    disk::remove_file(&name)?;
    disk::sync_folder(disk::folder_of(file))
}
