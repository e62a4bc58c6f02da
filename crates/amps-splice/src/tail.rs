//! The member that carries the new end.

use crc32fast::Hasher;
use flate2::{Compress, Compression, FlushCompress, Status};

use crate::error::Error;

/// The shortest header there is: deflate, no name, no time, no system (RFC 1952, section 2.3).
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// A longer `rem` comes from a stored block. Whoever made that found nothing to compress, and a download must not wait for a
/// second try.
const STORED_FROM_BYTES: usize = 258;

/// The most that a stored block holds (RFC 1951, section 3.2.4).
const STORED_BLOCK_BYTES: usize = 0xffff;

/// A new end is a signature in base64, of which compression takes off a quarter at any level. The first one takes the least time,
/// and every signed download waits for it.
const LEVEL: Compression = Compression::fast();

/// One gzip member that unpacks to `rem` and `tail`. The same input makes the same bytes.
pub fn tail_gzip(rem: &[u8], tail: &[u8]) -> Result<Vec<u8>, Error> {
    TailPacker::new().pack(rem, tail)
}

/// Makes such members one after the other, all in the same memory.
///
/// Compressing takes some 300 kB. Whoever makes thousands of members and keeps them should not ask for that anew each time:
/// between pieces that come and go, what is kept tears the heap, until it has a hundred times the size of its contents.
#[derive(Debug)]
pub struct TailPacker {
    deflate: Compress,
}

impl Default for TailPacker {
    fn default() -> Self {
        Self::new()
    }
}

impl TailPacker {
    /// Takes the memory.
    pub fn new() -> Self {
        Self { deflate: Compress::new(LEVEL, false) }
    }

    /// One gzip member that unpacks to `rem` and `tail`: the same bytes whatever was packed before.
    pub fn pack(&mut self, rem: &[u8], tail: &[u8]) -> Result<Vec<u8>, Error> {
        let mut member = HEADER.to_vec();
        let mut packed = [rem, tail].concat();
        let mut crc = Hasher::new();
        crc.update(&packed);
        let length = u32::try_from(packed.len() as u64 & u64::from(u32::MAX)).unwrap_or(0);
        if rem.len() >= STORED_FROM_BYTES {
            for block in rem.chunks(STORED_BLOCK_BYTES) {
                let length = u16::try_from(block.len()).unwrap_or(0);
                member.push(0);
                member.extend(length.to_le_bytes());
                member.extend((!length).to_le_bytes());
                member.extend(block);
            }
            packed.drain(..rem.len());
        }
        self.deflate(&packed, &mut member)?;
        member.extend(crc.finalize().to_le_bytes());
        member.extend(length.to_le_bytes());
        Ok(member)
    }

    fn deflate(&mut self, mut data: &[u8], member: &mut Vec<u8>) -> Result<(), Error> {
        self.deflate.reset();
        loop {
            member.reserve(data.len() / 2 + 64);
            let before = self.deflate.total_in();
            let status = self.deflate.compress_vec(data, member, FlushCompress::Finish);
            let status = status.map_err(|source| Error::Compress { source: source.into() })?;
            let read = usize::try_from(self.deflate.total_in() - before).unwrap_or(usize::MAX);
            data = data.get(read..).unwrap_or_default();
            if status == Status::StreamEnd {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_packed_before_does_not_matter() {
        let mut packer = TailPacker::new();
        let noise: Vec<u8> =
            (0_u32..90_000).flat_map(|at| at.wrapping_mul(2_654_435_761).to_be_bytes()).collect();
        let inputs: [(&[u8], &[u8]); 4] =
            [(b"", b""), (b"rem", &noise), (&noise, b"tail"), (b"rem", b"rem rem rem")];
        for (rem, tail) in inputs.into_iter().cycle().take(9) {
            assert_eq!(packer.pack(rem, tail).unwrap(), tail_gzip(rem, tail).unwrap());
        }
    }

    #[test]
    fn only_what_no_match_can_leave_is_stored() {
        for (length, is_stored) in [(0, false), (257, false), (258, true), (0xfffe, true), (0x1_0000, true)] {
            let rem = vec![b'r'; length];
            let member = tail_gzip(&rem, b"tail").unwrap();
            assert_eq!(member.len() > length && length > 0, is_stored, "{length} became {}", member.len());
            assert_eq!(member.get(10) == Some(&0), is_stored);
        }
    }
}
