//! Where things are, for the header `Location`.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::operations::PREFIX;

/// What needs no escape in a part of a path (RFC 3986, section 2.3).
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The path of a thing in a list.
pub(super) fn location(list: &str, name: &str) -> String {
    format!("{PREFIX}/{list}/{}", utf8_percent_encode(name, UNRESERVED))
}
