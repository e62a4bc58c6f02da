//! A catalog that is damaged makes room for a new one, and is kept.

use std::{
    ffi::OsString,
    fmt, fs, io,
    path::{Path, PathBuf},
};

use amps_core::CatalogError;
use rusqlite::ErrorCode;

use crate::{
    SqliteCatalog,
    connections::{Connections, sync_folder_of},
    error::{Fault, OpenError, code},
};

/// What SQLite puts behind the name of a database for the files that belong to it, and the database itself. In this order: without
/// its log, the database is one of a moment before; a log without its database is thrown away by SQLite.
const SUFFIXES: [&str; 4] = ["-wal", "-journal", "-shm", ""];

/// A damaged catalog that was set aside.
#[derive(Debug)]
pub struct SetAside {
    /// Where its file lies now; its write-ahead log, if it had one, lies beside it.
    pub path: PathBuf,
    /// What is wrong with it.
    pub damage: CatalogError,
}

/// One line for people: what happened, what it costs, where the old one is.
impl fmt::Display for SetAside {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, damage } = self;
        let (damage, path) = (amps_core::chain(damage), ampkg::quoted(&path.to_string_lossy()));
        write!(
            formatter,
            "{damage}; it lies in {path} now, and a new one is made from the packages: lost is when and by whom they were uploaded, and every user, vendor and category"
        )
    }
}

impl SqliteCatalog {
    /// Opens the catalog in a file after having looked through all of it. One that is damaged is renamed, to `NAME.damaged-1` or
    /// the next number that is free, and a new one is made.
    ///
    /// What only shows that the file could not be used this time (no permission, a full disk, another process that writes) is
    /// an error, and so is a file that is not damaged but not ours, or of a later version. Such a file is left as it is.
    pub fn open_or_set_aside(path: &Path) -> Result<(Self, Option<SetAside>), CatalogError> {
        let damage = match Self::new(checked(path)) {
            Ok(catalog) => return Ok((catalog, None)),
            Err(error) if is_damage(&error) => error,
            Err(error) => return Err(error),
        };
        let aside = rename(path).map_err(|fault| fault.during("set its damaged database aside"))?;
        Ok((Self::open(path)?, Some(SetAside { path: aside, damage })))
    }
}

fn checked(path: &Path) -> Result<Connections, Fault> {
    let size = |suffix| fs::metadata(with_suffix(path, suffix)).map_or(0, |metadata| metadata.len());
    // SQLite would take it for a new one and throw the log away.
    if size("") == 0 && size("-wal") > 0 {
        return Err(Fault::damaged("the database", "empty, but its write-ahead log is not"));
    }
    Connections::to_checked_file(path)
}

/// Tells a file that holds what cannot be from one that could not be read.
pub(crate) fn is_damage(error: &CatalogError) -> bool {
    match error {
        CatalogError::Damaged { .. } => true,
        CatalogError::Backend { source, .. } => {
            let code = source.downcast_ref().and_then(code);
            matches!(code, Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
        }
        _ => false,
    }
}

/// Gives the database and its files other names; returns that of the database.
fn rename(path: &Path) -> Result<PathBuf, Fault> {
    let is_free = |aside: &Path| SUFFIXES.iter().all(|suffix| !exists(&with_suffix(aside, suffix)));
    let asides = (1..=u32::MAX).map(|number| with_suffix(path, &format!(".damaged-{number}")));
    let Some(aside) = asides.into_iter().find(|aside| is_free(aside)) else {
        let source = io::ErrorKind::AlreadyExists.into();
        return Err(OpenError::Rename { path: path.to_owned(), source }.into());
    };
    for suffix in SUFFIXES {
        let from = with_suffix(path, suffix);
        match fs::rename(&from, with_suffix(&aside, suffix)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            result => result.map_err(|source| OpenError::Rename { path: from, source })?,
        }
    }
    sync_folder_of(path)?;
    Ok(aside)
}

/// Also a symbolic link that leads nowhere is there.
fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}
