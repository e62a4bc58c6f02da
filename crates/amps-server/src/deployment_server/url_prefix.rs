//! What stands in front of all paths of the deployment-server interface.

use std::{fmt, str::FromStr};

/// Bytes that a prefix may have; it stands in every URL that is given out.
const MAX_BYTES: usize = 256;

/// Nothing, or path segments with a `/` before each: `/store/v1`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct UrlPrefix(Box<str>);

impl UrlPrefix {
    /// Empty, or with a `/` at the beginning and none at the end.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UrlPrefix {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Takes it with or without a `/` at either end.
impl FromStr for UrlPrefix {
    type Err = InvalidUrlPrefix;

    fn from_str(text: &str) -> Result<Self, InvalidUrlPrefix> {
        let inner = text.strip_prefix('/').unwrap_or(text);
        let inner = inner.strip_suffix('/').unwrap_or(inner);
        if inner.is_empty() {
            return Ok(Self::default());
        }
        // Neither `.` nor `..`: clients resolve them.
        let is_segment = |segment: &str| {
            !segment.bytes().all(|byte| byte == b'.')
                && segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._~-".contains(&byte))
        };
        if text.len() > MAX_BYTES || !inner.split('/').all(is_segment) {
            return Err(InvalidUrlPrefix { found: text.into() });
        }
        Ok(Self(format!("/{inner}").into()))
    }
}

/// A text that cannot stand in front of a path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} is not a URL prefix: expected path segments of letters, digits, `.`, `_`, `~` and `-`", ampkg::quoted(.found))]
pub struct InvalidUrlPrefix {
    /// The text.
    pub found: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_spelling() {
        for (text, expected) in [
            ("", ""),
            ("/", ""),
            ("//", ""),
            ("a", "/a"),
            ("/a", "/a"),
            ("a/", "/a"),
            ("/a.b/c-d_~/", "/a.b/c-d_~"),
        ] {
            assert_eq!(text.parse::<UrlPrefix>().unwrap().as_str(), expected, "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_plain_path() {
        let long = "a".repeat(MAX_BYTES + 1);
        for text in ["a//b", "..", "a/./b", "a?b", "a#b", "a b", "a%2e", "{a}", "ä", "*", "a\r\nb", &long] {
            assert!(text.parse::<UrlPrefix>().is_err(), "{text:?}");
        }
        assert!("a".repeat(MAX_BYTES).parse::<UrlPrefix>().is_ok());
    }
}
