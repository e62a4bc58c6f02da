//! gzip members one after the other, then zeros (docs/format.md, "Archive").

use std::io::Read;

use super::{
    gzip_header,
    inflate::{Blocks, Failure, Inflater, Stop},
    landmark::{Block, Chunk, GzipLandmark, Marks, Member},
    source::Source,
    window::Window,
};
use crate::{
    error::{Error, LimitKind},
    limits::Limits,
};

/// Unpacked bytes that are held at a time.
const BUFFER_BYTES: usize = 128 * 1024;
/// Unpacked bytes before the end of a block is looked for: a stop costs time, and blocks may be as small as anybody likes.
const LEAST_CHUNK_BYTES: usize = 32 * 1024;
/// Bytes of a file that tell what it is.
const HEAD_BYTES: usize = 512;

/// Inflates all members of a gzip file. It checks each member's CRC-32 and length, and the bytes behind the last one: libarchive
/// would ignore them, and a signature would not cover them.
pub(super) struct Gunzip<R> {
    inflater: Inflater<R>,
    at_end: bool,
    window: Window,
    unpacked_bytes: u64,
    unpacked_limit: u64,
    free_bytes: u64,
    ratio: u64,
    members: u64,
    member_limit: u64,
    member: Member,
    member_ended: bool,
    /// CRC-32 of what came out of the current member (RFC 1952, section 2.3.1).
    member_crc: crc32fast::Hasher,
    chunk: Chunk,
    /// The last block that is known to begin at the end of what came out or before, and the one of the time when this chunk
    /// began.
    block: Block,
    block_before_chunk: Block,
    marks: Marks,
}

impl<R: Read> Gunzip<R> {
    /// Begins with the first member.
    pub(super) fn new(mut source: Source<R>, limits: &Limits) -> Result<Self, Error> {
        match source.at_least(HEAD_BYTES)? {
            [] => return Err(Error::EmptyFile),
            [0x1f] | [0x1f, 0x8b, ..] => {}
            head => return Err(Error::NotGzip { found: describe(head) }),
        }
        let mut gunzip = Self {
            inflater: Inflater::new(source),
            at_end: false,
            window: Window::new(BUFFER_BYTES),
            unpacked_bytes: 0,
            unpacked_limit: limits.unpacked_bytes,
            free_bytes: limits.unpacked_free_bytes,
            ratio: limits.unpacked_ratio,
            members: 0,
            member_limit: limits.gzip_members,
            member: Member::default(),
            member_ended: false,
            member_crc: crc32fast::Hasher::new(),
            chunk: Chunk::default(),
            block: Block::default(),
            block_before_chunk: Block::default(),
            marks: Marks::default(),
        };
        gunzip.begin_member()?;
        Ok(gunzip)
    }

    /// How many bytes were unpacked so far.
    pub(super) fn unpacked_bytes(&self) -> u64 {
        self.unpacked_bytes
    }

    /// Offset in the unpacked data of the next byte to be consumed.
    pub(super) fn offset(&self) -> u64 {
        self.unpacked_bytes - self.window.len() as u64
    }

    /// How many more bytes may be unpacked than were consumed.
    pub(super) fn allowance(&self) -> u64 {
        self.unpacked_limit - self.offset()
    }

    /// Remembers where an offset lies in the file that was just passed; not, if that is too long ago. The last two such
    /// offsets are remembered.
    pub(super) fn mark(&mut self, offset: u64) {
        if (self.chunk.start..=self.offset()).contains(&offset) {
            self.marks.add(offset);
        }
    }

    /// The source and the marks, when there are no more chunks.
    pub(super) fn into_source(self) -> (Source<R>, Vec<GzipLandmark>) {
        (self.inflater.into_source(), self.marks.finish())
    }

    /// The next unpacked bytes; none at the end of the last member.
    pub(super) fn chunk(&mut self) -> Result<&[u8], Error> {
        while self.window.is_empty() && !self.at_end {
            if self.member_ended {
                self.end_member()?;
            } else {
                self.next_chunk()?;
            }
        }
        Ok(self.window.bytes())
    }

    /// Marks bytes of the last chunk as used.
    pub(super) fn consume(&mut self, amount: usize) {
        self.window.consume(amount);
    }

    /// Unpacks the next bytes of the member: to the end of a block, to the member's end, or as many as there is room for. So
    /// chunks are mostly whole blocks, whatever pieces the source gives.
    fn next_chunk(&mut self) -> Result<(), Error> {
        self.leave_chunk();
        self.chunk.block = self.block_before_chunk;
        self.block_before_chunk = self.block;
        let begins_block = self.block.start == self.unpacked_bytes;
        loop {
            let is_small = begins_block && self.window.len() < LEAST_CHUNK_BYTES;
            let stop = if is_small {
                self.inflate(LEAST_CHUNK_BYTES - self.window.len(), Blocks::Ignore)?
            } else {
                self.inflate(usize::MAX, Blocks::Tell)?
            };
            match stop {
                Stop::Stream => {
                    self.member_ended = true;
                    return Ok(());
                }
                Stop::Block => {
                    self.block =
                        Block { offset: self.inflater.source().offset(), start: self.unpacked_bytes };
                    if !self.window.is_empty() {
                        return Ok(());
                    }
                }
                Stop::Buffer if self.window.len() >= BUFFER_BYTES => return Ok(()),
                Stop::Buffer => {}
            }
        }
    }

    /// Adds to the window, at most this much.
    fn inflate(&mut self, most: usize, blocks: Blocks) -> Result<Stop, Error> {
        let allowed = self.unpacked_limit - self.unpacked_bytes;
        // One byte more than allowed, so that a package of exactly the limit is told from a larger one.
        let most = most.min(usize::try_from(allowed).unwrap_or(usize::MAX).saturating_add(1));
        let held = self.window.len();
        let mut stop = Stop::Buffer;
        let filled = self.window.fill(most, |room| {
            let (bytes, stopped) = self.inflater.step(room, blocks)?;
            stop = stopped;
            Ok(bytes)
        });
        let bytes = match filled {
            Ok(bytes) => bytes,
            Err(Failure::Source(error)) => return Err(error),
            Err(Failure::Damaged(reason)) => return Err(self.damaged(reason)),
        };
        if bytes as u64 > allowed {
            return Err(Error::Limit { kind: LimitKind::UnpackedBytes, limit: self.unpacked_limit });
        }
        self.unpacked_bytes += bytes as u64;
        let earned = self.inflater.source().read_bytes().saturating_mul(self.ratio);
        if self.unpacked_bytes > self.free_bytes.max(earned) {
            return Err(Error::Limit { kind: LimitKind::UnpackedRatio, limit: self.ratio });
        }
        self.member_crc.update(self.window.bytes().get(held..).unwrap_or_default());
        Ok(stop)
    }

    /// Forgets the chunk, which was consumed, but for what was marked in it.
    fn leave_chunk(&mut self) {
        self.marks.leave_chunk(&self.member, &self.chunk, self.window.consumed());
        self.window.clear();
        self.chunk.start = self.unpacked_bytes;
        self.chunk.crc = self.member_crc.clone();
    }

    fn begin_member(&mut self) -> Result<(), Error> {
        self.members += 1;
        if self.members > self.member_limit {
            return Err(Error::Limit { kind: LimitKind::GzipMembers, limit: self.member_limit });
        }
        let source = self.inflater.source();
        let offset = source.offset();
        gzip_header::skip(source, self.unpacked_bytes)?;
        let stream_offset = source.offset();
        self.inflater.begin_stream();
        self.member = Member { offset, stream_offset, start: self.unpacked_bytes };
        self.member_ended = false;
        self.member_crc = crc32fast::Hasher::new();
        self.block = Block { offset: stream_offset, start: self.unpacked_bytes };
        self.block_before_chunk = self.block;
        Ok(())
    }

    /// Checks the end of a member. What follows is another one, the end, or zeros to the end.
    fn end_member(&mut self) -> Result<(), Error> {
        let member_bytes = self.unpacked_bytes - self.member.start;
        self.leave_chunk();
        self.marks.end_member(self.inflater.source().offset(), member_bytes);
        let crc = self.trailer()?;
        let length = self.trailer()?;
        let length_found = member_bytes & u64::from(u32::MAX);
        if crc != self.member_crc.clone().finalize() || u64::from(length) != length_found {
            return Err(self.damaged("checksum or length of a member is wrong"));
        }
        let source = self.inflater.source();
        if source.chunk()?.first() == Some(&0x1f) {
            return self.begin_member();
        }
        self.at_end = true;
        zeros_to_the_end(source)
    }

    /// A number behind the data of a member.
    fn trailer(&mut self) -> Result<u32, Error> {
        let source = self.inflater.source();
        let mut bytes = [0; 4];
        for byte in &mut bytes {
            let next = source.byte()?;
            *byte = next.ok_or_else(|| Error::TruncatedGzip { package_bytes: source.read_bytes() })?;
        }
        Ok(u32::from_le_bytes(bytes))
    }

    fn damaged(&self, reason: &str) -> Error {
        Error::Gzip { unpacked_bytes: self.unpacked_bytes, reason: reason.into() }
    }
}

fn zeros_to_the_end<R: Read>(source: &mut Source<R>) -> Result<(), Error> {
    loop {
        let chunk = source.chunk()?;
        let length = chunk.len();
        if length == 0 {
            return Ok(());
        }
        if let Some(at) = chunk.iter().position(|&byte| byte != 0) {
            return Err(Error::TrailingData { offset: source.offset() + at as u64 });
        }
        source.consume(length);
    }
}

/// The first bytes of something that is not gzip, and its name if it has a known one.
fn describe(head: &[u8]) -> String {
    let known: &[(&[u8], &str)] = &[
        (b"BZh", "bzip2"),
        (b"\xfd7zXZ\0", "xz"),
        (b"\x28\xb5\x2f\xfd", "zstd"),
        (b"PK\x03\x04", "zip"),
        (b"\x04\x22\x4d\x18", "lz4"),
    ];
    let bytes: Vec<String> = head.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    let is_tar = head.get(257..262) == Some(b"ustar");
    let name = known.iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, name)| *name);
    match name.or(is_tar.then_some("uncompressed tar")) {
        Some(name) => format!("{} ({name})", bytes.join(" ")),
        None => bytes.join(" "),
    }
}
