//! Why a text is no tag, or no list of them.

use std::fmt;

use thiserror::Error as ThisError;

use crate::{MAX_TAG_BYTES, MAX_TAGS};

/// Why a text is no tag, or no list of them.
#[derive(Clone, Debug, PartialEq, Eq, ThisError)]
#[non_exhaustive]
pub enum Error {
    /// There is no text where a tag is expected, as between two commas.
    #[error("a tag is empty, expected `<name>` or `<name>:<version>`")]
    EmptyTag,

    /// A tag is longer than any that has a meaning; it is not repeated here.
    #[error("a tag has {found_bytes} bytes, expected at most {MAX_TAG_BYTES}")]
    TooLong {
        /// Its length in bytes.
        found_bytes: usize,
    },

    /// A tag has nothing before or behind its colon.
    #[error("tag `{}` has an empty {part}, expected `<name>` or `<name>:<version>`", found.escape_debug())]
    EmptyPart {
        /// The tag.
        found: String,
        /// What is empty.
        part: Part,
    },

    /// A tag has more than one colon.
    #[error("tag `{}` has {colons} colons, expected at most one", found.escape_debug())]
    Colons {
        /// The tag.
        found: String,
        /// How many it has.
        colons: usize,
    },

    /// A tag has a character that has no place in it.
    #[error(
        "tag `{}` has the character `{}` in its {part}, expected only {}",
        found.escape_debug(),
        character.escape_debug(),
        part.allowed()
    )]
    Character {
        /// The tag.
        found: String,
        /// The first character that is not allowed.
        character: char,
        /// Where it stands.
        part: Part,
    },

    /// A list has more tags than any that has a meaning.
    #[error("a list has {found} tags, expected at most {MAX_TAGS}")]
    TooMany {
        /// How many it has; where they are not counted to the end, one more than the limit.
        found: usize,
    },
}

/// A part of a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What stands before the colon, or all of it.
    Name,
    /// What stands behind the colon.
    Version,
}

impl Part {
    pub(crate) fn allows(self, character: char) -> bool {
        character.is_ascii_alphanumeric() || character == '_' || (self == Self::Version && character == '.')
    }

    fn allowed(self) -> &'static str {
        match self {
            Self::Name => "`a` to `z`, `0` to `9` and `_`",
            Self::Version => "`a` to `z`, `0` to `9`, `_` and `.`",
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Name => "name",
            Self::Version => "version",
        })
    }
}
