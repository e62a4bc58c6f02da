//! The folder with the files of a Deployment Server: no name leads out of it.

use std::{
    fs::File,
    io::{self, Read as _},
    os::fd::OwnedFd,
    path::{Path, PathBuf},
};

use rustix::{
    fs::{Mode, OFlags, openat},
    io::Errno,
};

/// Bytes in the name of a file, inclusive.
const MAX_NAME_BYTES: usize = 4096;

/// The folder that Django calls `MEDIA_ROOT`.
pub struct MediaFolder {
    folder: OwnedFd,
}

/// Why a file of the folder is not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MediaError {
    /// The folder itself cannot be opened.
    #[error("cannot open the folder {}", ampkg::quoted(&.path.to_string_lossy()))]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The name is not one of a file in the folder.
    #[error("{} is no path inside the folder: expected names separated by `/`, none of them `.` or `..`", ampkg::quoted(.name))]
    Name {
        /// The name.
        name: String,
    },
    /// The file cannot be opened or read.
    #[error("cannot read {}", ampkg::quoted(.name))]
    File {
        /// Its name.
        name: String,
        /// Why not.
        source: io::Error,
    },
    /// A link may lead anywhere.
    #[error("{} is a symbolic link, or lies behind something that is no folder: expected a file inside the folder", ampkg::quoted(.name))]
    Link {
        /// Its name.
        name: String,
    },
    /// It is something else.
    #[error("{} is no file", ampkg::quoted(.name))]
    NoFile {
        /// Its name.
        name: String,
    },
    /// It is larger than it may be.
    #[error("{} has more than {limit_bytes} bytes", ampkg::quoted(.name))]
    TooLarge {
        /// Its name.
        name: String,
        /// The limit, inclusive.
        limit_bytes: usize,
    },
}

impl MediaFolder {
    /// Opens a folder. What it is named by may be a link.
    pub fn open(path: &Path) -> Result<Self, MediaError> {
        let folder = File::open(path).and_then(|folder| {
            let is_folder = folder.metadata()?.is_dir();
            if is_folder { Ok(folder) } else { Err(io::ErrorKind::NotADirectory.into()) }
        });
        let folder = folder.map_err(|source| MediaError::Folder { path: path.to_owned(), source })?;
        Ok(Self { folder: folder.into() })
    }

    /// Opens a file. The name is followed piece by piece from the folder that is open, so that a link is noticed also if somebody
    /// makes it this very moment.
    pub(crate) fn file(&self, name: &str) -> Result<File, MediaError> {
        let failed = |errno: Errno| match errno {
            Errno::LOOP | Errno::NOTDIR => MediaError::Link { name: name.to_owned() },
            errno => MediaError::File { name: name.to_owned(), source: errno.into() },
        };
        let (folders, last) = pieces(name).ok_or_else(|| MediaError::Name { name: name.to_owned() })?;
        let follow = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut folder = None;
        for piece in folders {
            let flags = follow | OFlags::DIRECTORY;
            let next = openat(folder.as_ref().unwrap_or(&self.folder), piece, flags, Mode::empty());
            folder = Some(next.map_err(failed)?);
        }
        let flags = follow | OFlags::NONBLOCK | OFlags::NOCTTY;
        let file =
            openat(folder.as_ref().unwrap_or(&self.folder), last, flags, Mode::empty()).map_err(failed)?;
        let file = File::from(file);
        match file.metadata() {
            Ok(metadata) if metadata.is_file() => Ok(file),
            Ok(_) => Err(MediaError::NoFile { name: name.to_owned() }),
            Err(source) => Err(MediaError::File { name: name.to_owned(), source }),
        }
    }

    /// Reads a small file.
    pub(crate) fn bytes(&self, name: &str, limit_bytes: usize) -> Result<Vec<u8>, MediaError> {
        let mut bytes = Vec::new();
        let read = self.file(name)?.take(limit_bytes as u64 + 1).read_to_end(&mut bytes);
        read.map_err(|source| MediaError::File { name: name.to_owned(), source })?;
        if bytes.len() > limit_bytes {
            return Err(MediaError::TooLarge { name: name.to_owned(), limit_bytes });
        }
        Ok(bytes)
    }
}

/// The folders of a name and its last piece, if it does not lead out of where it begins.
fn pieces(name: &str) -> Option<(Vec<&str>, &str)> {
    let is_piece = |piece: &str| !matches!(piece, "" | "." | "..") && !piece.contains('\0');
    let pieces: Vec<&str> = name.split('/').collect();
    let is_inside = name.len() <= MAX_NAME_BYTES && pieces.iter().all(|piece| is_piece(piece));
    let (last, folders) = pieces.split_last().filter(|_| is_inside)?;
    Some((folders.to_vec(), last))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::{fs, os::unix::fs::symlink};

    use super::*;

    #[test]
    fn names_stay_inside() {
        for (name, is_inside) in [
            ("a.appkg", true),
            ("packages/a.appkg", true),
            ("a b/ü", true),
            ("", false),
            ("/a", false),
            ("/", false),
            ("a/", false),
            ("a//b", false),
            (".", false),
            ("../a", false),
            ("a/../../b", false),
            ("a/./b", false),
            ("a\0b", false),
        ] {
            assert_eq!(pieces(name).is_some(), is_inside, "{name:?}");
        }
        assert!(pieces(&"x".repeat(MAX_NAME_BYTES)).is_some());
        assert!(pieces(&"x".repeat(MAX_NAME_BYTES + 1)).is_none());
    }

    #[test]
    fn links_are_not_followed() {
        let root = tempfile::tempdir().unwrap();
        let media = root.path().join("media");
        fs::create_dir_all(media.join("packages")).unwrap();
        fs::write(root.path().join("secret"), "x").unwrap();
        fs::write(media.join("packages/a"), "a").unwrap();
        symlink(root.path(), media.join("out")).unwrap();
        symlink("../../secret", media.join("packages/b")).unwrap();
        symlink("a", media.join("packages/c")).unwrap();
        let folder = MediaFolder::open(&media).unwrap();
        assert_eq!(folder.bytes("packages/a", 1).unwrap(), b"a");
        for name in ["out/secret", "packages/b", "packages/c"] {
            assert!(matches!(folder.file(name), Err(MediaError::Link { .. })), "{name}");
        }
        assert!(matches!(folder.file("packages"), Err(MediaError::NoFile { .. })));
        assert!(matches!(folder.file("nothing"), Err(MediaError::File { .. })));
        assert!(matches!(folder.bytes("packages/a", 0), Err(MediaError::TooLarge { .. })));
        assert!(matches!(MediaFolder::open(&media.join("packages/a")), Err(MediaError::Folder { .. })));
        assert!(matches!(MediaFolder::open(&media.join("nothing")), Err(MediaError::Folder { .. })));
    }
}
