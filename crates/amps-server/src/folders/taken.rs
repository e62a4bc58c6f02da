//! Removing a file that was taken in, and no other one that somebody puts in its place at that moment.

use std::{fs, io, path::Path};

use rustix::{
    fs::{CWD, RenameFlags, renameat_with},
    io::Errno,
};

use super::entry::{Stamp, stamp_of};

/// What a file is called between the moment it leaves its name and the moment it is gone. There is one at a time.
const TAKEN: &str = ".amps-taken";
/// What it is called if the process ended in between: the first of these names that is free.
const RECOVERED: [&str; 3] = ["recovered.ampkg", "recovered-2.ampkg", "recovered-3.ampkg"];

/// Removes a file if it still looks as it did; says whether it did.
///
/// Whoever overwrites it meanwhile has either opened it before, and then it looks otherwise now, or makes a new one.
pub(super) fn remove(folder: &Path, name: &Path, expected: Stamp) -> io::Result<bool> {
    let (path, taken) = (folder.join(name), folder.join(TAKEN));
    match put(&path, &taken) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
        other => other?,
    }
    if stamp_of(&taken)? == expected {
        fs::remove_file(&taken)?;
        return Ok(true);
    }
    match put(&taken, &path) {
        // There is a new one already; this one gets its turn under another name.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => recover(folder)?,
        other => other?,
    }
    Ok(false)
}

/// Gives a file a name again that was left without one.
pub(super) fn recover(folder: &Path) -> io::Result<()> {
    let taken = folder.join(TAKEN);
    if stamp_of(&taken).is_err() {
        return Ok(());
    }
    let mut result = Ok(());
    for name in RECOVERED {
        result = put(&taken, &folder.join(name));
        if result.is_ok() {
            break;
        }
    }
    result
}

/// Renames a file unless the name is taken.
fn put(from: &Path, to: &Path) -> io::Result<()> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // Not every file system can do that, nor what comes closest.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => match fs::hard_link(from, to) {
            Ok(()) => fs::remove_file(from),
            Err(error) if matches!(error.kind(), io::ErrorKind::AlreadyExists | io::ErrorKind::NotFound) => {
                Err(error)
            }
            Err(_) if fs::symlink_metadata(to).is_ok() => Err(io::ErrorKind::AlreadyExists.into()),
            Err(_) => fs::rename(from, to),
        },
        other => Ok(other?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_that_looks_otherwise_stays() {
        let folder = tempfile::tempdir().unwrap();
        let (folder, path) = (folder.path(), folder.path().join("a"));
        fs::write(&path, "one").unwrap();
        let seen = stamp_of(&path).unwrap();
        fs::write(&path, "three").unwrap();
        assert!(!remove(folder, Path::new("a"), seen).unwrap());
        assert_eq!(fs::read(&path).unwrap(), b"three");
        let seen = stamp_of(&path).unwrap();
        assert!(remove(folder, Path::new("a"), seen).unwrap());
        assert!(remove(folder, Path::new("a"), seen).unwrap(), "it is gone already");
        assert_eq!(names(folder), <[&str; 0]>::default());
    }

    #[test]
    fn a_file_without_a_name_gets_one_and_takes_none_from_another() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        fs::write(folder.join(TAKEN), "one").unwrap();
        recover(folder).unwrap();
        recover(folder).unwrap();
        assert_eq!(names(folder), ["recovered.ampkg"]);
        for bytes in ["two", "three"] {
            fs::write(folder.join(TAKEN), bytes).unwrap();
            recover(folder).unwrap();
        }
        for (name, bytes) in RECOVERED.into_iter().zip(["one", "two", "three"]) {
            assert_eq!(fs::read_to_string(folder.join(name)).unwrap(), bytes);
        }
        fs::write(folder.join(TAKEN), "four").unwrap();
        assert_eq!(recover(folder).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        let seen = stamp_of(&folder.join("recovered.ampkg")).unwrap();
        remove(folder, Path::new("recovered.ampkg"), seen).unwrap_err();
        assert_eq!(
            (names(folder).len(), fs::read_to_string(folder.join(TAKEN)).unwrap()),
            (4, "four".into())
        );
    }
}
