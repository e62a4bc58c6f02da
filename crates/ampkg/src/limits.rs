//! How much of anything a reader accepts.

use crate::yaml::YamlLimits;

/// Upper bounds for reading a package. Each is inclusive: a package that has exactly as much is read, one more is refused.
///
/// The defaults let every package through that the reference packager makes of a real application, and keep the memory of
/// one read below a few megabytes plus what the entry names need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file as it comes in, padding included. Default 8 GiB.
    pub package_bytes: u64,
    /// Bytes after decompression, tar headers and padding included. Default 16 GiB: a gzip bomb costs at most the time to
    /// inflate this much, never the memory.
    pub unpacked_bytes: u64,
    /// Bytes after decompression that any package may have, however small it is itself. Default 1 GiB: a few seconds of work.
    pub unpacked_free_bytes: u64,
    /// Bytes after decompression for each byte that came in, above those. Default 100: what people pack has less than 10, and
    /// gzip cannot do more than 1,032. So the work that a package makes grows with the work of sending it.
    pub unpacked_ratio: u64,
    /// Members that the gzip file may have. Default 65,536: each costs a fresh decoder, and a member of nothing is 20 bytes.
    pub gzip_members: u64,
    /// Entries between header and footer. Default 100,000.
    pub entries: u64,
    /// Bytes of one entry's name. Default 4,096, the longest path of Linux.
    pub name_bytes: u64,
    /// Bytes of all entries' names together, because they are kept to find duplicates and parents. Default 16 MiB.
    pub names_bytes: u64,
    /// Bytes of one pax or GNU long-name record. Default 64 KiB.
    pub extension_bytes: u64,
    /// Bytes of `--PACKAGE-HEADER--`. Default 1 MiB.
    pub header_bytes: u64,
    /// Bytes of all `--PACKAGE-FOOTER--` entries together. Default 1 MiB.
    pub footer_bytes: u64,
    /// Bytes of `info.yaml`. Default 1 MiB.
    pub manifest_bytes: u64,
    /// Bytes of the icon. Default 4 MiB. (A device takes 256 KiB: above that the package gets a warning.)
    pub icon_bytes: u64,
    /// Depth and nodes of each YAML text.
    pub yaml: YamlLimits,
}

impl Default for Limits {
    fn default() -> Self {
        const KIB: u64 = 1024;
        const MIB: u64 = 1024 * KIB;
        const GIB: u64 = 1024 * MIB;
        Self {
            package_bytes: 8 * GIB,
            unpacked_bytes: 16 * GIB,
            unpacked_free_bytes: GIB,
            unpacked_ratio: 100,
            gzip_members: 65_536,
            entries: 100_000,
            name_bytes: 4096,
            names_bytes: 16 * MIB,
            extension_bytes: 64 * KIB,
            header_bytes: MIB,
            footer_bytes: MIB,
            manifest_bytes: MIB,
            icon_bytes: 4 * MIB,
            yaml: YamlLimits::default(),
        }
    }
}
