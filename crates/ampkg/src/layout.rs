//! What is the same in every package (docs/format.md, "Archive").

/// The entry that comes first.
pub(crate) const HEADER: &str = "--PACKAGE-HEADER--";
/// How the names of the entries begin that come last.
pub(crate) const FOOTER: &str = "--PACKAGE-FOOTER--";
/// The entry of a store signature that was put behind a package.
pub(crate) const STORE_SIGNATURE_FOOTER: &str = "--PACKAGE-FOOTER--store-signature";
/// The manifest.
pub(crate) const MANIFEST: &str = "info.yaml";
/// Bytes of the largest icon that a device takes.
pub(crate) const DEVICE_ICON_BYTES: u64 = 256 * 1024;
/// Bytes that a tar header has, and of which the data of an entry fills a multiple.
pub(crate) const BLOCK_BYTES: usize = 512;
