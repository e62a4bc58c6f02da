//! A backup becomes a data directory again.

use std::{
    collections::HashMap,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use super::{
    CareError, CatalogFiles, Statement,
    backup_folder::{BackupFolder, read_stated},
    copy,
};
use crate::{
    audit::{Action, AuditResult, Cause, NewAuditEntry},
    blob::BlobStore as _,
    blob_folder::{
        FolderBlobStore,
        disk::{self, Doing as _},
    },
    clock::Timestamp,
    data_dir::DataDir,
    model::BlobId,
};

/// The largest configuration that is restored, in bytes, inclusive: more than a server reads.
const MAX_CONFIGURATION_BYTES: u64 = 1024 * 1024;

/// What was restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// What the backup says of itself.
    pub statement: Statement,
}

/// Puts a backup into a data directory that is empty or not there; `configuration_file` is the name of the configuration in it.
///
/// The audit trail goes on with an entry about this, because of `cause`. Nothing gets its place before it was compared with its hash. One that was cut off is gone on with; until it is done, no server
/// starts in the directory. The files in `.packages` are made by the next start.
pub fn restore(
    source: &Path,
    data_directory: &Path,
    catalogs: &dyn CatalogFiles,
    configuration_file: &str,
    (cause, now): (&Cause, Timestamp),
    progress: &mut dyn FnMut(u64),
) -> Result<Restored, CareError> {
    let backup = BackupFolder { path: source.into() };
    let statement = backup.statement()?;
    check_empty(data_directory)?;
    let data = DataDir::claim(data_directory)?;
    // Again, now that nobody else can begin to use it.
    check_empty(data.path())?;
    let restoring = data.restoring();
    disk::create_folder(&restoring)?;
    let configuration = configuration(&backup, &statement)?;
    let catalog = restoring.join("catalog.db");
    disk::empty(&restoring)?;
    let mut file = private_file(&catalog)?;
    read_stated(&backup.catalog(statement.number), &statement.catalog, &mut file)?;
    file.sync_all().doing("sync", &catalog)?;
    drop(file);
    let blobs = check_catalog(catalogs, &catalog, &statement)?;
    let (from, to) = (FolderBlobStore::beside(source), FolderBlobStore::open(&data.amps())?);
    let there: HashMap<BlobId, u64> = to.list()?.into_iter().map(|blob| (blob.id, blob.size_bytes)).collect();
    for id in &blobs {
        // What an earlier try has copied was compared then.
        if !there.contains_key(id) && copy::copy(id, &from, &to, progress)?.is_none() {
            return Err(CareError::BlobMissing { id: *id });
        }
    }
    let entry = NewAuditEntry::new(now, Action::StoreRestore, cause, AuditResult::Done)
        .of(&source.to_string_lossy())
        .with("madeAt", Timestamp(statement.made_at).to_string())
        .with("generation", statement.generation.to_string());
    catalogs.settle_in(&catalog, entry)?;
    if let Some(text) = configuration {
        let path = data.path().join(configuration_file);
        let mut file = private_file(&path)?;
        file.write_all(&text).and_then(|()| file.sync_all()).doing("write", &path)?;
    }
    let place = data.catalog();
    fs::rename(&catalog, &place).doing("create", &place)?;
    for folder in [restoring.as_path(), &data.amps(), data.path(), disk::folder_of(data.path())] {
        disk::sync_folder(folder)?;
    }
    // Only now a server may start.
    fs::remove_dir_all(&restoring).doing("remove", &restoring)?;
    disk::sync_folder(&data.amps())?;
    Ok(Restored { statement })
}

/// Refuses a directory in which there is more than an earlier try of this has left.
fn check_empty(data_directory: &Path) -> Result<(), CareError> {
    let Some(metadata) = fs::metadata(data_directory).ok() else { return Ok(()) };
    let not_empty = |found: PathBuf| CareError::NotEmpty { path: data_directory.into(), found };
    if !metadata.is_dir() {
        return Err(not_empty(data_directory.into()));
    }
    let amps = data_directory.join(".amps");
    let was_cut_off = amps.join("restoring").is_dir();
    for entry in disk::entries(data_directory)? {
        let name = entry.file_name();
        let is_left = name == ".lock" || name == ".amps" || name == "lost+found" || was_cut_off;
        if !is_left {
            return Err(not_empty(entry.path()));
        }
    }
    if !amps.is_dir() || was_cut_off {
        return Ok(());
    }
    match disk::entries(&amps)?.into_iter().next() {
        Some(entry) => Err(not_empty(entry.path())),
        None => Ok(()),
    }
}

/// The text of the configuration that the backup has.
fn configuration(backup: &BackupFolder, statement: &Statement) -> Result<Option<Vec<u8>>, CareError> {
    let Some(stated) = &statement.configuration else { return Ok(None) };
    let path = backup.configuration(statement.number);
    if stated.size_bytes > MAX_CONFIGURATION_BYTES {
        let problem =
            format!("it has {} bytes: expected at most {MAX_CONFIGURATION_BYTES}", stated.size_bytes);
        return Err(CareError::Unusable { path, problem });
    }
    let mut text = Vec::new();
    read_stated(&path, stated, &mut text)?;
    Ok(Some(text))
}

/// Looks through the copy of the catalog; returns the blobs that it refers to.
fn check_catalog(
    catalogs: &dyn CatalogFiles,
    file: &Path,
    statement: &Statement,
) -> Result<Vec<BlobId>, CareError> {
    let catalog = catalogs.look(file)?;
    if let Some(found) = catalog.damage(1)?.into_iter().next() {
        return Err(CareError::CatalogDamaged { path: file.into(), found });
    }
    let mut blobs: Vec<BlobId> = catalog.blobs()?.into_iter().collect();
    blobs.sort();
    if blobs.len() as u64 != statement.blobs {
        let found = format!("the catalog refers to {} blobs: expected {}", blobs.len(), statement.blobs);
        return Err(CareError::Unusable { path: file.into(), problem: found });
    }
    Ok(blobs)
}

/// A new file, in place of what was there, that only its owner can read.
fn private_file(path: &Path) -> Result<fs::File, CareError> {
    disk::remove_file(path)?;
    let mut options = fs::File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    Ok(options.open(path).doing("create", path)?)
}
