//! One pass over a gzip file: is it sound, and where in it does an unpacked offset lie?

use std::io::Read;

use crc32fast::Hasher;
use flate2::{Decompress, FlushDecompress, Status};

use crate::{
    error::{Error, LimitKind},
    header,
    limits::Limits,
    source::Source,
};

/// Unpacked bytes that are held at a time.
const OUTPUT_BYTES: usize = 128 * 1024;

/// The farthest that a cut can lie before the offset: all but one byte of the longest stored block.
const REACH_BYTES: u64 = 0xfffe;

/// Where in a file an unpacked offset lies.
pub(crate) enum Place {
    /// Where a member begins, or behind the last one.
    Boundary {
        /// Offset in the file.
        file_offset: u64,
    },
    /// Inside a member.
    Inside(Inside),
}

/// An offset inside a member.
pub(crate) struct Inside {
    /// Where the member begins in the file.
    pub(crate) member_offset: u64,
    /// Where the member's deflate stream begins in the file.
    pub(crate) stream_offset: u64,
    /// The offset, counted from the member's beginning.
    pub(crate) unpacked_bytes: u64,
    /// Checksum of the member's data before `near`.
    pub(crate) crc_before_near: Hasher,
    /// The member's data before the offset, as far back as a cut can lie.
    pub(crate) near: Vec<u8>,
}

/// Inflates the whole file, compares all checksums, and says where `end` lies.
pub(crate) fn survey(file: impl Read, end: u64, limits: &Limits) -> Result<Place, Error> {
    let mut survey = Survey {
        source: Source::new(file, limits.file_bytes),
        inflate: Decompress::new(false),
        output: vec![0; OUTPUT_BYTES].into_boxed_slice(),
        unpacked_bytes: 0,
        unpacked_limit: limits.unpacked_bytes,
        end,
    };
    let mut members = 0;
    let mut place = None;
    loop {
        if survey.unpacked_bytes == end && place.is_none() {
            place = Some(Place::Boundary { file_offset: survey.source.offset() });
        }
        match survey.source.peek()?.first() {
            None if members > 0 => break,
            Some(0) if members > 0 => {
                zeros_to_the_end(&mut survey.source)?;
                break;
            }
            _ => {}
        }
        if members == limits.members {
            return Err(Error::Limit { kind: LimitKind::Members, limit: limits.members });
        }
        members += 1;
        if let Some(inside) = survey.member()? {
            place = Some(Place::Inside(inside));
        }
    }
    place.ok_or(Error::BeyondEnd { end, unpacked_bytes: survey.unpacked_bytes })
}

struct Survey<R> {
    source: Source<R>,
    inflate: Decompress,
    output: Box<[u8]>,
    /// Of all members so far.
    unpacked_bytes: u64,
    unpacked_limit: u64,
    end: u64,
}

impl<R: Read> Survey<R> {
    /// Reads a member. Answers if the end lies inside it, not at its beginning or its end.
    fn member(&mut self) -> Result<Option<Inside>, Error> {
        let member_offset = self.source.offset();
        header::skip(&mut self.source)?;
        let stream_offset = self.source.offset();
        self.inflate.reset(false);

        let first = self.unpacked_bytes;
        let near_offset = self.end.saturating_sub(REACH_BYTES).max(first);
        let mut crc = Hasher::new();
        let mut crc_before_near = crc.clone();
        let mut near = Vec::new();
        loop {
            let start = self.unpacked_bytes;
            // Pieces do not reach across these offsets, so that nothing has to be taken apart.
            let mark = [near_offset, self.end].into_iter().find(|&mark| mark > start).unwrap_or(u64::MAX);
            let (piece, at_end) = self.inflate_piece(member_offset, start - first, mark - start)?;
            let piece = self.output.get(..piece).unwrap_or_default();
            crc.update(piece);
            if (near_offset..self.end).contains(&start) {
                near.extend_from_slice(piece);
            } else if self.unpacked_bytes == near_offset {
                crc_before_near = crc.clone();
            }
            if at_end {
                break;
            }
        }
        self.trailer(member_offset, crc.finalize(), self.unpacked_bytes - first)?;
        let is_inside = first < self.end && self.end < self.unpacked_bytes;
        let unpacked_bytes = self.end.saturating_sub(first);
        Ok(is_inside.then_some(Inside {
            member_offset,
            stream_offset,
            unpacked_bytes,
            crc_before_near,
            near,
        }))
    }

    /// Unpacks at most `room` bytes to the output. Returns how many, and whether the stream ends there.
    fn inflate_piece(
        &mut self,
        member_offset: u64,
        unpacked_bytes: u64,
        room: u64,
    ) -> Result<(usize, bool), Error> {
        // One byte more than allowed, so that data of exactly the limit is told from longer data.
        let room = room.min((self.unpacked_limit - self.unpacked_bytes).saturating_add(1));
        let room = usize::try_from(room).unwrap_or(usize::MAX).min(self.output.len());
        let output = self.output.get_mut(..room).unwrap_or_default();
        let input = self.source.peek()?;
        let input_ended = input.is_empty();
        let (in_before, out_before) = (self.inflate.total_in(), self.inflate.total_out());
        let inflated = self.inflate.decompress(input, output, FlushDecompress::None);
        let consumed = self.inflate.total_in() - in_before;
        let produced = self.inflate.total_out() - out_before;
        self.source.consume(usize::try_from(consumed).unwrap_or(usize::MAX));
        if produced > self.unpacked_limit - self.unpacked_bytes {
            return Err(Error::Limit { kind: LimitKind::UnpackedBytes, limit: self.unpacked_limit });
        }
        self.unpacked_bytes += produced;

        let damaged = |reason: String| Error::Inflate { member_offset, unpacked_bytes, reason };
        let at_end = match inflated {
            Ok(Status::StreamEnd) => true,
            Ok(Status::Ok | Status::BufError) if consumed > 0 || produced > 0 => false,
            Ok(_) if input_ended => return Err(self.source.truncated()),
            Ok(_) => return Err(damaged("no progress".to_owned())),
            Err(error) => return Err(damaged(error.message().unwrap_or("not a deflate stream").to_owned())),
        };
        Ok((usize::try_from(produced).unwrap_or(0), at_end))
    }

    /// Compares the checksum and the length at a member's end with those of its data (RFC 1952, section 2.3.1).
    fn trailer(&mut self, member_offset: u64, crc: u32, unpacked_bytes: u64) -> Result<(), Error> {
        let expected = u32::from_le_bytes(self.source.take()?);
        if crc != expected {
            return Err(Error::Checksum { member_offset, found: crc, expected });
        }
        let expected = u32::from_le_bytes(self.source.take()?);
        let found = length_field(unpacked_bytes);
        if found != expected {
            return Err(Error::Length { member_offset, found, expected });
        }
        Ok(())
    }
}

/// What a member's end says of its length: the lowest 32 bits (RFC 1952, section 2.3.1).
pub(crate) fn length_field(unpacked_bytes: u64) -> u32 {
    u32::try_from(unpacked_bytes & u64::from(u32::MAX)).unwrap_or(0)
}

fn zeros_to_the_end<R: Read>(source: &mut Source<R>) -> Result<(), Error> {
    loop {
        let offset = source.offset();
        let bytes = source.peek()?;
        if bytes.is_empty() {
            return Ok(());
        }
        if let Some((index, &found)) = bytes.iter().enumerate().find(|(_, byte)| **byte != 0) {
            return Err(Error::TrailingData { offset: offset + index as u64, found });
        }
        let length = bytes.len();
        source.consume(length);
    }
}
