//! The records of a pax extended header: `LENGTH KEY=VALUE`, each in a line, the length that of the whole line (POSIX.1-2001,
//! pax, "pax Extended Header").
//!
//! A value may hold anything, line ends too, so the lengths alone say where a record ends; and they must fill the data to its last
//! byte, because readers go different ways from where they do not.

/// Key and value of each record; none if the data is malformed.
pub(super) fn records(data: &[u8]) -> Option<Vec<(&[u8], &[u8])>> {
    let mut records = Vec::new();
    let mut rest = data;
    while !rest.is_empty() {
        let digits = rest.iter().position(|&byte| byte == b' ')?;
        let length = decimal(rest.get(..digits)?)?;
        let (line, behind) = rest.split_at_checked(usize::try_from(length).ok()?)?;
        let record = line.get(digits + 1..)?.strip_suffix(b"\n")?;
        let equals = record.iter().position(|&byte| byte == b'=').filter(|&at| at > 0)?;
        records.push((record.get(..equals)?, record.get(equals + 1..)?));
        rest = behind;
    }
    Some(records)
}

/// A number of digits only; none if it is anything else or does not fit.
pub(super) fn decimal(text: &[u8]) -> Option<u64> {
    let text = str::from_utf8(text).ok()?;
    // `parse` would take a sign.
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_may_hold_anything() {
        let data = b"9 path=a\n13 c=\n=\0\n\n\n \n7 b==\n\n5 e=\n";
        let found: &[(&[u8], &[u8])] =
            &[(b"path", b"a"), (b"c", b"\n=\0\n\n\n "), (b"b", b"=\n"), (b"e", b"")];
        assert_eq!(records(data).as_deref(), Some(found));
        assert_eq!(records(b""), Some(vec![]));
    }

    #[test]
    fn numbers_are_digits() {
        for (text, number) in [
            (&b"0"[..], Some(0)),
            (b"12", Some(12)),
            (b"", None),
            (b"+1", None),
            (b"-1", None),
            (b"1 ", None),
        ] {
            assert_eq!(decimal(text), number);
        }
        assert_eq!(decimal(u64::MAX.to_string().as_bytes()), Some(u64::MAX));
        assert_eq!(decimal(b"18446744073709551616"), None);
    }
}
