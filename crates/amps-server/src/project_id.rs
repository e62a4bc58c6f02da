//! The project that a server and its clients belong to.

use std::{fmt, str::FromStr};

/// A project id: ASCII, not empty, without control characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectId(String);

impl ProjectId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for ProjectId {
    fn default() -> Self {
        Self("PROJECT".into())
    }
}

impl FromStr for ProjectId {
    type Err = InvalidProjectId;

    fn from_str(text: &str) -> Result<Self, InvalidProjectId> {
        if text.is_empty() || !text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return Err(InvalidProjectId { found: text.into() });
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Display for ProjectId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A text that is not a project id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} is not a project id: expected printable ASCII, at least one character", ampkg::quoted(.found))]
pub struct InvalidProjectId {
    /// The text.
    pub found: String,
}
