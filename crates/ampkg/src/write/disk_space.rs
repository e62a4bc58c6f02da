//! What a package takes when it is installed.

use crate::entry::EntryKind;

/// What a directory counts (docs/format.md, "Header and footer"): the reference asks the file system, so its answer
/// depends on where it runs.
const DIRECTORY_BYTES: u64 = 4096;

/// The `diskSpaceUsed` of a package with these entries, in bytes: `(500 + (blocks + files + 50) * 11 / 10) * 1024`, where
/// blocks are the sizes in KiB, each rounded up, and files the number of entries.
///
/// ```
/// use ampkg::EntryKind::File;
/// assert_eq!(ampkg::disk_space_used([(File, 287), (File, 3172), (File, 40)]), 577_536);
/// ```
pub fn disk_space_used(entries: impl IntoIterator<Item = (EntryKind, u64)>) -> u64 {
    let (blocks, files) = entries.into_iter().fold((0_u64, 0_u64), |(blocks, files), (kind, size_bytes)| {
        let size_bytes = match kind {
            EntryKind::File => size_bytes,
            EntryKind::Directory => DIRECTORY_BYTES,
        };
        (blocks.saturating_add(size_bytes.div_ceil(1024)), files.saturating_add(1))
    });
    let padded = blocks.saturating_add(files).saturating_add(50).saturating_mul(11) / 10;
    padded.saturating_add(500).saturating_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;
    use EntryKind::{Directory, File};

    #[test]
    fn is_what_the_reference_wrote() {
        for (entries, bytes) in [
            (vec![(File, 485), (File, 3172), (File, 6), (File, 3172), (File, 40)], 585_728), // multi-app
            (vec![(File, 235), (File, 3172), (File, 40), (Directory, 0), (File, 816)], 585_728), // native-arm64
            (vec![(File, 234), (File, 3172), (File, 8_388_608), (File, 40)], 9_806_848),         // zeros-8m
            (vec![], 568_320),
        ] {
            assert_eq!(disk_space_used(entries), bytes);
        }
    }

    #[test]
    fn does_not_overflow() {
        assert_eq!(disk_space_used([(File, u64::MAX)]), u64::MAX);
    }
}
