//! The header `Content-Disposition` (RFC 6266).

use std::fmt::Write as _;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What needs no escape in an extended value (RFC 8187, section 3.2.1).
const ATTRIBUTE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// Says that something is to be saved under a name. If the name is not plain, it comes a second time in the form that can
/// hold anything; a client that does not know that form takes the first, in which a `_` stands for what it cannot hold.
pub(super) fn attachment(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "!#$&+-.^_`|~ ()[]{}@=,;".contains(c);
    let plain: String = name.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
    let mut value = format!("attachment; filename=\"{plain}\"");
    if plain != name {
        // Writing to a string cannot fail.
        let _ = write!(value, "; filename*=UTF-8''{}", utf8_percent_encode(name, ATTRIBUTE));
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_end_the_header() {
        for (name, expected) in [
            ("a.b_all.ampkg", "attachment; filename=\"a.b_all.ampkg\""),
            ("a b;c.ampkg", "attachment; filename=\"a b;c.ampkg\""),
            ("a\"b\\.ampkg", "attachment; filename=\"a_b_.ampkg\"; filename*=UTF-8''a%22b%5C.ampkg"),
            ("ä%41\r\n", "attachment; filename=\"__41__\"; filename*=UTF-8''%C3%A4%2541%0D%0A"),
        ] {
            assert_eq!(attachment(name), expected);
        }
    }
}
