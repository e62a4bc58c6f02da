//! The disk that a store lies on: room, kind, hard links.

use std::{fs, path::Path};

use super::{super::Finding, text};
use crate::blob_folder::disk::temporary;

/// So little room is a problem.
#[cfg(target_os = "linux")]
const NO_ROOM_BYTES: u64 = 64 << 20;
/// So little room, or so small a part of all, is a warning.
#[cfg(target_os = "linux")]
const LITTLE_ROOM_BYTES: u64 = 2 << 30;
#[cfg(target_os = "linux")]
const LITTLE_ROOM_PART: u64 = 20;
/// So few names for files are a warning.
#[cfg(target_os = "linux")]
const FEW_INODES: u64 = 10_000;

/// Kinds of file systems that lie on other machines or in other programs, by their magic number (statfs(2)).
#[cfg(target_os = "linux")]
const REMOTE: &[(u32, &str)] = &[
    (0x6969, "NFS"),
    (0xff53_4d42, "CIFS"),
    (0xfe53_4d42, "SMB"),
    (0x517b, "SMB"),
    (0x6573_5546, "FUSE"),
    (0x0102_1997, "9P"),
    (0x00c3_6400, "Ceph"),
    (0x5346_414f, "AFS"),
    (0x0bd0_0bd0, "Lustre"),
    (0x0116_1970, "GFS2"),
];

/// Looks how much room there is for a data directory, and on what.
#[cfg(target_os = "linux")]
pub fn disk(data_directory: &Path) -> Vec<Finding> {
    let subject = text(data_directory);
    let found = (rustix::fs::statvfs(data_directory), rustix::fs::statfs(data_directory));
    let (Ok(room), Ok(kind)) = found else {
        let advice = "look whether the directory is there and can be entered";
        return vec![Finding::problem(
            "disk",
            subject,
            "the system does not say how much room there is",
            advice,
        )];
    };
    let bytes = |blocks: u64| blocks.saturating_mul(room.f_frsize);
    // The magic number has 32 bits, whatever the system's type for it.
    #[allow(clippy::cast_sign_loss, clippy::cast_lossless, clippy::unnecessary_cast)]
    let magic = u32::try_from(kind.f_type as u64 & 0xffff_ffff).unwrap_or_default();
    vec![
        room_finding(&subject, bytes(room.f_bavail), bytes(room.f_blocks)),
        inode_finding(&subject, room.f_favail, room.f_files),
        kind_finding(&subject, magic),
    ]
}

/// Elsewhere nobody asks.
#[cfg(not(target_os = "linux"))]
pub fn disk(_: &Path) -> Vec<Finding> {
    Vec::new()
}

#[cfg(target_os = "linux")]
fn room_finding(subject: &str, free_bytes: u64, all_bytes: u64) -> Finding {
    let message = format!("{} MiB of {} MiB are free", free_bytes >> 20, all_bytes >> 20);
    let advice = "make room, or move the data directory to a larger disk: amps backup and amps restore";
    if free_bytes < NO_ROOM_BYTES {
        Finding::problem("disk-room", subject, message, advice)
    } else if free_bytes < LITTLE_ROOM_BYTES || free_bytes < all_bytes / LITTLE_ROOM_PART {
        Finding::warning("disk-room", subject, message, advice)
    } else {
        Finding::ok("disk-room", subject, message)
    }
}

#[cfg(target_os = "linux")]
fn inode_finding(subject: &str, free: u64, all: u64) -> Finding {
    // Some file systems make them as they are needed, and say 0 of 0.
    if all == 0 {
        return Finding::ok("disk-inodes", subject, "there is no limit for the number of files");
    }
    let message = format!("{free} of {all} files can still be made");
    let advice = "remove files that are not needed, or use a file system with more inodes";
    match free {
        0..100 => Finding::problem("disk-inodes", subject, message, advice),
        100..FEW_INODES => Finding::warning("disk-inodes", subject, message, advice),
        _ => Finding::ok("disk-inodes", subject, message),
    }
}

#[cfg(target_os = "linux")]
fn kind_finding(subject: &str, magic: u32) -> Finding {
    match REMOTE.iter().find(|(number, _)| *number == magic) {
        Some((_, name)) => Finding::warning(
            "disk-kind",
            subject,
            format!("the file system is {name}"),
            "SQLite needs locks that work: use a disk of this machine, unless you know that they do; keep backups there",
        ),
        None => Finding::ok("disk-kind", subject, "the file system is one of this machine"),
    }
}

/// Tries whether a file can have two names, which saves half of the room. Two files are made and removed.
pub fn hard_links(data_directory: &Path) -> Finding {
    let subject = text(data_directory);
    let file = match temporary().tempfile_in(data_directory) {
        Ok(file) => file,
        Err(error) => {
            let message = format!("no file can be made: {error}");
            return Finding::problem(
                "disk-links",
                subject,
                message,
                "make the directory writable for the server's user",
            );
        }
    };
    let linked = temporary().make_in(data_directory, |name| fs::hard_link(file.path(), name));
    match linked {
        Ok(_) => Finding::ok("disk-links", subject, "hard links work"),
        Err(error) => Finding::warning(
            "disk-links",
            subject,
            format!("hard links do not work: {error}"),
            "each package needs its room twice here, once as a blob and once in .packages; another file system saves that",
        ),
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::{super::super::Level, *};

    #[test]
    fn little_room_is_a_warning_and_none_a_problem() {
        let (mib, gib) = (1 << 20, 1_u64 << 30);
        for (free, all, level) in [
            (64 * mib - 1, 100 * gib, Level::Problem),
            (64 * mib, gib, Level::Warning),
            (2 * gib - 1, 10 * gib, Level::Warning),
            (2 * gib, 10 * gib, Level::Ok),
            (4 * gib, 100 * gib, Level::Warning),
            (5 * gib, 100 * gib, Level::Ok),
        ] {
            assert_eq!(room_finding("d", free, all).level, level, "{free} of {all}");
        }
        for (free, all, level) in [
            (99, 1000, Level::Problem),
            (100, 1000, Level::Warning),
            (10_000, 20_000, Level::Ok),
            (0, 0, Level::Ok),
        ] {
            assert_eq!(inode_finding("d", free, all).level, level, "{free} of {all}");
        }
    }

    #[test]
    fn file_systems_of_other_machines_are_known() {
        assert_eq!(kind_finding("d", 0x6969).message, "the file system is NFS");
        // ext4.
        assert_eq!(kind_finding("d", 0xef53).level, Level::Ok);
    }

    #[test]
    fn hard_links_are_tried_and_nothing_is_left() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(hard_links(folder.path()).level, Level::Ok);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        assert_eq!(hard_links(&folder.path().join("missing")).level, Level::Problem);
        assert!(disk(folder.path()).len() == 3 && disk(&folder.path().join("missing")).len() == 1);
    }
}
