//! The header of a gzip member (RFC 1952, section 2.3).

use std::io::Read;

use crc32fast::Hasher;

use crate::{
    error::{Error, HeaderDefect},
    source::Source,
};

/// What each member begins with.
const MAGIC: [u8; 2] = [0x1f, 0x8b];
const DEFLATE: u8 = 8;

const HEADER_CRC: u8 = 1 << 1;
const EXTRA: u8 = 1 << 2;
const NAME: u8 = 1 << 3;
const COMMENT: u8 = 1 << 4;
const RESERVED: u8 = 0b1110_0000;

/// Passes over a member's header. What it says of names, times and systems is nobody's business here.
pub(crate) fn skip<R: Read>(source: &mut Source<R>) -> Result<(), Error> {
    let member_offset = source.offset();
    let mut header = Hashed { source, crc: Hasher::new() };
    for (index, expected) in MAGIC.into_iter().enumerate() {
        // Not `Truncated`: what does not begin like a member is none.
        match header.source.peek()?.first() {
            Some(&found) if found == expected => header.take::<1>()?,
            other => {
                let found = MAGIC.into_iter().take(index).chain(other.copied());
                let found = found.map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ");
                return Err(Error::NotGzip { offset: member_offset, found });
            }
        };
    }
    let [method, flags, ..] = header.take::<8>()?;
    if method != DEFLATE {
        return Err(Error::Header { member_offset, defect: HeaderDefect::Method { found: method } });
    }
    if flags & RESERVED != 0 {
        return Err(Error::Header { member_offset, defect: HeaderDefect::Flags { found: flags } });
    }
    if flags & EXTRA != 0 {
        let length = u16::from_le_bytes(header.take()?);
        for _ in 0..length {
            header.take::<1>()?;
        }
    }
    for flag in [NAME, COMMENT] {
        while flags & flag != 0 && header.take()? != [0] {}
    }
    if flags & HEADER_CRC != 0 {
        let [low, high, ..] = header.crc.finalize().to_le_bytes();
        let (found, expected) = (u16::from_le_bytes([low, high]), u16::from_le_bytes(source.take()?));
        if found != expected {
            let defect = HeaderDefect::Checksum { found, expected };
            return Err(Error::Header { member_offset, defect });
        }
    }
    Ok(())
}

struct Hashed<'a, R> {
    source: &'a mut Source<R>,
    crc: Hasher,
}

impl<R: Read> Hashed<'_, R> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let bytes = self.source.take()?;
        self.crc.update(&bytes);
        Ok(bytes)
    }
}
