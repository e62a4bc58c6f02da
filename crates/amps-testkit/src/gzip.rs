//! gzip files with any header, any number of members, and anything behind them (RFC 1952).

use flate2::{Compress, Compression, Crc, FlushCompress};

const HEADER_CRC: u8 = 1 << 1;
const EXTRA: u8 = 1 << 2;
const NAME: u8 = 1 << 3;
const COMMENT: u8 = 1 << 4;

/// How data becomes a gzip file: one member at level 6 with the shortest header, unless said otherwise.
///
/// ```
/// use amps_testkit::Gzip;
///
/// let stored = Gzip::new().level(0).file_name("x.tar").pack(b"data");
/// assert!(stored.windows(4).any(|bytes| bytes == b"data"));
/// ```
#[derive(Clone, Debug)]
pub struct Gzip {
    level: u32,
    members: usize,
    flags: u8,
    fields: Vec<u8>,
    header_crc_offset: u16,
    crc_offset: u32,
    length_offset: u32,
    behind: Vec<u8>,
}

impl Default for Gzip {
    fn default() -> Self {
        Self::new()
    }
}

impl Gzip {
    /// One member at level 6.
    pub fn new() -> Self {
        Self {
            level: 6,
            members: 1,
            flags: 0,
            fields: Vec::new(),
            header_crc_offset: 0,
            crc_offset: 0,
            length_offset: 0,
            behind: Vec::new(),
        }
    }

    /// Sets the level, 0 (stored) to 9.
    #[must_use]
    pub fn level(self, level: u32) -> Self {
        Self { level, ..self }
    }

    /// Cuts the data into this many members. With more members than bytes, the first ones are empty.
    #[must_use]
    pub fn members(self, members: usize) -> Self {
        Self { members, ..self }
    }

    /// Adds an extra field (FEXTRA) to each header. Call it before `file_name` and `comment`: that is their order.
    #[must_use]
    pub fn extra(mut self, bytes: &[u8]) -> Self {
        self.flags |= EXTRA;
        self.fields.extend(u16::try_from(bytes.len()).unwrap_or(u16::MAX).to_le_bytes());
        self.fields.extend(bytes.iter().take(usize::from(u16::MAX)));
        self
    }

    /// Adds a file name (FNAME) to each header.
    #[must_use]
    pub fn file_name(mut self, name: &str) -> Self {
        self.flags |= NAME;
        self.fields.extend([name.as_bytes(), b"\0"].concat());
        self
    }

    /// Adds a comment (FCOMMENT) to each header.
    #[must_use]
    pub fn comment(mut self, comment: &str) -> Self {
        self.flags |= COMMENT;
        self.fields.extend([comment.as_bytes(), b"\0"].concat());
        self
    }

    /// Adds a checksum (FHCRC) to each header.
    #[must_use]
    pub fn header_crc(mut self) -> Self {
        self.flags |= HEADER_CRC;
        self
    }

    /// Sets further bits of the flags byte, with no field for them.
    #[must_use]
    pub fn flags(mut self, bits: u8) -> Self {
        self.flags |= bits;
        self
    }

    /// Makes the header's checksum wrong, if it has one.
    #[must_use]
    pub fn bad_header_crc(self) -> Self {
        Self { header_crc_offset: 1, ..self.header_crc() }
    }

    /// Makes the checksum of the data wrong.
    #[must_use]
    pub fn bad_crc(self) -> Self {
        Self { crc_offset: 1, ..self }
    }

    /// Makes the length of the data wrong.
    #[must_use]
    pub fn bad_length(self) -> Self {
        Self { length_offset: 1, ..self }
    }

    /// Puts zeros behind the last member.
    #[must_use]
    pub fn padding(self, zeros: usize) -> Self {
        self.trailing(&vec![0; zeros])
    }

    /// Puts bytes behind the last member.
    #[must_use]
    pub fn trailing(mut self, bytes: &[u8]) -> Self {
        self.behind.extend(bytes);
        self
    }

    /// Packs data.
    pub fn pack(&self, data: &[u8]) -> Vec<u8> {
        let piece = data.len() / self.members.max(1);
        let mut file = Vec::new();
        let mut rest = data;
        for left in (0..self.members).rev() {
            let (member, more) =
                rest.split_at_checked(if left == 0 { rest.len() } else { piece }).unwrap_or((rest, &[]));
            file.extend(self.member(member));
            rest = more;
        }
        file.extend(&self.behind);
        file
    }

    fn member(&self, data: &[u8]) -> Vec<u8> {
        let mut member = vec![0x1f, 0x8b, 8, self.flags, 0, 0, 0, 0, 0, 0xff];
        member.extend(&self.fields);
        if self.flags & HEADER_CRC != 0 {
            let [low, high, ..] = crc(&member).sum().to_le_bytes();
            member.extend((u16::from_le_bytes([low, high]) ^ self.header_crc_offset).to_le_bytes());
        }
        member.extend(self.deflate(data));
        let crc = crc(data);
        member.extend((crc.sum() ^ self.crc_offset).to_le_bytes());
        member.extend((crc.amount() ^ self.length_offset).to_le_bytes());
        member
    }

    fn deflate(&self, data: &[u8]) -> Vec<u8> {
        let mut compress = Compress::new(Compression::new(self.level), false);
        // Stored data grows by 5 bytes for each block.
        let mut deflated = Vec::with_capacity(data.len() + data.len() / 16 + 1024);
        // With room for everything, one call is enough, and it cannot fail.
        let _ = compress.compress_vec(data, &mut deflated, FlushCompress::Finish);
        deflated
    }
}

fn crc(data: &[u8]) -> Crc {
    let mut crc = Crc::new();
    crc.update(data);
    crc
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::MultiGzDecoder;

    use super::*;

    #[test]
    fn every_kind_comes_back() {
        let data: Vec<u8> = (0..200_000_u32).flat_map(u32::to_le_bytes).collect();
        let full = Gzip::new().extra(b"abcd").file_name("n").comment("c").header_crc();
        for gzip in [
            Gzip::new(),
            Gzip::new().level(0),
            Gzip::new().members(7),
            full.clone(),
            full.members(3).level(9),
        ] {
            for data in [&data[..], b"", b"x"] {
                let mut back = Vec::new();
                MultiGzDecoder::new(gzip.pack(data).as_slice()).read_to_end(&mut back).unwrap();
                assert!(back == data, "{gzip:?}");
            }
        }
    }

    #[test]
    fn lies_are_lies() {
        for gzip in [Gzip::new().bad_crc(), Gzip::new().bad_length(), Gzip::new().bad_header_crc()] {
            assert!(MultiGzDecoder::new(gzip.pack(b"data").as_slice()).read_to_end(&mut Vec::new()).is_err());
        }
    }
}
