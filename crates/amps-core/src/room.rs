//! Room on a disk that packages leave to everything else.

use std::{fs::File, io};

/// What packages leave of a disk, at most, in bytes: the catalog's log, and several uploads that look at the same moment.
const MOST_LEFT_BYTES: u64 = 64 << 20;
/// On a smaller disk, this part of it.
const PART_LEFT: u64 = 100;

/// Refuses to add so many bytes to a file, as if the disk were full, if they would not leave the room that is needed to sign in, to
/// revoke a token and to remove packages: whoever may upload could else keep everybody from stopping them. Where the system does not
/// tell how much room there is, all of it may be taken.
#[cfg(target_os = "linux")]
pub fn leave_room(file: &File, bytes: u64) -> io::Result<()> {
    let Ok(disk) = rustix::fs::fstatvfs(file) else { return Ok(()) };
    let free_bytes = disk.f_bavail.saturating_mul(disk.f_frsize);
    let size_bytes = disk.f_blocks.saturating_mul(disk.f_frsize);
    if has_room(size_bytes, free_bytes, bytes) { Ok(()) } else { Err(io::ErrorKind::StorageFull.into()) }
}

/// The same where nobody can be asked.
#[cfg(not(target_os = "linux"))]
#[allow(clippy::unnecessary_wraps)]
pub fn leave_room(_: &File, _: u64) -> io::Result<()> {
    Ok(())
}

fn has_room(size_bytes: u64, free_bytes: u64, bytes: u64) -> bool {
    let left = (size_bytes / PART_LEFT).min(MOST_LEFT_BYTES);
    bytes.checked_add(left).is_some_and(|needed| needed <= free_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_the_disk_is_left_and_of_a_large_one_no_more_than_a_bound() {
        let (small, large) = (1 << 20, 1 << 40);
        assert!(has_room(small, 10_485 + 7, 7) && !has_room(small, 10_485 + 6, 7));
        assert!(has_room(large, MOST_LEFT_BYTES + 7, 7) && !has_room(large, MOST_LEFT_BYTES + 6, 7));
        assert!(!has_room(large, large, u64::MAX));
        // A file system that does not know its size.
        assert!(has_room(0, 1, 1) && !has_room(0, 0, 1));
    }
}
