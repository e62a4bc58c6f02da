//! The member that carries the new end.

use std::io::Write as _;

use crc32fast::Hasher;
use flate2::{Compression, write::DeflateEncoder};

use crate::error::Error;

/// The shortest header there is: deflate, no name, no time, no system (RFC 1952, section 2.3).
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// A longer `rem` comes from a stored block. Whoever made that found nothing to compress, and a download must not wait for a
/// second try.
const STORED_FROM_BYTES: usize = 258;

/// The most that a stored block holds (RFC 1951, section 3.2.4).
const STORED_BLOCK_BYTES: usize = 0xffff;

/// One gzip member that unpacks to `rem` and `tail`. The same input makes the same bytes.
pub fn tail_gzip(rem: &[u8], tail: &[u8]) -> Result<Vec<u8>, Error> {
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
    let mut deflate = DeflateEncoder::new(member, Compression::default());
    let written = deflate.write_all(&packed).and_then(|()| deflate.finish());
    let mut member = written.map_err(|source| Error::Compress { source })?;
    member.extend(crc.finalize().to_le_bytes());
    member.extend(length.to_le_bytes());
    Ok(member)
}

#[cfg(test)]
mod tests {
    use super::*;

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
