//! Where in the gzip file some offsets of the archive lie, noted while it is inflated.

use std::fmt;

use crc32fast::Hasher;

/// Where an offset in the unpacked archive lies in the gzip file. With this, whoever gives the file a new end from there on needs
/// not inflate it again.
///
/// A package is a sequence of gzip members, each of which holds a deflate stream (RFC 1952), which is a sequence of blocks
/// (RFC 1951). The offset lies inside a member or at its end. Which block is named, and how much data there is before the
/// offset, depends on the pieces that the file came in.
#[derive(Clone)]
pub struct GzipLandmark {
    /// The offset in the unpacked archive.
    pub offset_bytes: u64,
    /// Where in the file the member begins.
    pub member_offset: u64,
    /// Where in the file the member's deflate stream begins.
    pub stream_offset: u64,
    /// Where in the file the member's deflate stream ends and its checksum begins.
    pub trailer_offset: u64,
    /// Unpacked length of the members before it.
    pub member_start: u64,
    /// Unpacked length of the member.
    pub member_bytes: u64,
    /// Where in the file a deflate block begins that is not far from the offset; it may begin inside the byte before this, unless
    /// it is the first block of the stream.
    pub block_offset: u64,
    /// Unpacked length of the member before that block.
    pub block_bytes: u64,
    /// CRC-32 of the member's data before `near`.
    pub crc_before_near: u32,
    /// The member's data that ends at the offset; at most 128 KiB.
    pub near: Vec<u8>,
    /// CRC-32 of the member's data from the offset on.
    pub crc_behind: u32,
}

/// Only which offset it is for: the data would fill pages.
impl fmt::Debug for GzipLandmark {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("GzipLandmark")
            .field("offset_bytes", &self.offset_bytes)
            .finish_non_exhaustive()
    }
}

/// Where a member begins.
#[derive(Clone, Copy, Default)]
pub(super) struct Member {
    pub(super) offset: u64,
    pub(super) stream_offset: u64,
    /// Unpacked length of the members before it.
    pub(super) start: u64,
}

/// Where a block begins.
#[derive(Clone, Copy, Default)]
pub(super) struct Block {
    /// In the file, without the byte that it may begin inside.
    pub(super) offset: u64,
    /// In the unpacked data of all members.
    pub(super) start: u64,
}

/// The bytes that are held unpacked.
#[derive(Clone, Default)]
pub(super) struct Chunk {
    /// Their offset in the unpacked data of all members.
    pub(super) start: u64,
    /// Checksum of the member's data before them.
    pub(super) crc: Hasher,
    /// Where a block begins: before this chunk and, if there is one, the chunk before. That block and the ones behind it tell
    /// how the bits of the ones in this chunk lie.
    pub(super) block: Block,
}

/// The last offsets that were to be noted.
#[derive(Default)]
pub(super) struct Marks {
    /// Where the last footer begins and ends: more places nobody can name for a signature.
    last: [Option<Mark>; 2],
}

enum Mark {
    /// Lies in the chunk that is held.
    Held { offset: u64 },
    /// Lies in an earlier chunk of the current member. The hash is of the data behind it.
    Passed { landmark: GzipLandmark, behind: Hasher },
    /// Lies in an earlier member, or at its end.
    Done(GzipLandmark),
}

impl Marks {
    /// Notes an offset in the chunk that is held, and forgets the last but one.
    pub(super) fn add(&mut self, offset: u64) {
        let [_, last] = &mut self.last;
        if last.as_ref().is_none_or(|last| last.offset() != offset) {
            let last = last.replace(Mark::Held { offset });
            self.last[0] = last;
        }
    }

    /// The chunk, with these bytes, will be held no longer. This copies it at most twice, and only if an offset lies in it.
    pub(super) fn leave_chunk(&mut self, member: &Member, chunk: &Chunk, bytes: &[u8]) {
        for mark in self.last.iter_mut().flatten() {
            match mark {
                Mark::Held { offset } => {
                    let near_bytes =
                        usize::try_from(offset.saturating_sub(chunk.start)).unwrap_or(usize::MAX);
                    let (near, rest) = bytes.split_at_checked(near_bytes).unwrap_or((bytes, &[]));
                    let mut behind = Hasher::new();
                    behind.update(rest);
                    let landmark = GzipLandmark {
                        offset_bytes: *offset,
                        member_offset: member.offset,
                        stream_offset: member.stream_offset,
                        trailer_offset: 0,
                        member_start: member.start,
                        member_bytes: 0,
                        block_offset: chunk.block.offset,
                        block_bytes: chunk.block.start - member.start,
                        crc_before_near: chunk.crc.clone().finalize(),
                        near: near.to_vec(),
                        crc_behind: 0,
                    };
                    *mark = Mark::Passed { landmark, behind };
                }
                Mark::Passed { behind, .. } => behind.update(bytes),
                Mark::Done(_) => {}
            }
        }
    }

    /// The member, of this unpacked length, ends; its last chunk was left.
    pub(super) fn end_member(&mut self, trailer_offset: u64, member_bytes: u64) {
        for place in &mut self.last {
            *place = place.take().map(|mark| match mark {
                Mark::Passed { landmark, behind } => Mark::Done(GzipLandmark {
                    trailer_offset,
                    member_bytes,
                    crc_behind: behind.finalize(),
                    ..landmark
                }),
                other => other,
            });
        }
    }

    /// What was noted, when all members have ended.
    pub(super) fn finish(self) -> Vec<GzipLandmark> {
        let done = |mark| match mark {
            Mark::Done(landmark) => Some(landmark),
            _ => None,
        };
        self.last.into_iter().flatten().filter_map(done).collect()
    }
}

impl Mark {
    fn offset(&self) -> u64 {
        match self {
            Self::Held { offset } => *offset,
            Self::Passed { landmark, .. } | Self::Done(landmark) => landmark.offset_bytes,
        }
    }
}
