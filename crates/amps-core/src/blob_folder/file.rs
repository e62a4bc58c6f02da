//! A blob that is read from a file.

use std::{fs::File, io};

use crate::blob::Blob;

/// Reads at an offset, so that any number of threads can read at the same time.
#[cfg(unix)]
pub(super) type OpenFile = Positioned;
/// Elsewhere they take turns.
#[cfg(not(unix))]
pub(super) type OpenFile = Seeking;

/// A file on a system that reads at an offset.
#[cfg(unix)]
pub(super) struct Positioned {
    file: File,
    size_bytes: u64,
}

#[cfg(unix)]
impl Positioned {
    pub(super) fn new(file: File, size_bytes: u64) -> Self {
        Self { file, size_bytes }
    }
}

#[cfg(unix)]
impl Blob for Positioned {
    fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(&self.file, into, offset)
    }

    #[cfg(target_os = "linux")]
    fn read_at_hand(&self, offset: u64, into: &mut [u8]) -> io::Result<Option<usize>> {
        use rustix::io::{Errno, ReadWriteFlags, preadv2};
        let mut into = [io::IoSliceMut::new(into)];
        match preadv2(&self.file, &mut into, offset, ReadWriteFlags::NOWAIT) {
            Ok(bytes) => Ok(Some(bytes)),
            // Not in memory; or a file system, or a system, that cannot tell.
            Err(Errno::AGAIN | Errno::INTR | Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

/// A file on any other system.
#[cfg(any(not(unix), test))]
pub(super) struct Seeking {
    file: std::sync::Mutex<File>,
    size_bytes: u64,
}

#[cfg(any(not(unix), test))]
impl Seeking {
    pub(super) fn new(file: File, size_bytes: u64) -> Self {
        Self { file: std::sync::Mutex::new(file), size_bytes }
    }
}

#[cfg(any(not(unix), test))]
impl Blob for Seeking {
    fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<usize> {
        use std::io::{Read as _, Seek as _};
        // Whoever is next seeks before it reads: a panic in between does no harm.
        let mut file = self.file.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        file.seek(io::SeekFrom::Start(offset))?;
        file.read(into)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn check(open: impl Fn(File) -> Box<dyn Blob>) {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"0123456789").unwrap();
        let blob = open(file);
        assert_eq!(blob.size_bytes(), 10);
        for (offset, size, expected) in
            [(0, 4, "0123"), (8, 4, "89"), (3, 1, "3"), (10, 4, ""), (1 << 40, 4, ""), (2, 0, "")]
        {
            let mut bytes = vec![0; size];
            let count = blob.read_at(offset, &mut bytes).unwrap();
            assert_eq!(&bytes[..count], expected.as_bytes(), "{size} at {offset}");
            // What was just written is in memory; whether a file system says so is its own business.
            if let Some(count) = blob.read_at_hand(offset, &mut bytes).unwrap() {
                assert_eq!(&bytes[..count], expected.as_bytes(), "{size} at {offset}");
            }
        }
    }

    #[test]
    #[cfg(unix)]
    fn reads_at_an_offset() {
        check(|file| Box::new(Positioned::new(file, 10)));
    }

    #[test]
    fn reads_by_seeking() {
        check(|file| Box::new(Seeking::new(file, 10)));
    }
}
