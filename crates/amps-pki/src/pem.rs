//! Files that hold certificates or revocation lists: PEM (RFC 7468) with any number of them, or DER with one.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Why a file with certificates or revocation lists cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// The file is larger than is read.
    #[error("the file has {size_bytes} bytes, expected at most {limit_bytes}")]
    TooLarge {
        /// The size found, in bytes.
        size_bytes: usize,
        /// The limit, inclusive, in bytes.
        limit_bytes: usize,
    },
    /// The file is neither PEM nor DER.
    #[error("the file holds no `{expected}`, neither in PEM nor in DER")]
    Empty {
        /// What was expected: the label of PEM.
        expected: &'static str,
    },
    /// There is something else in the file: a key, a request.
    #[error("line {line}: found `{found}`, expected `{expected}`")]
    Label {
        /// The number of the line, from 1.
        line: usize,
        /// The label found: its first characters, those that cannot be shown escaped.
        found: String,
        /// The label expected.
        expected: &'static str,
    },
    /// What stands between the lines of a block is not base64.
    #[error("line {line}: the block that begins here is not well-formed base64")]
    Base64 {
        /// The number of the line where the block begins, from 1.
        line: usize,
    },
    /// A block does not end.
    #[error("line {line}: the block that begins here has no end")]
    Unfinished {
        /// The number of the line where the block begins, from 1.
        line: usize,
    },
    /// A certificate or a revocation list is not well-formed.
    #[error("`{label}` {index} is not well-formed")]
    Malformed {
        /// The label of PEM.
        label: &'static str,
        /// Its position in the file, from 0.
        index: usize,
        /// What the decoder found.
        source: der::Error,
    },
    /// All files together hold too many.
    #[error("the files hold more than {limit} of `{label}`")]
    TooMany {
        /// The label of PEM.
        label: &'static str,
        /// The limit, inclusive.
        limit: usize,
    },
}

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

/// Characters of a wrong label that a message repeats. RFC 7468 has none of more than 20.
const SHOWN_LABEL_CHARS: usize = 40;

/// The contents of the file in DER, in its order: at least one, at most `limit_bytes` together.
///
/// Text outside the blocks of PEM is passed over: tools put descriptions there.
pub(crate) fn blocks(
    bytes: &[u8],
    label: &'static str,
    limit_bytes: usize,
) -> Result<Vec<Vec<u8>>, FileError> {
    if bytes.len() > limit_bytes {
        return Err(FileError::TooLarge { size_bytes: bytes.len(), limit_bytes });
    }
    // A sequence; no text begins with `0` and a length like that.
    if let [0x30, 0x80..=0xff, ..] = bytes {
        return Ok(vec![bytes.to_vec()]);
    }
    let mut blocks = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (line, text) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
        // What is not UTF-8 is no line of PEM; in a block it is no base64 either.
        let text = str::from_utf8(text).unwrap_or("\u{fffd}").trim_ascii();
        match (&mut open, marker(text, BEGIN), marker(text, END)) {
            (None, Some(found), _) if found == label => open = Some((line, String::new())),
            (None, Some(found), _) => {
                let shown = found.chars().take(SHOWN_LABEL_CHARS).flat_map(char::escape_debug);
                return Err(FileError::Label { line, found: shown.collect(), expected: label });
            }
            (None, None, _) => {}
            (Some((begin, base64)), None, Some(found)) if found == label => {
                let decoded = STANDARD.decode(&*base64);
                blocks.push(decoded.map_err(|_| FileError::Base64 { line: *begin })?);
                open = None;
            }
            (Some((begin, _)), Some(_), _) | (Some((begin, _)), _, Some(_)) => {
                return Err(FileError::Unfinished { line: *begin });
            }
            (Some((_, base64)), None, None) => base64.push_str(text),
        }
    }
    match open {
        Some((line, _)) => Err(FileError::Unfinished { line }),
        None if blocks.is_empty() => Err(FileError::Empty { expected: label }),
        None => Ok(blocks),
    }
}

/// One block of PEM, in lines of 64 characters (RFC 7468 section 2).
pub(crate) fn encode(label: &str, der: &[u8]) -> String {
    let mut text = [BEGIN, label, DASHES, "\n"].concat();
    for (index, character) in STANDARD.encode(der).chars().enumerate() {
        if index > 0 && index % 64 == 0 {
            text.push('\n');
        }
        text.push(character);
    }
    text + "\n" + END + label + DASHES + "\n"
}

/// The label of a line such as `-----BEGIN CERTIFICATE-----`.
fn marker<'a>(line: &'a str, begin: &str) -> Option<&'a str> {
    line.strip_prefix(begin)?.strip_suffix(DASHES)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Vec<u8>>, FileError> {
        blocks(text.as_bytes(), "CERTIFICATE", 1_000)
    }

    const ONE: &str = "-----BEGIN CERTIFICATE-----\nMA\nEC\n-----END CERTIFICATE-----\n";

    #[test]
    fn blocks_are_read_in_order_and_text_around_them_is_passed_over() {
        let expected = vec![vec![0x30, 0x01, 0x02]; 2];
        assert_eq!(
            read(&format!("subject=x\r\n{ONE}\u{feff}text\n{}", ONE.replace('\n', "\r\n"))),
            Ok(expected)
        );
    }

    #[test]
    fn what_is_written_is_read_and_has_lines_of_64_characters() {
        for size in [1_u8, 47, 48, 49, 144] {
            let der: Vec<u8> = (0..size).collect();
            let text = encode("CERTIFICATE", &der);
            assert_eq!(read(&text), Ok(vec![der]));
            let lines: Vec<usize> = text.lines().skip(1).map(str::len).collect();
            let [full @ .., last, _] = lines.as_slice() else { panic!("{text}") };
            assert!(full.iter().all(|length| *length == 64) && (1..=64).contains(last), "{text}");
        }
    }

    #[test]
    fn der_is_one_block() {
        assert_eq!(blocks(&[0x30, 0x82, 0, 0], "CERTIFICATE", 4), Ok(vec![vec![0x30, 0x82, 0, 0]]));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let expected = "CERTIFICATE";
        let found = "PRIVATE KEY".to_owned();
        for (text, error) in [
            ("", FileError::Empty { expected }),
            ("some text\n", FileError::Empty { expected }),
            ("\n-----BEGIN PRIVATE KEY-----\n", FileError::Label { line: 2, found, expected }),
            ("-----BEGIN CERTIFICATE-----\nMAEC\n", FileError::Unfinished { line: 1 }),
            ("x\n-----BEGIN CERTIFICATE-----\n-----END X-----\n", FileError::Unfinished { line: 2 }),
            (&ONE.replace("-----END", "-----BEGIN"), FileError::Unfinished { line: 1 }),
            (&ONE.replace("EC", "E*"), FileError::Base64 { line: 1 }),
            (&ONE.replace("EC", "E"), FileError::Base64 { line: 1 }),
        ] {
            assert_eq!(read(text), Err(error), "{text}");
        }
        let not_utf8 = b"-----BEGIN CERTIFICATE-----\n\xff\n-----END CERTIFICATE-----\n";
        assert_eq!(blocks(not_utf8, "CERTIFICATE", 1_000), Err(FileError::Base64 { line: 1 }));
    }

    #[test]
    fn a_hostile_label_is_shown_escaped_and_short() {
        let text = format!("-----BEGIN \u{1b}[2J\0\u{202e}{}-----\n", "x".repeat(900));
        let error = read(&text).unwrap_err().to_string();
        let shown = format!(r"\u{{1b}}[2J\0\u{{202e}}{}", "x".repeat(SHOWN_LABEL_CHARS - 6));
        assert_eq!(error, format!("line 1: found `{shown}`, expected `CERTIFICATE`"));
    }

    #[test]
    fn the_size_limit_is_inclusive() {
        let bytes = ONE.as_bytes();
        assert!(blocks(bytes, "CERTIFICATE", bytes.len()).is_ok());
        let limit_bytes = bytes.len() - 1;
        let error = FileError::TooLarge { size_bytes: bytes.len(), limit_bytes };
        assert_eq!(blocks(bytes, "CERTIFICATE", limit_bytes), Err(error));
    }
}
