//! A tar archive, put together block by block.

use crate::TarEntry;

const BLOCK_BYTES: usize = 512;

/// The blocks of an archive.
///
/// ```
/// use amps_testkit::{Archive, TarEntry};
///
/// let whole = Archive::of(&[TarEntry::file("a", "x")]).end();
/// assert_eq!(whole.len(), 512 + 512 + 1024);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Archive {
    bytes: Vec<u8>,
}

impl Archive {
    /// An archive of these entries.
    pub fn of<'a>(entries: impl IntoIterator<Item = &'a TarEntry>) -> Self {
        Self { bytes: entries.into_iter().flat_map(TarEntry::to_bytes).collect() }
    }

    /// Adds bytes that are no entry.
    #[must_use]
    pub fn raw(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.bytes.extend(bytes.as_ref());
        self
    }

    /// The archive with the two zero blocks that end it.
    pub fn end(self) -> Vec<u8> {
        self.end_with(2)
    }

    /// The archive with another number of zero blocks.
    pub fn end_with(mut self, zero_blocks: usize) -> Vec<u8> {
        self.bytes.extend(vec![0; zero_blocks * BLOCK_BYTES]);
        self.bytes
    }
}
