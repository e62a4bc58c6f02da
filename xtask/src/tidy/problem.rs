//! One breach of a rule, with the place to look at.

use std::fmt;

/// Sorted by place, so that a file's problems stand together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Problem {
    path: String,
    line: usize,
    message: String,
}

impl Problem {
    /// `line` counts from 1.
    pub(super) fn new(path: &str, line: usize, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, message: message.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}: {}", self.path, self.line, self.message)
    }
}

/// The problems as the lines that a developer sees.
#[cfg(test)]
pub(super) fn printed(problems: Vec<Problem>) -> Vec<String> {
    problems.into_iter().map(|problem| problem.to_string()).collect()
}
