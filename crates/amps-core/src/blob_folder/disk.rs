//! What files need beyond [`std::fs`]: names that survive a power cut, temporary names, errors with a path.

use std::{
    fs::{self, DirEntry, Metadata},
    io,
    path::Path,
};

use crate::blob::BlobError;

/// How the names of temporary files begin and end. No package has such a name, and no blob.
const TEMPORARY: (&str, &str) = (".amps-", ".tmp");

/// Adds to an I/O error what was to be done, and with which file.
pub(crate) trait ErrorAt {
    /// The error with its circumstances.
    fn at(self, action: &'static str, path: &Path) -> BlobError;
}

impl ErrorAt for io::Error {
    fn at(self, action: &'static str, path: &Path) -> BlobError {
        BlobError::Io { action, path: path.to_owned(), source: self }
    }
}

/// The same for a result.
pub(crate) trait Doing<T> {
    /// The result, with the error's circumstances.
    fn doing(self, action: &'static str, path: &Path) -> Result<T, BlobError>;
}

impl<T> Doing<T> for io::Result<T> {
    fn doing(self, action: &'static str, path: &Path) -> Result<T, BlobError> {
        self.map_err(|error| error.at(action, path))
    }
}

/// Nothing instead of an error if there is no such file.
fn unless_missing<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        result => result.map(Some),
    }
}

/// What is in a folder.
pub(crate) fn entries(folder: &Path) -> Result<Vec<DirEntry>, BlobError> {
    fs::read_dir(folder).and_then(Iterator::collect).doing("list", folder)
}

/// The same; a folder that is not there has nothing in it.
pub(crate) fn entries_if_there(folder: &Path) -> Result<Vec<DirEntry>, BlobError> {
    let entries = unless_missing(fs::read_dir(folder).and_then(Iterator::collect)).doing("list", folder)?;
    Ok(entries.unwrap_or_default())
}

/// What is known of a file, without following a symbolic link; none if there is no such file.
pub(crate) fn metadata(path: &Path) -> Result<Option<Metadata>, BlobError> {
    unless_missing(fs::symlink_metadata(path)).doing("inspect", path)
}

/// Removes a file; one that is not there is as good as removed.
pub(crate) fn remove_file(path: &Path) -> Result<(), BlobError> {
    unless_missing(fs::remove_file(path)).doing("remove", path).map(drop)
}

/// Removes all that is in a folder.
pub(crate) fn empty(folder: &Path) -> Result<(), BlobError> {
    for entry in entries(folder)? {
        let path = entry.path();
        if entry.file_type().doing("inspect", &path)?.is_dir() {
            fs::remove_dir_all(&path).doing("remove", &path)?;
        } else {
            remove_file(&path)?;
        }
    }
    Ok(())
}

/// Makes a folder in one that is there, so that it survives a power cut.
pub(crate) fn create_folder(folder: &Path) -> Result<(), BlobError> {
    match fs::create_dir(folder) {
        Ok(()) => sync_folder(folder_of(folder)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error.at("create", folder)),
    }
}

/// The folder that a file is in.
pub(crate) fn folder_of(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) => Path::new("."),
        // The root of a file system is in itself.
        None => file,
    }
}

/// Brings the names in a folder safely to disk: what was made, renamed or removed in it survives a power cut.
#[cfg(unix)]
pub(crate) fn sync_folder(folder: &Path) -> Result<(), BlobError> {
    match fs::File::open(folder).and_then(|folder| folder.sync_all()) {
        // Some file systems, most of them on a network, say that this cannot be asked of a folder.
        Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => {
            Ok(())
        }
        result => result.doing("sync", folder),
    }
}

/// Other systems have no such call: there the file system sees to it.
#[cfg(not(unix))]
#[allow(clippy::unnecessary_wraps)]
pub(crate) fn sync_folder(_: &Path) -> Result<(), BlobError> {
    Ok(())
}

/// Makes temporary files that nobody can write to but who made them.
///
/// Blobs are shared by name (hard links) and never changed: `cp` over one fails instead of changing it.
pub(crate) fn temporary() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY.0).suffix(TEMPORARY.1).rand_bytes(16);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o444));
    builder
}

/// Whether a file has a name as [`temporary`] gives it.
pub(crate) fn is_temporary(name: &std::ffi::OsStr) -> bool {
    let name = name.as_encoded_bytes();
    name.starts_with(TEMPORARY.0.as_bytes()) && name.ends_with(TEMPORARY.1.as_bytes())
}

/// How many names a file has; one where the system does not tell.
#[cfg(unix)]
pub(crate) fn names(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::nlink(metadata)
}

/// How many names a file has; one where the system does not tell.
#[cfg(not(unix))]
pub(crate) fn names(_: &Metadata) -> u64 {
    1
}

/// Which file it is, whatever its names: device and inode. None where the system does not tell.
#[cfg(unix)]
#[allow(clippy::unnecessary_wraps)]
pub(crate) fn identity(metadata: &Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    Some((metadata.dev(), metadata.ino()))
}

/// Which file it is, whatever its names: device and inode. None where the system does not tell.
#[cfg(not(unix))]
pub(crate) fn identity(_: &Metadata) -> Option<(u64, u64)> {
    None
}
