//! Where something stands in a YAML text, and what is wrong there.

use std::fmt;

use crate::quote::quoted;

/// A place in a text: line and column, both counted from 1, the column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl fmt::Display for Position {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}, column {}", self.line, self.column)
    }
}

/// Why a text is not YAML that a package may hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum YamlError {
    /// An anchor or alias. Nested aliases grow exponentially ("billion laughs"), and packages never have them.
    #[error("{position}: anchors and aliases are not supported")]
    AnchorOrAlias {
        /// Where it stands.
        position: Position,
    },
    /// A key stands twice in a mapping: readers disagree about which one counts.
    #[error("{position}: the key {} comes twice in the mapping", quoted(.key))]
    DuplicateKey {
        /// Where the second one stands.
        position: Position,
        /// The key.
        key: String,
    },
    /// An integer that the reference would silently turn into another one.
    #[error("{position}: the integer {} does not fit: expected {expected}", quoted(.text))]
    IntegerRange {
        /// Where it stands.
        position: Position,
        /// The integer as written.
        text: String,
        /// The range.
        expected: &'static str,
    },
    /// A mapping key that is not a string, like a plain `yes`, `1` or `~`.
    #[error("{position}: the mapping key {} is not a string: quote it", quoted(.key))]
    KeyNotString {
        /// Where it stands.
        position: Position,
        /// The key as written, or what stands in its place.
        key: String,
    },
    /// The text is not UTF-8.
    #[error("{position}: the text is not UTF-8")]
    NotUtf8 {
        /// Where the first wrong byte stands.
        position: Position,
    },
    /// Not YAML.
    #[error("{position}: {message}")]
    Syntax {
        /// Where the parser stopped.
        position: Position,
        /// What it says.
        message: String,
    },
    /// An explicit tag like `!!str`.
    #[error("{position}: tags are not supported")]
    Tag {
        /// Where it stands.
        position: Position,
    },
    /// Nested deeper than the limit.
    #[error("{position}: nested deeper than {limit} levels")]
    TooDeep {
        /// Where the level above the limit begins.
        position: Position,
        /// The limit.
        limit: usize,
    },
    /// More scalars, sequences and mappings than the limit.
    #[error("{position}: more than {limit} nodes")]
    TooManyNodes {
        /// Where the node above the limit begins.
        position: Position,
        /// The limit.
        limit: usize,
    },
}
