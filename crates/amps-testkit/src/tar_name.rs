//! Names that do not fit into a tar header.

const NAME_BYTES: usize = 100;
const PREFIX_BYTES: usize = 155;

/// How a name gets into the archive that does not fit into a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LongName {
    /// In the header's two fields for it, if it can be cut there; else in a pax record.
    Auto,
    /// In a pax record, however short it is.
    Pax,
    /// In a GNU long-name record, however short it is.
    Gnu,
}

/// Prefix and name as ustar has them; none if the name fits in no way.
pub(crate) fn split(name: &[u8]) -> Option<(&[u8], &[u8])> {
    if name.len() <= NAME_BYTES {
        return Some((&[], name));
    }
    let slashes = name.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at);
    slashes
        .filter_map(|at| Some((name.get(..at)?, name.get(at + 1..)?)))
        .find(|(prefix, rest)| prefix.len() <= PREFIX_BYTES && rest.len() <= NAME_BYTES && !rest.is_empty())
}

/// The data of a pax record: each line begins with its own length.
pub(crate) fn pax_records(records: &[(&str, &str)]) -> Vec<u8> {
    let mut data = Vec::new();
    for (key, value) in records {
        let rest = key.len() + value.len() + 3;
        // The length counts its own digits.
        let length =
            (rest + 1..=rest + 20).find(|length| length - length.to_string().len() == rest).unwrap_or(rest);
        data.extend(format!("{length} {key}={value}\n").into_bytes());
    }
    data
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_of_a_pax_line_counts_itself() {
        for (value, line) in [("", "8 path=\n"), ("a", "9 path=a\n"), ("ab", "11 path=ab\n")] {
            assert_eq!(pax_records(&[("path", value)]), line.as_bytes());
        }
        assert!(pax_records(&[("path", &"x".repeat(91))]).starts_with(b"101 "));
    }
}
