//! The folder of a backup, and how its files are read: whoever made it may have made it to do harm.
//!
//! ```text
//! BACKUP/backup.json           what is in it; written last
//! BACKUP/catalog-1.db          the catalog; the number is in backup.json
//! BACKUP/amps-config-1.yaml    the configuration, if there was one
//! BACKUP/blobs/ab/abcdef…      the packages and icons, as in a data directory
//! ```

use std::{
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use ampkg::Digest;
use sha2::{Digest as _, Sha256};

use super::{
    CareError, FileStatement, Statement,
    statement::{MAX_STATEMENT_BYTES, STATEMENT_FILE},
};
use crate::blob_folder::disk::{self, Doing as _};

/// The folder of a backup.
#[derive(Debug)]
pub(super) struct BackupFolder {
    pub(super) path: PathBuf,
}

impl BackupFolder {
    pub(super) fn catalog(&self, number: u32) -> PathBuf {
        self.path.join(format!("catalog-{number}.db"))
    }

    pub(super) fn configuration(&self, number: u32) -> PathBuf {
        self.path.join(format!("amps-config-{number}.yaml"))
    }

    pub(super) fn statement_file(&self) -> PathBuf {
        self.path.join(STATEMENT_FILE)
    }

    /// What the backup says of itself.
    pub(super) fn statement(&self) -> Result<Statement, CareError> {
        let path = self.statement_file();
        let mut text = Vec::new();
        let file = open(&path)?;
        file.take(MAX_STATEMENT_BYTES + 1).read_to_end(&mut text).doing("read", &path)?;
        if text.len() as u64 > MAX_STATEMENT_BYTES {
            let problem = format!("it has more than {MAX_STATEMENT_BYTES} bytes");
            return Err(CareError::Unusable { path, problem });
        }
        Statement::parse(&text, path)
    }
}

/// Opens a regular file; not what a symbolic link leads to, and nothing that has no end.
pub(super) fn open(path: &Path) -> Result<File, CareError> {
    match disk::metadata(path)? {
        Some(metadata) if metadata.is_file() => Ok(File::open(path).doing("open", path)?),
        Some(_) => Err(CareError::Unusable { path: path.into(), problem: "it is not a regular file".into() }),
        None => Err(CareError::Unusable { path: path.into(), problem: "there is no such file".into() }),
    }
}

/// Reads a file to its end, into something, and says what it was.
pub(super) fn read_through(path: &Path, into: &mut impl io::Write) -> Result<FileStatement, CareError> {
    let mut file = open(path)?;
    let mut hashed = Hashed { into, hash: Sha256::new() };
    let size_bytes = io::copy(&mut file, &mut hashed).doing("read", path)?;
    Ok(FileStatement { sha256: Digest(hashed.hash.finalize().into()).to_string(), size_bytes })
}

/// The same, if it is what a backup says that it is.
pub(super) fn read_stated(
    path: &Path,
    stated: &FileStatement,
    into: &mut impl io::Write,
) -> Result<(), CareError> {
    let found = open(path)?.metadata().doing("inspect", path)?.len();
    let problem = |what: &str, found: &dyn std::fmt::Display, expected: &dyn std::fmt::Display| {
        let problem = format!("its {what} is {found}: expected {expected}, as in {STATEMENT_FILE}");
        CareError::Unusable { path: path.into(), problem }
    };
    if found != stated.size_bytes {
        return Err(problem("size in bytes", &found, &stated.size_bytes));
    }
    let found = read_through(path, into)?;
    if found != *stated {
        return Err(problem("SHA-256", &found.sha256, &ampkg::quoted(&stated.sha256)));
    }
    Ok(())
}

struct Hashed<'a, W> {
    into: &'a mut W,
    hash: Sha256,
}

impl<W: io::Write> io::Write for Hashed<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.into.write(bytes)?;
        self.hash.update(bytes.get(..count).unwrap_or_default());
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.into.flush()
    }
}
