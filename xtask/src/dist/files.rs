//! Files that are put together: with modes that do not depend on the builder's umask, and checksums.

use crate::error::Error;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// A folder that is there and has nothing in it.
pub(super) fn empty(folder: &Path) -> Result<(), Error> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::io(folder, &error)),
        _ => create_folder(folder),
    }
}

fn create_folder(folder: &Path) -> Result<(), Error> {
    fs::create_dir_all(folder).map_err(|error| Error::io(folder, &error))
}

/// A folder being put together: each folder in it can be read by everybody.
#[derive(Debug)]
pub(super) struct Tree(PathBuf);

impl Tree {
    /// Begins with nothing.
    pub(super) fn new(root: PathBuf) -> Result<Self, Error> {
        empty(&root)?;
        set_mode(&root, 0o755)?;
        Ok(Self(root))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    pub(super) fn folder(&self, path: &str, mode: u32) -> Result<PathBuf, Error> {
        let mut folder = self.0.clone();
        for component in Path::new(path) {
            folder.push(component);
            if !folder.is_dir() {
                create_folder(&folder)?;
                set_mode(&folder, 0o755)?;
            }
        }
        set_mode(&folder, mode)?;
        Ok(folder)
    }

    pub(super) fn copy(&self, from: &Path, to: &str, mode: u32) -> Result<(), Error> {
        copy(from, &self.place(to)?, mode)
    }

    pub(super) fn write(&self, to: &str, content: &[u8], mode: u32) -> Result<(), Error> {
        let to = self.place(to)?;
        fs::write(&to, content).map_err(|error| Error::io(&to, &error))?;
        set_mode(&to, mode)
    }

    /// The files in it, by their path from its root, sorted.
    pub(super) fn files(&self) -> Result<Vec<String>, Error> {
        let mut found = Vec::new();
        let mut folders = vec![self.0.clone()];
        while let Some(folder) = folders.pop() {
            for path in list(&folder)? {
                if path.is_dir() {
                    folders.push(path);
                } else if let Ok(relative) = path.strip_prefix(&self.0) {
                    found.push(relative.to_string_lossy().into_owned());
                }
            }
        }
        found.sort();
        Ok(found)
    }

    fn place(&self, to: &str) -> Result<PathBuf, Error> {
        if let Some((folder, _)) = to.rsplit_once('/') {
            self.folder(folder, 0o755)?;
        }
        Ok(self.0.join(to))
    }
}

pub(super) fn copy(from: &Path, to: &Path, mode: u32) -> Result<(), Error> {
    fs::copy(from, to).map_err(|error| Error::io(from, &error))?;
    set_mode(to, mode)
}

pub(super) fn read(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(|error| Error::io(path, &error))
}

/// What is in a folder, sorted.
pub(super) fn list(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let failed = |error| Error::io(folder, &error);
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        paths.push(entry.map_err(failed)?.path());
    }
    paths.sort();
    Ok(paths)
}

fn set_mode(path: &Path, mode: u32) -> Result<(), Error> {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(|error| Error::io(path, &error))
}

pub(super) fn sha256(path: &Path) -> Result<String, Error> {
    let bytes = fs::read(path).map_err(|error| Error::io(path, &error))?;
    let mut digits = String::new();
    for byte in Sha256::digest(bytes) {
        let _ = write!(digits, "{byte:02x}");
    }
    Ok(digits)
}

/// `SHA256SUMS` over all files of the folder, as `sha256sum --check` reads it.
pub(super) fn write_checksums(folder: &Path) -> Result<(), Error> {
    let mut lines = String::new();
    for path in list(folder)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let _ = writeln!(lines, "{}  {name}", sha256(&path)?);
    }
    let sums = folder.join("SHA256SUMS");
    fs::write(&sums, &lines).map_err(|error| Error::io(&sums, &error))?;
    print!("{lines}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_has_the_modes_that_were_asked_for() {
        let root = std::env::temp_dir().join(format!("amps-xtask-files-{}", std::process::id()));
        let tree = Tree::new(root.clone()).unwrap();
        tree.write("usr/bin/a", b"a", 0o755).unwrap();
        tree.write("b", b"b", 0o600).unwrap();
        tree.folder("etc/c", 0o700).unwrap();
        let mode = |path: &str| fs::metadata(root.join(path)).unwrap().permissions().mode() & 0o7777;
        assert_eq!(
            [mode(""), mode("usr"), mode("usr/bin/a"), mode("b"), mode("etc"), mode("etc/c")],
            [0o755, 0o755, 0o755, 0o600, 0o755, 0o700]
        );
        assert_eq!(tree.files().unwrap(), ["b", "usr/bin/a"]);
        assert_eq!(
            sha256(&root.join("b")).unwrap(),
            "3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d"
        );
        fs::remove_dir_all(&root).unwrap();
    }
}
