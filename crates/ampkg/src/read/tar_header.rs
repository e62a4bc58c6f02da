//! The 512 bytes before an entry (POSIX.1-1988, ustar; GNU tar's binary numbers).

use tar::{EntryType, Header};

use crate::layout::BLOCK_BYTES;

/// A header whose checksum is right. The `tar` crate knows where its fields lie; the numbers are read here, because the crate
/// takes signs and drops high bits, and so would see data where libarchive sees a header.
pub(super) struct TarHeader(Header);

impl TarHeader {
    /// Takes a block for a header; if it is none, says what is wrong.
    pub(super) fn new(block: &[u8; BLOCK_BYTES]) -> Result<Self, &'static str> {
        let header = Header::from_byte_slice(block);
        let stated = number(&header.as_old().cksum).ok_or("the checksum of a header is not a number")?;
        // The checksum counts its own eight bytes as spaces.
        let sum = |bytes: &[u8]| bytes.iter().map(|&byte| u64::from(byte)).sum::<u64>();
        let computed = sum(block) - sum(&header.as_old().cksum) + 8 * u64::from(b' ');
        if stated == computed { Ok(Self(header.clone())) } else { Err("the checksum of a header is wrong") }
    }

    pub(super) fn size_bytes(&self) -> Result<u64, &'static str> {
        number(&self.0.as_old().size).ok_or("the size in a header is not a number")
    }

    pub(super) fn is_executable(&self) -> Result<bool, &'static str> {
        let mode = number(&self.0.as_old().mode).ok_or("the mode in a header is not a number")?;
        Ok(mode & 0o100 != 0)
    }

    pub(super) fn entry_type(&self) -> EntryType {
        self.0.entry_type()
    }

    /// Prefix and name.
    pub(super) fn name(&self) -> Vec<u8> {
        self.0.path_bytes().into_owned()
    }
}

/// An octal number with nothing but blanks before it and blanks or NULs behind it, or a binary one of at most 64 bits.
fn number(field: &[u8]) -> Option<u64> {
    if let [0x80, binary @ ..] = field {
        return binary
            .iter()
            .try_fold(0_u64, |number, &byte| number.checked_mul(256)?.checked_add(byte.into()));
    }
    let text = field.trim_ascii_start();
    let length = text.iter().take_while(|byte| matches!(byte, b'0'..=b'7')).count();
    let (digits, behind) = text.split_at_checked(length).filter(|(digits, _)| !digits.is_empty())?;
    if behind.iter().any(|&byte| !matches!(byte, b' ' | 0)) {
        return None;
    }
    digits.iter().try_fold(0_u64, |number, &digit| number.checked_mul(8)?.checked_add((digit - b'0').into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_octal_or_binary() {
        for (field, value) in [
            (&b"00000000010\0"[..], Some(8)),
            (b"        10 \0", Some(8)),
            (b"10\0\0\0\0\0\0\0\0\0\0", Some(8)),
            (b"777777777777", Some((1 << 36) - 1)),
            (b"\x80\0\0\0\0\0\0\x02\0\0\0\x01", Some((1 << 33) + 1)),
            (b"\x80\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff", Some(u64::MAX)),
            (b"\x80\0\0\x01\0\0\0\0\0\0\0\0", None),
            (b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", None),
            (b"\0\0\0\0\0\0\0\0", None),
            (b"        ", None),
            (b"8\0\0\0\0\0\0\0", None),
            (b"-1\0\0\0\0\0\0", None),
            (b"+1\0\0\0\0\0\0", None),
            (b"1 1\0\0\0\0\0", None),
            (b"1\x001\0\0\0\0\0", None),
        ] {
            assert_eq!(number(field), value, "{field:?}");
        }
    }
}
