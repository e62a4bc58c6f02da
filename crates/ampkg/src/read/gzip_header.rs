//! The header of a gzip member (RFC 1952, section 2.3).

use std::io::Read;

use super::source::Source;
use crate::error::Error;

/// Magic, and the one method there is.
const BEGIN: [u8; 3] = [0x1f, 0x8b, 8];
/// Longest file name or comment, in bytes. RFC 1952 has no limit, but one that fills the file would be read for nothing.
const MAX_TEXT_BYTES: usize = 64 * 1024;

const HEADER_CRC: u8 = 1 << 1;
const EXTRA: u8 = 1 << 2;
const NAME: u8 = 1 << 3;
const COMMENT: u8 = 1 << 4;
const RESERVED: u8 = 0b1110_0000;

/// Reads a header and forgets it. `unpacked_bytes` came out of the members before.
pub(super) fn skip<R: Read>(source: &mut Source<R>, unpacked_bytes: u64) -> Result<(), Error> {
    let mut header = Header { source, bytes: Vec::new() };
    let damaged = |reason: &str| Err(Error::Gzip { unpacked_bytes, reason: reason.into() });
    if header.array::<3>()? != BEGIN {
        return damaged("a member has the wrong magic number or an unknown method");
    }
    let [flags, ..] = header.array::<7>()?; // time, extra flags and system mean nothing here
    if flags & RESERVED != 0 {
        return damaged("a header has reserved flags");
    }
    if flags & EXTRA != 0 {
        let length = u16::from_le_bytes(header.array()?);
        for _ in 0..length {
            header.byte()?;
        }
    }
    for field in [NAME, COMMENT] {
        if flags & field != 0 && !header.text()? {
            return damaged("a file name or comment in a header is longer than 65536 bytes");
        }
    }
    if flags & HEADER_CRC != 0 {
        let [low, high, ..] = crc32fast::hash(&header.bytes).to_le_bytes();
        if header.array()? != [low, high] {
            return damaged("the checksum of a header is wrong");
        }
    }
    Ok(())
}

struct Header<'a, R> {
    source: &'a mut Source<R>,
    /// All that was read, for the checksum.
    bytes: Vec<u8>,
}

impl<R: Read> Header<'_, R> {
    fn byte(&mut self) -> Result<u8, Error> {
        let byte = self.source.byte()?;
        let byte = byte.ok_or_else(|| Error::TruncatedGzip { package_bytes: self.source.read_bytes() })?;
        self.bytes.push(byte);
        Ok(byte)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let mut bytes = [0; N];
        for byte in &mut bytes {
            *byte = self.byte()?;
        }
        Ok(bytes)
    }

    /// Reads to a NUL; says whether there was one in time.
    fn text(&mut self) -> Result<bool, Error> {
        for _ in 0..=MAX_TEXT_BYTES {
            if self.byte()? == 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
