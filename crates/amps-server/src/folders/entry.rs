//! Files in the folders: anything may lie there under any name, and may be something else a moment later.

use std::{
    ffi::{OsStr, OsString},
    fs::{self, File, FileType, Metadata, OpenOptions},
    io,
    os::unix::fs::{FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _},
    path::Path,
};

use rustix::fs::OFlags;

/// How many entries of a folder are looked at; what else lies there has its turn when these are gone.
const MAX_ENTRIES: usize = 100_000;

/// By what a change of a file is noticed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) device: u64,
    pub(super) inode: u64,
    pub(super) size_bytes: u64,
    pub(super) modified_s: i64,
    pub(super) modified_ns: i64,
}

/// Something in a folder.
pub(super) struct Entry {
    pub(super) name: OsString,
    pub(super) stamp: Stamp,
    /// What it is, if it is no file.
    pub(super) instead: Option<&'static str>,
}

/// What lies in a folder, hidden files left out: programs that copy keep unfinished copies under such names.
pub(super) fn entries(folder: &Path) -> io::Result<Vec<Entry>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)?.take(MAX_ENTRIES) {
        let entry = entry?;
        let name = entry.file_name();
        if name.as_encoded_bytes().starts_with(b".") {
            continue;
        }
        match entry.metadata() {
            Ok(metadata) => {
                let instead = what_instead(metadata.file_type());
                found.push(Entry { name, stamp: stamp(&metadata), instead });
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

/// Opens a file for reading. Waits for nobody and follows no link, whatever lies under the name by now; that it is still the
/// same file is for the caller to see from its stamp.
pub(super) fn open(path: &Path) -> io::Result<(File, Stamp)> {
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY).bits();
    let file = OpenOptions::new().read(true).custom_flags(flags.cast_signed()).open(path)?;
    let metadata = file.metadata()?;
    match what_instead(metadata.file_type()) {
        None => Ok((file, stamp(&metadata))),
        Some(kind) => Err(io::Error::other(format!("it is {kind}: expected a file"))),
    }
}

/// Whether a program that copies or downloads has given a file this name until it is complete.
pub(super) fn is_unfinished(name: &OsStr) -> bool {
    const ENDS: &[&[u8]] = &[b"~", b".part", b".partial", b".filepart", b".crdownload", b".tmp", b".swp"];
    ENDS.iter().any(|end| name.as_encoded_bytes().to_ascii_lowercase().ends_with(end))
}

/// How the file under a name looks, whatever it is.
pub(super) fn stamp_of(path: &Path) -> io::Result<Stamp> {
    Ok(stamp(&fs::symlink_metadata(path)?))
}

fn stamp(metadata: &Metadata) -> Stamp {
    Stamp {
        device: metadata.dev(),
        inode: metadata.ino(),
        size_bytes: metadata.len(),
        modified_s: metadata.mtime(),
        modified_ns: metadata.mtime_nsec(),
    }
}

fn what_instead(kind: FileType) -> Option<&'static str> {
    let kinds = [
        (kind.is_dir(), "a folder"),
        (kind.is_symlink(), "a symbolic link"),
        (kind.is_fifo(), "a FIFO"),
        (kind.is_socket(), "a socket"),
        (!kind.is_file(), "a device"),
    ];
    kinds.into_iter().find_map(|(is, name)| is.then_some(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_names_of_unfinished_copies() {
        for (name, expected) in [
            ("a.ampkg", false),
            ("a", false),
            ("part", false),
            ("a.ampkg.part", true),
            ("a.ampkg.PART", true),
            ("a.ampkg.filepart", true),
            ("a.ampkg~", true),
        ] {
            assert_eq!(is_unfinished(OsStr::new(name)), expected, "{name}");
        }
    }

    #[test]
    fn opens_files_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("a"), folder.path().join("b"));
        fs::write(&path, "one").unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert_eq!(open(&path).unwrap().1.size_bytes, 3);
        open(&link).unwrap_err();
        open(folder.path()).unwrap_err();
        open(Path::new("/dev/null")).unwrap_err();
    }
}
