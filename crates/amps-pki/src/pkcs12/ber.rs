//! BER to DER, as far as PKCS#12 files need it: indefinite lengths and octet strings in pieces.

use der::{ErrorKind, Length, Tag};
use zeroize::Zeroizing;

/// Levels of nesting, inclusive. A PKCS#12 file has about ten.
const MAX_DEPTH: usize = 32;

const OCTET_STRING: u8 = 0x04;
const CONSTRUCTED: u8 = 0x20;

/// The same values in DER; what was DER stays as it was. The result may hold secrets.
pub(super) fn to_der(bytes: &[u8]) -> der::Result<Zeroizing<Vec<u8>>> {
    let mut out = Zeroizing::new(Vec::with_capacity(bytes.len() + MAX_DEPTH));
    let rest = element(bytes, MAX_DEPTH, &mut out)?;
    if rest.is_empty() { Ok(out) } else { Err(trailing(bytes, rest)) }
}

/// The pieces of an octet string, put together: `bytes` is what stands in the constructed form.
pub(super) fn pieces(mut bytes: &[u8]) -> der::Result<Zeroizing<Vec<u8>>> {
    let mut out = Zeroizing::new(Vec::with_capacity(bytes.len()));
    while !bytes.is_empty() {
        let head = Head::read(bytes)?;
        let (OCTET_STRING, Some(length)) = (head.tag, head.length) else {
            return Err(unexpected());
        };
        let (piece, rest) = head.rest.split_at_checked(length).ok_or_else(truncated)?;
        out.extend_from_slice(piece);
        bytes = rest;
    }
    Ok(out)
}

/// Tag and length of an element.
struct Head<'a> {
    tag: u8,
    /// `None`: indefinite.
    length: Option<usize>,
    rest: &'a [u8],
}

impl<'a> Head<'a> {
    fn read(bytes: &'a [u8]) -> der::Result<Self> {
        let [tag, length, rest @ ..] = bytes else {
            return Err(truncated());
        };
        // Tags over 30 take more bytes; none of them occurs here.
        if tag & 0x1f == 0x1f {
            return Err(unexpected());
        }
        let (length, rest) = match length {
            short @ ..0x80 => (Some(usize::from(*short)), rest),
            0x80 => (None, rest),
            long => {
                let (digits, rest) = rest.split_at_checked(usize::from(long & 0x7f)).ok_or_else(truncated)?;
                let mut length = 0_usize;
                for digit in digits {
                    length = length.checked_mul(256).ok_or_else(truncated)? | usize::from(*digit);
                }
                (Some(length), rest)
            }
        };
        Ok(Self { tag: *tag, length, rest })
    }
}

/// Writes the first element of `bytes`; gives what follows it.
fn element<'a>(bytes: &'a [u8], depth: usize, out: &mut Vec<u8>) -> der::Result<&'a [u8]> {
    let depth = depth.checked_sub(1).ok_or_else(unexpected)?;
    let head = Head::read(bytes)?;
    let is_constructed = head.tag & CONSTRUCTED != 0;
    match head.length {
        Some(length) => {
            let (value, rest) = head.rest.split_at_checked(length).ok_or_else(truncated)?;
            if is_constructed {
                let mut inner = Zeroizing::new(Vec::with_capacity(length + MAX_DEPTH));
                let mut left = value;
                while !left.is_empty() {
                    left = element(left, depth, &mut inner)?;
                }
                write(head.tag, &inner, out)?;
            } else {
                write(head.tag, value, out)?;
            }
            Ok(rest)
        }
        None if is_constructed => {
            let mut inner = Zeroizing::new(Vec::new());
            let mut left = head.rest;
            loop {
                if let [0, 0, rest @ ..] = left {
                    write(head.tag, &inner, out)?;
                    return Ok(rest);
                }
                left = element(left, depth, &mut inner)?;
            }
        }
        None => Err(unexpected()),
    }
}

/// Writes an element whose value is DER already.
fn write(tag: u8, value: &[u8], out: &mut Vec<u8>) -> der::Result<()> {
    if tag == OCTET_STRING | CONSTRUCTED {
        return write(OCTET_STRING, &pieces(value)?, out);
    }
    out.push(tag);
    let length = Length::try_from(value.len())?;
    out.extend(der::Encode::to_der(&length)?);
    out.extend_from_slice(value);
    Ok(())
}

fn truncated() -> der::Error {
    der::Error::incomplete(Length::ZERO)
}

fn unexpected() -> der::Error {
    ErrorKind::Value { tag: Tag::OctetString }.into()
}

fn trailing(bytes: &[u8], rest: &[u8]) -> der::Error {
    let decoded = Length::try_from(bytes.len() - rest.len()).unwrap_or(Length::ZERO);
    let remaining = Length::try_from(rest.len()).unwrap_or(Length::ZERO);
    ErrorKind::TrailingData { decoded, remaining }.into()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lengths_become_definite_and_pieces_are_joined() {
        for (ber, der) in [
            (&b"\x30\x80\x02\x01\x05\x00\x00"[..], &b"\x30\x03\x02\x01\x05"[..]),
            (b"\x30\x81\x03\x02\x01\x05", b"\x30\x03\x02\x01\x05"),
            (b"\x24\x80\x04\x01a\x04\x02bc\x00\x00", b"\x04\x03abc"),
            (b"\x24\x09\x24\x04\x04\x02ab\x04\x01c", b"\x04\x03abc"),
            (b"\x30\x80\xa0\x80\x24\x80\x04\x01a\x00\x00\x00\x00\x00\x00", b"\x30\x05\xa0\x03\x04\x01a"),
        ] {
            assert_eq!(*to_der(ber).unwrap(), der, "{ber:x?}");
            assert_eq!(*to_der(der).unwrap(), der, "{der:x?}");
        }
    }

    #[test]
    fn what_is_no_ber_is_refused() {
        for bytes in [
            &b""[..],
            b"\x30",
            b"\x30\x80",
            b"\x30\x80\x00",
            b"\x04\x80\x00\x00",
            b"\x30\x02\x05",
            b"\x05\x00\x05",
            b"\x1f\x81\x01\x00",
            b"\x24\x03\x02\x01\x05",
            b"\x30\x89\x01\x00\x00\x00\x00\x00\x00\x00\x00",
            &b"\x30\x80".repeat(100_000),
        ] {
            assert!(to_der(bytes).is_err());
        }
    }

    proptest! {
        #[test]
        fn the_result_is_its_own_result(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            if let Ok(der) = to_der(&bytes) {
                prop_assert_eq!(to_der(&der).unwrap(), der);
            }
        }
    }
}
