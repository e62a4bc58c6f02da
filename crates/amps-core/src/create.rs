//! Making a package of a folder.

use std::{
    fs::File,
    io::{BufWriter, Write as _},
    num::NonZero,
    path::{Path, PathBuf},
    thread,
};

use ampkg::{Digest, DigestForm, Header, ParallelGzip, Skipped, Tree, yaml::Map};

use crate::error::Error;

/// What goes into a package besides the files.
#[derive(Clone, Debug, Default)]
pub struct CreateOptions {
    /// Metadata that the digest does not cover.
    pub extra: Map,
    /// Metadata that the digest covers.
    pub extra_signed: Map,
    /// For which generation of devices the digest is, where that makes a difference.
    pub form: DigestForm,
}

/// A package that was made.
#[derive(Debug)]
pub struct Created {
    /// Its header.
    pub header: Header,
    /// Its digest.
    pub digest: Digest,
    /// What lies in the folder and was not packed.
    pub skipped: Vec<Skipped>,
}

/// Makes a package of a folder. It appears under its name when it is complete; if anything fails, what was there before is
/// still there, and nothing else.
pub fn create_package(package: &Path, folder: &Path, options: CreateOptions) -> Result<Created, Error> {
    let io = |action, path: &Path| {
        let path = path.to_owned();
        move |source| Error::Io { action, path, source }
    };
    if package.is_dir() {
        return Err(io("write a package over the folder", package)(std::io::ErrorKind::IsADirectory.into()));
    }
    let tree = Tree::scan(folder, Some(package))?;
    let header = tree.header(options.extra, options.extra_signed);
    let destination = parent(package);
    let file = new_file(&destination).map_err(io("create a file in", &destination))?;
    let threads = thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
    let gzip = ParallelGzip::new(BufWriter::new(file), threads).map_err(io("write", package))?;
    let (gzip, digest) = tree.write(gzip, &header, options.form)?;
    let file = gzip
        .finish()
        .and_then(|mut buffered| buffered.flush().map(|()| buffered))
        .and_then(|buffered| buffered.into_inner().map_err(std::io::IntoInnerError::into_error))
        .map_err(io("write", package))?;
    file.as_file().sync_data().map_err(io("write", package))?;
    file.persist(package).map_err(|error| io("write", package)(error.error))?;
    Ok(Created { header, digest, skipped: tree.skipped })
}

pub(crate) fn parent(package: &Path) -> PathBuf {
    match package.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.into(),
        _ => PathBuf::from("."),
    }
}

/// A temporary file that will be as readable as any other new one.
pub(crate) fn new_file(folder: &Path) -> std::io::Result<tempfile::NamedTempFile<File>> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".amps-packager-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(std::fs::Permissions::from_mode(0o666)); // less the umask
    }
    builder.tempfile_in(folder)
}
