//! Identifiers of packages, applications and intents.

use std::{fmt, str::FromStr, sync::Arc};

use crate::quote::quoted;

/// Longest identifier, in characters (docs/format.md, "Manifest").
const MAX_CHARS: usize = 150;
/// What a file name cannot hold on some system, and therefore no identifier either.
const FORBIDDEN: &[u8] = b"<>:\"/\\|?*";

/// The identifier of a package: 1 to 150 characters of printable ASCII without `<>:"/\|?*`, not only spaces.
///
/// Such a text can stand in a file name, a URL or a log line; whoever has a `PackageId` need not check again.
/// ```
/// let id: ampkg::PackageId = "org.example.hello".parse()?;
/// assert_eq!(id.as_str(), "org.example.hello");
/// assert!("../etc/passwd".parse::<ampkg::PackageId>().is_err());
/// # Ok::<(), ampkg::IdDefect>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackageId(Arc<str>);

impl PackageId {
    /// The identifier as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PackageId {
    type Err = IdDefect;

    fn from_str(text: &str) -> Result<Self, IdDefect> {
        check(text)?;
        Ok(Self(text.into()))
    }
}

impl fmt::Display for PackageId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl serde::Serialize for PackageId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for PackageId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// What is wrong with an identifier.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdDefect {
    /// No character at all.
    #[error("the id is empty: expected 1 to {MAX_CHARS} characters")]
    Empty,
    /// Nothing but spaces.
    #[error("the id consists of spaces only")]
    OnlySpaces,
    /// More than 150 characters.
    #[error("the id {} has {found} characters: expected at most {MAX_CHARS}", quoted(.id))]
    TooLong {
        /// The identifier.
        id: String,
        /// Its length in characters.
        found: usize,
    },
    /// A character outside the allowed set.
    #[error("the id {} contains {character:?}: expected printable ASCII without `<>:\"/\\|?*`", quoted(.id))]
    Character {
        /// The identifier.
        id: String,
        /// The first character that is not allowed.
        character: char,
    },
}

/// Checks any identifier of a manifest against the one rule they share.
pub(crate) fn check(id: &str) -> Result<(), IdDefect> {
    if id.is_empty() {
        return Err(IdDefect::Empty);
    }
    let allowed = |character: char| {
        matches!(character, ' '..='~') && u8::try_from(character).is_ok_and(|byte| !FORBIDDEN.contains(&byte))
    };
    if let Some(character) = id.chars().find(|&character| !allowed(character)) {
        return Err(IdDefect::Character { id: id.into(), character });
    }
    if id.len() > MAX_CHARS {
        return Err(IdDefect::TooLong { id: id.into(), found: id.len() });
    }
    if id.bytes().all(|byte| byte == b' ') {
        return Err(IdDefect::OnlySpaces);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_what_the_format_allows() {
        for id in ["a", "org.example.hello", " x", "com.example.app-1_2 (beta)!", &"x".repeat(150), "~"] {
            assert_eq!(check(id), Ok(()), "{id:?}");
        }
    }

    #[test]
    fn refuses_everything_else() {
        for id in [
            "",
            " ",
            "   ",
            ":x",
            "a/b",
            "a\\b",
            "a*",
            "a?",
            "a\"",
            "a|b",
            "<a>",
            "é",
            "a\u{7f}",
            "a\n",
            "\0",
            &"x".repeat(151),
        ] {
            assert!(check(id).is_err(), "{id:?}");
        }
    }

    #[test]
    fn deserialising_checks_too() {
        assert!(serde_json::from_str::<PackageId>("\"a/b\"").is_err());
        let id: PackageId = serde_json::from_str("\"a.b\"").unwrap();
        assert_eq!(serde_json::to_string(&id).unwrap(), "\"a.b\"");
    }
}
