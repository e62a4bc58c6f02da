//! The digest of a package without signed metadata, computed from the rule (docs/format.md, "Digest").

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::TarEntry;

/// The digest of these entries in 64 hexadecimal digits. Header, footers, and whatever is neither file nor directory do not
/// count.
pub fn digest<'a>(entries: impl IntoIterator<Item = &'a TarEntry>) -> String {
    let mut hash = Sha256::new();
    for entry in entries.into_iter().filter(|entry| !entry.name().starts_with(b"--PACKAGE-")) {
        if entry.is_file() {
            hash.update(entry.data());
            hash.update(format!("F/{}/", entry.data().len()));
            hash.update(entry.name());
        } else if entry.is_directory() {
            hash.update("D/0/");
            hash.update(entry.name().strip_suffix(b"/").unwrap_or(entry.name()));
        }
    }
    hex(&hash.finalize())
}

/// Bytes as lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_the_hash_of_content_kind_size_and_name() {
        let entries = [
            TarEntry::file("--PACKAGE-HEADER--", "not covered"),
            TarEntry::directory("d"),
            TarEntry::file("d/f", "abc"),
        ];
        assert_eq!(digest(&entries), hex(&Sha256::digest("D/0/dabcF/3/d/f")));
    }
}
