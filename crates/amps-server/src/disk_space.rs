//! How much room there is on a disk.

use std::{io, path::Path};

/// The room of a file system, as far as this process may have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DiskSpace {
    pub(crate) size_bytes: u64,
    pub(crate) free_bytes: u64,
    /// How many files it can have; 0 if it knows no such bound.
    pub(crate) files: u64,
    pub(crate) free_files: u64,
}

impl DiskSpace {
    /// Asks the file system that has a path.
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        let space = rustix::fs::statvfs(path)?;
        Ok(Self {
            size_bytes: space.f_blocks.saturating_mul(space.f_frsize),
            free_bytes: space.f_bavail.saturating_mul(space.f_frsize),
            files: space.f_files,
            free_files: space.f_favail,
        })
    }
}
