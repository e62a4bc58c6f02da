//! The data directory: where everything lies, and that only one server has it.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
};

use crate::error::Error;

/// A data directory that belongs to this process.
///
/// ```text
/// DATA/.lock                          keeps a second server out
/// DATA/.packages/<id>_<arch>.ampkg    what a person sees
/// DATA/.amps/catalog.db  blobs/  staging/
/// ```
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    lock: File,
}

impl DataDir {
    /// Creates the directory if it is missing, and locks it. [`Error::Locked`] names the process that has it.
    ///
    /// The lock is the system's and ends with the process, however it ends; what the file says is for people. Dropping the
    /// `DataDir` takes the file away.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let data = Self::claim(path)?;
        if data.restoring().exists() {
            return Err(Error::Restoring { path: data.path.clone() });
        }
        Ok(data)
    }

    /// The same for a directory that a backup is put into.
    pub(crate) fn claim(path: &Path) -> Result<Self, Error> {
        let io = |action, path: &Path| {
            let path = path.to_owned();
            move |source| Error::Io { action, path, source }
        };
        fs::create_dir_all(path).map_err(io("create", path))?;
        let path = path.canonicalize().map_err(io("open", path))?;
        let amps = path.join(".amps");
        fs::create_dir_all(&amps).map_err(io("create", &amps))?;
        let file = path.join(".lock");
        let lock = lock(&path, &file).map_err(io("lock", &file))??;
        Ok(Self { path, lock })
    }

    /// The directory itself, absolute.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the catalog and the blobs lie.
    pub fn amps(&self) -> PathBuf {
        self.path.join(".amps")
    }

    /// The process id of the server that has a directory, as far as anybody can tell; `unknown` if it did not say. None: no server
    /// has it. Nobody who wants the directory at this moment is disturbed.
    pub fn owner(path: &Path) -> io::Result<Option<String>> {
        match File::open(path.join(".lock")) {
            Ok(file) if is_locked(&file)? => pid(file).map(Some),
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(None),
        }
    }

    /// The folder that is there while a backup is put into the directory.
    pub(crate) fn restoring(&self) -> PathBuf {
        self.amps().join("restoring")
    }

    /// The file of the catalog.
    pub fn catalog(&self) -> PathBuf {
        self.amps().join("catalog.db")
    }

    /// The file of the catalog in a data directory that may belong to another process. Any number of processes may use a catalog;
    /// a server that has the directory sees what they change.
    pub fn shared_catalog(path: &Path) -> PathBuf {
        path.join(".amps").join("catalog.db")
    }

    /// Where the packages lie under the names that the reference gives them.
    pub fn packages(&self) -> PathBuf {
        self.path.join(".packages")
    }
}

impl Drop for DataDir {
    fn drop(&mut self) {
        // The file first: once it is unlocked, it may already be another server's.
        let _ = fs::remove_file(self.path.join(".lock"));
        let _ = self.lock.unlock();
    }
}

/// Takes the system's lock on a file, which is made if it is missing; says whose it is otherwise.
pub(crate) fn lock(directory: &Path, file: &Path) -> io::Result<Result<File, Error>> {
    loop {
        let mut lock = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(file)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Ok(Err(Error::Locked { path: directory.into(), pid: pid(lock)? }));
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
        // The one who had it may have taken the file away between the two calls.
        if is_same_file(&lock, file)? {
            lock.set_len(0)?;
            lock.seek(SeekFrom::Start(0))?;
            // On a full disk the number stays unknown: it is for people, and what is there can be served.
            return match writeln!(lock, "{}", std::process::id()) {
                Err(error) if error.kind() != io::ErrorKind::StorageFull => Err(error),
                _ => Ok(Ok(lock)),
            };
        }
    }
}

/// The number in the first line. Qt's lock files, which the reference server has, say more below it.
pub(crate) fn pid(lock: File) -> io::Result<String> {
    let mut text = Vec::new();
    lock.take(32).read_to_end(&mut text)?;
    let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii();
    let is_number = !line.is_empty() && line.iter().all(u8::is_ascii_digit);
    Ok(if is_number { String::from_utf8_lossy(line).into_owned() } else { "unknown".into() })
}

/// Whether somebody has a lock on a file. The system's table is asked: who tried to lock the file would for that moment be the one
/// who keeps a server out.
#[cfg(target_os = "linux")]
fn is_locked(file: &File) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    let inode = file.metadata()?.ino().to_string();
    // `1: FLOCK  ADVISORY  WRITE 1234 fd:01:5678 0 EOF` (proc_locks(5)). The device is not the file's own on every file system.
    let locks = fs::read_to_string("/proc/locks")?;
    Ok(locks.lines().any(|line| {
        let mut words = line.split_ascii_whitespace().skip(1);
        words.next() == Some("FLOCK") && words.nth(3).and_then(|file| file.rsplit(':').next()) == Some(&inode)
    }))
}

/// Elsewhere there is no such table.
#[cfg(not(target_os = "linux"))]
fn is_locked(file: &File) -> io::Result<bool> {
    match file.try_lock_shared() {
        Ok(()) => file.unlock().map(|()| false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

#[cfg(unix)]
fn is_same_file(open: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    let open = open.metadata()?;
    match fs::metadata(path) {
        Ok(named) => Ok((open.dev(), open.ino()) == (named.dev(), named.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Elsewhere a file that is open cannot be taken away.
#[cfg(not(unix))]
fn is_same_file(_: &File, _: &Path) -> io::Result<bool> {
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_server_is_told_who_has_the_directory() {
        let folder = tempfile::tempdir().unwrap();
        let first = DataDir::open(&folder.path().join("data")).unwrap();
        let second = DataDir::open(first.path()).unwrap_err();
        assert!(
            matches!(&second, Error::Locked { pid, .. } if *pid == std::process::id().to_string()),
            "{second}"
        );
        let path = first.path().to_owned();
        assert_eq!(DataDir::owner(&path).unwrap(), Some(std::process::id().to_string()));
        drop(first);
        assert_eq!(DataDir::owner(&path).unwrap(), None);
        assert!(!path.join(".lock").exists());
        DataDir::open(&path).unwrap();
    }

    #[test]
    fn the_lock_of_the_reference_server_is_understood() {
        for (text, pid) in [
            ("1234\nappman-package-server\nhost\n0123456789abcdef\n", "1234"),
            ("1234", "1234"),
            ("", "unknown"),
            ("\n1234\n", "unknown"),
            ("\u{1b}[2J\n", "unknown"),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join(".lock");
            fs::write(&file, text).unwrap();
            let held = File::open(&file).unwrap();
            held.lock().unwrap();
            let error = DataDir::open(folder.path()).unwrap_err();
            assert!(matches!(&error, Error::Locked { pid: found, .. } if found == pid), "{error}");
            drop(held);
            DataDir::open(folder.path()).unwrap();
        }
    }

    #[test]
    fn a_stale_lock_is_taken_over() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(".lock"), "999999999\n").unwrap();
        assert_eq!(DataDir::owner(folder.path()).unwrap(), None);
        let data = DataDir::open(folder.path()).unwrap();
        let pid = fs::read_to_string(data.path().join(".lock")).unwrap();
        assert_eq!(pid.trim(), std::process::id().to_string());
    }
}
