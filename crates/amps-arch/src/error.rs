//! Why an architecture is refused.

use std::fmt;

use thiserror::Error as ThisError;

use crate::{Binary, PackageServerToken};

/// Why an architecture, or a text that should name one, is refused.
#[derive(Clone, Debug, PartialEq, Eq, ThisError)]
#[non_exhaustive]
pub enum Error {
    /// A package holds binaries of two architectures.
    #[error("mixed architectures: {}", Mixed { first, second })]
    MixedArchitectures {
        /// The first binary.
        first: Binary,
        /// The first one after it that differs.
        second: Binary,
    },

    /// The deployment server has no word for a binary for several CPUs.
    #[error("architecture `{found}` is universal, expected a binary for one cpu")]
    UniversalBinary {
        /// The binary, in the package server's words.
        found: PackageServerToken,
    },

    /// A text is empty.
    #[error("{text} is empty")]
    Empty {
        /// What the text should have been.
        text: Text,
    },

    /// A text is longer than any that has a meaning; it is not repeated here.
    #[error("{text} has {found_bytes} bytes, expected at most {limit_bytes}")]
    TooLong {
        /// What the text should have been.
        text: Text,
        /// Its length in bytes.
        found_bytes: usize,
        /// The longest that is accepted, in bytes.
        limit_bytes: usize,
    },

    /// A text has a character that has no place in it.
    #[error(
        "{text} `{}` has the character `{}`, expected only {}",
        found.escape_debug(),
        character.escape_debug(),
        text.allowed()
    )]
    Character {
        /// What the text should have been.
        text: Text,
        /// The text.
        found: String,
        /// The first character that is not allowed.
        character: char,
    },

    /// A text has too few or too many parts, or an empty one.
    #[error("{text} `{found}` has not the parts of {}", text.shape())]
    Parts {
        /// What the text should have been.
        text: Text,
        /// The text: only allowed characters.
        found: String,
    },

    /// The third part of a text tells no word size.
    #[error("{text} `{found}` has `{part}` as its third part, expected {}", text.word_size())]
    WordSize {
        /// What the text should have been.
        text: Text,
        /// The text: only allowed characters.
        found: String,
        /// Its third part.
        part: String,
    },
}

/// A kind of text that names an architecture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Text {
    /// A [`PackageServerToken`].
    PackageServerToken,
    /// A [`DeploymentServerToken`](crate::DeploymentServerToken).
    DeploymentServerToken,
    /// What a client of the deployment server sends; see [`normalise_abi`](crate::normalise_abi).
    Abi,
}

impl Text {
    fn allowed(self) -> &'static str {
        match self {
            Self::PackageServerToken => "`a` to `z`, `0` to `9`, `_` and `+`",
            Self::DeploymentServerToken | Self::Abi => "`A` to `Z`, `a` to `z`, `0` to `9`, `_` and `-`",
        }
    }

    fn shape(self) -> &'static str {
        match self {
            Self::PackageServerToken => "`<os>_<cpu>_<bits>`",
            Self::DeploymentServerToken => "`<cpu>-<endian>-<bits>-<format>`",
            Self::Abi => "`<cpu>-<endian>-<abi>-<kernel>`",
        }
    }

    fn word_size(self) -> &'static str {
        match self {
            Self::PackageServerToken | Self::DeploymentServerToken => "only digits",
            Self::Abi => "digits in it",
        }
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PackageServerToken => "package-server architecture",
            Self::DeploymentServerToken => "deployment-server architecture",
            Self::Abi => "abi",
        })
    }
}

/// `A and B` in the package server's words; where those are the same (`linux_unknown`), the deployment server's
/// words stand in parentheses behind them, for they are what differs.
struct Mixed<'a> {
    first: &'a Binary,
    second: &'a Binary,
}

impl fmt::Display for Mixed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, second) = (self.first.package_server_token(), self.second.package_server_token());
        match (self.first.deployment_server_token(), self.second.deployment_server_token()) {
            (Ok(first_detail), Ok(second_detail)) if first == second => {
                write!(f, "{first} ({first_detail}) and {second} ({second_detail})")
            }
            _ => write!(f, "{first} and {second}"),
        }
    }
}
