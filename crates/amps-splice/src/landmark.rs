//! What somebody who has inflated a file noted near an offset, and how that leads to the cut without inflating it again.

use std::io::{Read, Seek};

use crc32fast::Hasher;

use crate::{
    deflate::{self, Cut, Start, Walk},
    error::Error,
    header,
    limits::Limits,
    recipe::seek,
    source::Source,
    survey::{Inside, length_field},
};

/// The most that is read and walked of a file. Blocks are smaller by far; behind one that is larger, or that was missed, the
/// file is looked at as a whole.
const MAX_PACKED_BYTES: u64 = 512 * 1024;

/// CRC-32 and length.
const TRAILER_BYTES: usize = 8;

/// What a pass over a sound gzip file can note of an offset in the unpacked data.
///
/// Whoever inflates with zlib's `Z_BLOCK` has all of this except the bit at which a block begins: of that only the byte is known.
#[derive(Clone, Copy, Debug)]
pub struct Landmark<'a> {
    /// The offset, in the unpacked data of the whole file: the one from which on it is to be replaced.
    pub end: u64,
    /// Where in the file the member begins that the offset lies in, or at whose end.
    pub member_offset: u64,
    /// Where in the file the member's deflate stream begins.
    pub stream_offset: u64,
    /// Where in the file the member's deflate stream ends and its CRC-32 begins.
    pub trailer_offset: u64,
    /// Unpacked length of all members before it.
    pub member_start: u64,
    /// Unpacked length of the member.
    pub member_bytes: u64,
    /// A deflate block that begins before the offset, the nearer the better: where in the file the first byte stands that has
    /// nothing but bits of this block or of later ones. The byte before it may have some of its bits, too, unless this is
    /// where the stream begins.
    pub block_offset: u64,
    /// Unpacked length of the member before that block.
    pub block_bytes: u64,
    /// CRC-32 of the member's data before `near`.
    pub crc_before_near: u32,
    /// The member's data that ends at the offset; the more, the more surely the cut lies in it.
    pub near: &'a [u8],
    /// CRC-32 of the member's data from the offset on.
    pub crc_behind: u32,
}

/// Where a landmark leads.
pub(crate) enum Found {
    /// To the end of a member, which is here in the file.
    Boundary { file_offset: u64 },
    /// Into a member. The packed length of the cut is counted from `walked_from`.
    Cut { inside: Inside, cut: Cut, walked_from: u64 },
}

impl Landmark<'_> {
    /// Where `end` lies in the file; nothing if that is not certain.
    pub(crate) fn place(
        &self,
        file: &mut (impl Read + Seek),
        limits: &Limits,
    ) -> Result<Option<Found>, Error> {
        let Some(range) = self.range() else { return Ok(None) };
        if !self.is_at_member(file)? {
            return Ok(None);
        }
        let packed = range.read(file)?;
        let Some((stream, trailer)) = packed.split_last_chunk::<TRAILER_BYTES>() else { return Ok(None) };
        if *trailer != self.trailer(&range) || stream.len() as u64 != self.trailer_offset - range.first {
            return Ok(None);
        }
        if range.end_bytes == self.member_bytes {
            let file_offset = self.trailer_offset + TRAILER_BYTES as u64;
            return Ok(Some(Found::Boundary { file_offset }));
        }
        let Some(cut) = self.cut(&range, stream, limits) else { return Ok(None) };
        if range.end_bytes - cut.unpacked_bytes > self.near.len() as u64 {
            return Ok(None);
        }
        let inside = Inside {
            member_offset: self.member_offset,
            stream_offset: self.stream_offset,
            unpacked_bytes: range.end_bytes,
            crc_before_near: Hasher::new_with_initial_len(self.crc_before_near, range.near_bytes),
            near: self.near.to_vec(),
        };
        Ok(Some(Found::Cut { inside, cut, walked_from: range.first }))
    }

    /// What the numbers say, if they can be true.
    fn range(&self) -> Option<Range> {
        let end_bytes = self.end.checked_sub(self.member_start)?;
        let near_bytes = end_bytes.checked_sub(self.near.len() as u64)?;
        let behind_bytes = self.member_bytes.checked_sub(end_bytes)?;
        let is_exact = self.block_offset == self.stream_offset;
        // Of several empty blocks in front of the offset, the cut lies behind the first. So the block must begin before it.
        let is_ordered = self.member_offset < self.stream_offset
            && self.stream_offset <= self.block_offset
            && self.block_bytes < end_bytes
            && (!is_exact || self.block_bytes == 0);
        let first = self.block_offset.checked_sub(u64::from(!is_exact))?;
        let packed_bytes = self.trailer_offset.checked_sub(first)?;
        (is_ordered && packed_bytes <= MAX_PACKED_BYTES).then_some(Range {
            end_bytes,
            near_bytes,
            behind_bytes,
            first,
            packed_bytes,
            is_exact,
        })
    }

    /// Whether a member begins where one should.
    fn is_at_member(&self, file: &mut (impl Read + Seek)) -> Result<bool, Error> {
        seek(file, self.member_offset)?;
        let mut source = Source::new(file, u64::MAX);
        match header::skip(&mut source) {
            Ok(()) => Ok(source.offset() == self.stream_offset - self.member_offset),
            Err(error @ Error::Read { .. }) => Err(error),
            Err(_) => Ok(false),
        }
    }

    /// How the member must end, if what was noted is right: the checksum joins all of it.
    fn trailer(&self, range: &Range) -> [u8; TRAILER_BYTES] {
        let mut crc = Hasher::new_with_initial_len(self.crc_before_near, range.near_bytes);
        crc.update(self.near);
        crc.combine(&Hasher::new_with_initial_len(self.crc_behind, range.behind_bytes));
        let length = u64::from(length_field(self.member_bytes));
        (length << 32 | u64::from(crc.finalize())).to_le_bytes()
    }

    /// The cut, if all bits that the block can begin at lead to the same.
    ///
    /// A walk from the right bit goes through to the end of the stream, and has the right length there. Others seldom do,
    /// but in front of a stored block, where some bits are only there to fill a byte, and in a file that is made for it.
    fn cut(&self, range: &Range, stream: &[u8], limits: &Limits) -> Option<Cut> {
        let unpacked_bytes = self.block_bytes;
        let mut only = None;
        for skip_bits in if range.is_exact { 0..=0 } else { 1..=8 } {
            let walk =
                |stop| deflate::walk_on(stream, Start { skip_bits, unpacked_bytes }, stop, limits.blocks);
            let whole = Walk::End { packed_bytes: range.packed_bytes, unpacked_bytes: self.member_bytes };
            match walk(u64::MAX) {
                Ok(walked) if walked == whole => {}
                // It may be the right one, only longer than allowed.
                Err(Error::Limit { .. }) => return None,
                _ => continue,
            }
            let Ok(Walk::Cut(cut)) = walk(range.end_bytes) else { return None };
            if only.replace(cut).is_some_and(|other| other != cut) {
                return None;
            }
        }
        only
    }
}

/// Where the walk goes.
struct Range {
    /// Unpacked lengths of the member: before the offset, before `near`, behind the offset.
    end_bytes: u64,
    near_bytes: u64,
    behind_bytes: u64,
    /// The first byte in the file that may have bits of the block, and how many there are up to the end of the stream.
    first: u64,
    packed_bytes: u64,
    /// Whether the block begins with that byte.
    is_exact: bool,
}

impl Range {
    /// The packed data and the trailer; less, if the file ends before.
    fn read(&self, file: &mut (impl Read + Seek)) -> Result<Vec<u8>, Error> {
        seek(file, self.first)?;
        let mut packed = Vec::new();
        match file.take(self.packed_bytes + TRAILER_BYTES as u64).read_to_end(&mut packed) {
            Ok(_) => Ok(packed),
            Err(source) => Err(Error::Read { offset: self.first, source }),
        }
    }
}
