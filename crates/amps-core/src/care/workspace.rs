//! A backup that is being written: at first under a name beside its own, so that under its own there is always a whole one.

use std::{
    ffi::OsString,
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::Write as _,
    path::{Path, PathBuf},
};

use super::{CareError, Existing, Statement, backup_folder::BackupFolder};
use crate::{
    blob_folder::disk::{self, Doing as _},
    data_dir,
};

const LOCK: &str = ".lock";

/// A backup that is being written.
#[derive(Debug)]
pub(super) struct Workspace {
    pub(super) folder: BackupFolder,
    /// What the backup says that is being updated.
    pub(super) earlier: Option<Statement>,
    /// The name that the folder gets at the end.
    destination: PathBuf,
    _lock: File,
}

impl Workspace {
    /// Begins a backup, or goes on with one that was cut off: a blob that has its name there is whole.
    pub(super) fn begin(destination: &Path, existing: Existing) -> Result<Self, CareError> {
        let is_there = disk::metadata(destination)?.is_some();
        let path = match (is_there, existing) {
            (false, _) => {
                let path = unfinished(destination);
                create_private(&path)?;
                path
            }
            (true, Existing::Refuse) => return Err(CareError::Exists { path: destination.into() }),
            (true, Existing::Update) => destination.into(),
        };
        let lock = lock(&path)?;
        let folder = BackupFolder { path };
        let earlier = if is_there { Some(folder.statement()?) } else { None };
        Ok(Self { folder, earlier, destination: destination.into(), _lock: lock })
    }

    /// The number of this backup.
    pub(super) fn number(&self) -> u32 {
        self.earlier.as_ref().map_or(1, |earlier| earlier.number.saturating_add(1))
    }

    /// Writes a file that only its owner can read, in one step.
    pub(super) fn write(&self, file: &Path, bytes: &[u8]) -> Result<(), CareError> {
        let folder = &self.folder.path;
        // Temporary files are made with mode 0600.
        let mut temporary = tempfile::NamedTempFile::new_in(folder).doing("create a file in", folder)?;
        temporary.write_all(bytes).doing("write", file)?;
        temporary.as_file().sync_all().doing("sync", file)?;
        temporary.persist(file).map_err(|error| error.error).doing("create", file)?;
        Ok(disk::sync_folder(folder)?)
    }

    /// Removes what an earlier try has left of the catalog.
    pub(super) fn remove_catalog(&self) -> Result<(), CareError> {
        let file = self.folder.catalog(self.number());
        for suffix in ["-journal", ""] {
            let mut name = OsString::from(&file);
            name.push(suffix);
            disk::remove_file(Path::new(&name))?;
        }
        Ok(())
    }

    /// Gives the backup its name, after its statement was written. Then goes what only the one before needed.
    pub(super) fn finish(self) -> Result<(), CareError> {
        let number = self.number();
        let kept = [self.folder.catalog(number), self.folder.configuration(number)];
        for entry in disk::entries(&self.folder.path)? {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let is_numbered = name.starts_with("catalog-") || name.starts_with("amps-config-");
            if (is_numbered || name.starts_with(".tmp")) && !kept.contains(&entry.path()) {
                disk::remove_file(&entry.path())?;
            }
        }
        let staging = self.folder.path.join("staging");
        fs::remove_dir(&staging).doing("remove", &staging)?;
        disk::remove_file(&self.folder.path.join(LOCK))?;
        disk::sync_folder(&self.folder.path)?;
        if self.folder.path != self.destination {
            fs::rename(&self.folder.path, &self.destination).doing("rename", &self.folder.path)?;
            disk::sync_folder(disk::folder_of(&self.destination))?;
        }
        Ok(())
    }
}

fn unfinished(destination: &Path) -> PathBuf {
    let mut name = OsString::from(destination.components().as_path());
    name.push(".unfinished");
    name.into()
}

/// Makes a folder that only this user can look into; one that is there must be such a one.
fn create_private(path: &Path) -> Result<(), CareError> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(path) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
        result => {
            result.doing("create", path)?;
            disk::sync_folder(disk::folder_of(path))?;
        }
    }
    if disk::metadata(path)?.is_some_and(|metadata| is_private(&metadata)) {
        Ok(())
    } else {
        Err(CareError::NotPrivate { path: path.into() })
    }
}

/// Whether it is a folder of this user into which nobody else can look. In a folder that all may write to, somebody could have
/// made it first.
#[cfg(target_os = "linux")]
fn is_private(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let for_others = metadata.mode() & 0o077;
    metadata.is_dir() && for_others == 0 && metadata.uid() == rustix::process::geteuid().as_raw()
}

/// Elsewhere nobody can tell.
#[cfg(not(target_os = "linux"))]
fn is_private(metadata: &fs::Metadata) -> bool {
    metadata.is_dir()
}

fn lock(folder: &Path) -> Result<File, CareError> {
    let file = folder.join(LOCK);
    let mut lock = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&file)
        .doing("lock", &file)?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let pid = data_dir::pid(lock).doing("read", &file)?;
            return Err(CareError::Busy { path: folder.into(), pid });
        }
        Err(TryLockError::Error(error)) => return Err(disk::ErrorAt::at(error, "lock", &file).into()),
    }
    lock.set_len(0).and_then(|()| writeln!(lock, "{}", std::process::id())).doing("write", &file)?;
    Ok(lock)
}
