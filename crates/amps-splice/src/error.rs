//! Why a file cannot be spliced.

use std::{fmt, io};

use thiserror::Error as ThisError;

/// Why no recipe was found, or no end was made.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum Error {
    /// The source of the bytes failed.
    #[error("cannot read the file at byte {offset}")]
    Read {
        /// How much of it was read before, in bytes.
        offset: u64,
        /// What the source said.
        source: io::Error,
    },

    /// A limit is exceeded.
    #[error("more than {limit} {kind}")]
    Limit {
        /// What there is too much of.
        kind: LimitKind,
        /// The most that is accepted.
        limit: u64,
    },

    /// The file, or what follows a member, is neither a gzip member nor zeros.
    #[error("found `{found}` at byte {offset}, expected a gzip member{}", if *offset == 0 { "" } else { ", zeros or the end" })]
    NotGzip {
        /// Where it stands in the file.
        offset: u64,
        /// Its first bytes, hexadecimal; nothing for an empty file.
        found: String,
    },

    /// The zeros behind the last member are followed by something else.
    #[error("found `{found:02x}` at byte {offset} behind the last gzip member, expected only zeros")]
    TrailingData {
        /// Where the first byte that is not zero stands in the file.
        offset: u64,
        /// That byte.
        found: u8,
    },

    /// A member's header is not as RFC 1952 wants it.
    #[error("gzip member at byte {member_offset}: {defect}")]
    Header {
        /// Where the member begins in the file.
        member_offset: u64,
        /// What is wrong.
        defect: HeaderDefect,
    },

    /// The file ends inside a member.
    #[error("the file ends at byte {file_bytes} inside a gzip member")]
    Truncated {
        /// Its length.
        file_bytes: u64,
    },

    /// A member's data cannot be inflated.
    #[error(
        "gzip member at byte {member_offset}: damaged data after {unpacked_bytes} unpacked bytes: {reason}"
    )]
    Inflate {
        /// Where the member begins in the file.
        member_offset: u64,
        /// How much of the member was unpacked before.
        unpacked_bytes: u64,
        /// What the decompressor said.
        reason: String,
    },

    /// A member's data is not what its checksum says.
    #[error(
        "gzip member at byte {member_offset}: the data has the CRC-32 `{found:08x}`, expected `{expected:08x}`"
    )]
    Checksum {
        /// Where the member begins in the file.
        member_offset: u64,
        /// The checksum of the data.
        found: u32,
        /// The one at the member's end.
        expected: u32,
    },

    /// A member's data is not as long as its end says.
    #[error(
        "gzip member at byte {member_offset}: the data has {found} bytes (modulo 2^32), expected {expected}"
    )]
    Length {
        /// Where the member begins in the file.
        member_offset: u64,
        /// The lowest 32 bits of the number of unpacked bytes.
        found: u32,
        /// The number at the member's end.
        expected: u32,
    },

    /// The offset to cut at lies behind the end of the data.
    #[error("the file has {unpacked_bytes} unpacked bytes, expected at least {end}")]
    BeyondEnd {
        /// The offset.
        end: u64,
        /// How much data there is.
        unpacked_bytes: u64,
    },

    /// A deflate stream breaks a rule of RFC 1951.
    #[error("deflate stream at bit {bit}: {defect}")]
    Deflate {
        /// Where in the stream: in front of the symbol or field, or behind the codes.
        bit: u64,
        /// What is wrong.
        defect: DeflateDefect,
    },

    /// A deflate stream ends before its last block does.
    #[error("the deflate stream ends at bit {bits} inside a block")]
    TruncatedDeflate {
        /// Its length.
        bits: u64,
    },

    /// The second look at a file does not fit the first: somebody writes to it.
    #[error("the file changed while it was read")]
    Changed,

    /// The new end could not be compressed.
    #[error("cannot compress the new end")]
    Compress {
        /// What the compressor said.
        source: io::Error,
    },
}

/// What there can be too much of; see [`Limits`](crate::Limits).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LimitKind {
    /// Bytes of the file.
    FileBytes,
    /// Bytes after decompression.
    UnpackedBytes,
    /// gzip members.
    Members,
    /// Deflate blocks.
    Blocks,
}

impl fmt::Display for LimitKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FileBytes => "bytes in the file",
            Self::UnpackedBytes => "unpacked bytes",
            Self::Members => "gzip members",
            Self::Blocks => "deflate blocks in one gzip member",
        })
    }
}

/// What is wrong with a member's header (RFC 1952, section 2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, ThisError)]
#[non_exhaustive]
pub enum HeaderDefect {
    /// The compression method is not deflate.
    #[error("compression method `{found}`, expected `8` (deflate)")]
    Method {
        /// The method.
        found: u8,
    },
    /// A flag is set that has no meaning.
    #[error("flags `{found:#04x}`, expected the highest three bits to be zero")]
    Flags {
        /// All flags.
        found: u8,
    },
    /// The header is not what its checksum says.
    #[error("the header has the CRC-16 `{found:04x}`, expected `{expected:04x}`")]
    Checksum {
        /// The checksum of the header.
        found: u16,
        /// The one at its end.
        expected: u16,
    },
}

/// What is wrong with a deflate stream (RFC 1951). These are the rules of zlib, no more and no fewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ThisError)]
#[non_exhaustive]
pub enum DeflateDefect {
    /// A block of the reserved type 3.
    #[error("block type `3`, expected `0`, `1` or `2`")]
    BlockType,
    /// A stored block's length is not followed by its complement.
    #[error("stored length `{length:04x}` with complement `{complement:04x}`, expected `{:04x}`", !length)]
    StoredLength {
        /// The length.
        length: u16,
        /// What should be its complement.
        complement: u16,
    },
    /// A block has more code lengths than there are symbols.
    #[error("{found} {code} symbols, expected at most {limit}")]
    TooManySymbols {
        /// The code with too many.
        code: Code,
        /// How many.
        found: usize,
        /// How many there are.
        limit: usize,
    },
    /// More codes than can be told apart.
    #[error("the {code} code is over-subscribed")]
    OverSubscribed {
        /// Which one.
        code: Code,
    },
    /// Bits that mean nothing, in a code where that is not allowed.
    #[error("the {code} code is incomplete")]
    Incomplete {
        /// Which one.
        code: Code,
    },
    /// The first code length is said to repeat the one before it.
    #[error("the first code length repeats one before it")]
    RepeatsNothing,
    /// A code length is repeated beyond the last symbol.
    #[error("{found} code lengths, expected {expected}")]
    TooManyLengths {
        /// How many there would be.
        found: usize,
        /// How many there are.
        expected: usize,
    },
    /// No code says where the block ends.
    #[error("no code for the end of the block")]
    NoEndOfBlock,
    /// Bits that mean nothing in this block.
    #[error("bits that are no {code} code")]
    UnknownSymbol {
        /// The code they are not of.
        code: Code,
    },
    /// A match that begins before the data does.
    #[error("a distance of {distance} after {unpacked_bytes} bytes")]
    TooFarBack {
        /// The distance.
        distance: u64,
        /// How much data there is before the match.
        unpacked_bytes: u64,
    },
}

/// The Huffman codes of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Code {
    /// The one that the lengths of the two others are written in.
    CodeLength,
    /// Literals, the end of the block, lengths.
    Literal,
    /// Distances.
    Distance,
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CodeLength => "code length",
            Self::Literal => "literal/length",
            Self::Distance => "distance",
        })
    }
}
