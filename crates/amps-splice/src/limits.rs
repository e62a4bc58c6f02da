//! How much work a file may cause.

/// Upper bounds for finding a [`Recipe`](crate::Recipe). Each is inclusive: a file that has exactly as much is read, one more is
/// refused with [`Error::Limit`](crate::Error::Limit).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file, zeros behind the last member included. Default 8 GiB.
    pub file_bytes: u64,
    /// Bytes after decompression. Default 16 GiB: a gzip bomb costs at most the time to inflate this much, never the memory.
    pub unpacked_bytes: u64,
    /// Members. Default 65,536: a member of nothing is 20 bytes, and each has to be begun anew.
    pub members: u64,
    /// Deflate blocks before the cut in the member that is cut. Default 4,194,304 (2^22): compressors make blocks of some
    /// kilobytes, but an empty block is 10 bits, and one that brings its own codes, which have to be worked out, is 11 bytes.
    pub blocks: u64,
}

impl Default for Limits {
    fn default() -> Self {
        const GIB: u64 = 1 << 30;
        Self { file_bytes: 8 * GIB, unpacked_bytes: 16 * GIB, members: 65_536, blocks: 1 << 22 }
    }
}
