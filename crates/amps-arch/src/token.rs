//! What the tokens of both dialects have in common: their bounds and their traits.

use crate::{Error, error::Text};

/// The longest token of either dialect that is accepted, in bytes: 64.
///
/// The longest that is ever made has 39 (`macos_universal_unknown+unknown+unknown`); tokens stand in file names
/// and database keys, so that the limit is small.
pub const MAX_TOKEN_BYTES: usize = 64;

/// Refuses a text that is empty, too long, or has a character that `allowed` refuses.
pub(crate) fn check(
    text: Text,
    value: &str,
    limit_bytes: usize,
    allowed: impl Fn(char) -> bool,
) -> Result<(), Error> {
    if value.is_empty() {
        return Err(Error::Empty { text });
    }
    if value.len() > limit_bytes {
        return Err(Error::TooLong { text, found_bytes: value.len(), limit_bytes });
    }
    match value.chars().find(|&character| !allowed(character)) {
        Some(character) => Err(Error::Character { text, found: value.to_owned(), character }),
        None => Ok(()),
    }
}

/// The traits of a token over a `String` that its `FromStr` has checked.
macro_rules! token_traits {
    ($token:ident) => {
        impl $token {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $token {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl AsRef<str> for $token {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $token {
            type Error = $crate::Error;

            fn try_from(text: String) -> Result<Self, $crate::Error> {
                text.parse()
            }
        }

        impl From<$token> for String {
            fn from(token: $token) -> Self {
                token.0
            }
        }
    };
}
pub(crate) use token_traits;
