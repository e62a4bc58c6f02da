//! Names of users, vendors, categories and tokens.

use std::{fmt, str::FromStr};

/// Characters in the name of a user, inclusive: as many as Django takes.
pub const MAX_USER_NAME_CHARS: usize = 150;

/// Characters in the name of a vendor or a category, inclusive: as many as the Django server takes.
pub const MAX_NAME_CHARS: usize = 200;

/// Characters in the name of a token, inclusive.
pub const MAX_TOKEN_NAME_CHARS: usize = 100;

/// Why a text is no name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidName {
    /// It is empty.
    #[error("the name is empty")]
    Empty,
    /// It is too long.
    #[error("the name has more than {limit_chars} characters")]
    TooLong {
        /// The limit, inclusive.
        limit_chars: usize,
    },
    /// It has a character that it must not have.
    #[error("the name {} has the character `{}`, expected {expected}", ampkg::quoted(.name), .found.escape_debug())]
    Character {
        /// The name.
        name: String,
        /// The character.
        found: char,
        /// Which ones are allowed.
        expected: &'static str,
    },
    /// It begins or ends with white space, which nobody sees.
    #[error("the name {} begins or ends with white space", ampkg::quoted(.name))]
    WhiteSpace {
        /// The name.
        name: String,
    },
}

/// The name that a user logs in with: letters, digits and `@`, `.`, `+`, `-`, `_`. Upper and lower case are different.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserName(String);

/// The name of a vendor, on one line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VendorName(String);

/// The name of a category, on one line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CategoryName(String);

/// The name of a token: letters, digits and `@`, `.`, `+`, `-`, `_`. Upper and lower case are different.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenName(String);

impl FromStr for UserName {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        word(text, MAX_USER_NAME_CHARS).map(Self)
    }
}

impl FromStr for TokenName {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        word(text, MAX_TOKEN_NAME_CHARS).map(Self)
    }
}

impl FromStr for VendorName {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        line(text).map(Self)
    }
}

impl FromStr for CategoryName {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        line(text).map(Self)
    }
}

macro_rules! text {
    ($($name:ident)*) => {$(
        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    )*};
}

text!(UserName VendorName CategoryName TokenName);

fn word(text: &str, limit_chars: usize) -> Result<String, InvalidName> {
    let expected = "letters, digits and `@`, `.`, `+`, `-`, `_`";
    checked(text, limit_chars, expected, |c| c.is_alphanumeric() || "@.+-_".contains(c))
}

fn line(text: &str) -> Result<String, InvalidName> {
    // U+2028 and U+2029 end a line although they are no control characters.
    let is_allowed = |c: char| !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}');
    let name = checked(text, MAX_NAME_CHARS, "characters on one line", is_allowed)?;
    if name.trim().len() != name.len() {
        return Err(InvalidName::WhiteSpace { name });
    }
    Ok(name)
}

fn checked(
    text: &str,
    limit_chars: usize,
    expected: &'static str,
    is_allowed: impl Fn(char) -> bool,
) -> Result<String, InvalidName> {
    if text.is_empty() {
        return Err(InvalidName::Empty);
    }
    // Four bytes are the most that a character has: nobody counts the characters of a megabyte.
    if text.len() > 4 * limit_chars || text.chars().count() > limit_chars {
        return Err(InvalidName::TooLong { limit_chars });
    }
    match text.chars().find(|&c| !is_allowed(c)) {
        Some(found) => Err(InvalidName::Character { name: text.to_owned(), found, expected }),
        None => Ok(text.to_owned()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn names_of_users_have_the_characters_that_django_takes() {
        for name in ["admin", "Jo.e+1@example-x_y", "Jürgen", "日本", "1", &"ü".repeat(150)] {
            assert_eq!(name.parse::<UserName>().unwrap().as_str(), name);
        }
        for (name, message) in [
            ("", "the name is empty"),
            (&"a".repeat(151), "the name has more than 150 characters"),
            (&"ü".repeat(601), "the name has more than 150 characters"),
            (
                "a b",
                "the name `a b` has the character ` `, expected letters, digits and `@`, `.`, `+`, `-`, `_`",
            ),
            (
                "a:b",
                "the name `a:b` has the character `:`, expected letters, digits and `@`, `.`, `+`, `-`, `_`",
            ),
        ] {
            assert_eq!(name.parse::<UserName>().unwrap_err().to_string(), message);
        }
        assert!("a\0".parse::<UserName>().is_err());
        assert!(
            "x".repeat(100).parse::<TokenName>().is_ok() && "x".repeat(101).parse::<TokenName>().is_err()
        );
        assert!("a\u{202e}".parse::<UserName>().is_err());
    }

    #[test]
    fn names_of_vendors_and_categories_are_one_line() {
        for name in ["Pelagicore AG", "Müller & Söhne", "a", &"x".repeat(200), "-1", "'; DROP TABLE users"]
        {
            assert_eq!(name.parse::<VendorName>().unwrap().as_str(), name);
            assert_eq!(name.parse::<CategoryName>().unwrap().to_string(), name);
        }
        for name in ["", " a", "a ", "a\u{a0}", "a\nb", "a\u{2028}b", "a\0", "\u{9b}", &"x".repeat(201)] {
            assert!(name.parse::<VendorName>().is_err(), "{name:?}");
            assert!(name.parse::<CategoryName>().is_err(), "{name:?}");
        }
    }
}
