//! What a command ends with when it does not end well.

use std::fmt;
use std::path::Path;
use std::process::ExitCode;

/// A message for the developer, and whether a check said no or could not be made at all.
#[derive(Debug)]
pub(crate) struct Error {
    message: String,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The check was made and something is wrong with the tree: exit code 1.
    Failed,
    /// The check could not be made (usage, a missing tool, I/O): exit code 2.
    Unable,
}

impl Error {
    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self { message: message.into(), kind: Kind::Failed }
    }

    pub(crate) fn unable(message: impl Into<String>) -> Self {
        Self { message: message.into(), kind: Kind::Unable }
    }

    /// An I/O error with the path that it is about.
    pub(crate) fn io(path: impl AsRef<Path>, source: &std::io::Error) -> Self {
        Self::unable(format!("{}: {source}", path.as_ref().display()))
    }

    /// The same error with what was being done in front of it.
    pub(crate) fn in_step(self, step: &str) -> Self {
        Self { message: format!("step `{step}` failed: {}", self.message), kind: self.kind }
    }

    /// The same error with what to do about it on a line of its own.
    pub(crate) fn with_hint(self, hint: &str) -> Self {
        Self { message: format!("{}\nhint: {hint}", self.message), kind: self.kind }
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        match self.kind {
            Kind::Failed => ExitCode::from(1),
            Kind::Unable => ExitCode::from(2),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}
