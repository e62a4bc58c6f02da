//! How a command ended, and the exit code that says so.

use std::process::{ExitCode, Termination};

/// How a command ended.
///
/// The codes are those of `grep` and `diff`: a script can tell "no" from "I do not know".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Exit code 0: done; if it was a question, the answer is yes.
    Done,
    /// Exit code 1: the answer is no, or a command that imitates a reference tool failed the way that tool
    /// fails.
    No,
    /// Exit code 2: could not find out.
    Unknown,
}

impl Outcome {
    /// The exit code: 0, 1 or 2.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::No => 1,
            Self::Unknown => 2,
        }
    }
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(outcome.code())
    }
}

impl Termination for Outcome {
    fn report(self) -> ExitCode {
        self.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_outcome_has_its_exit_code() {
        for (outcome, code) in [(Outcome::Done, 0), (Outcome::No, 1), (Outcome::Unknown, 2)] {
            assert_eq!(outcome.code(), code, "{outcome:?}");
            assert_eq!(ExitCode::from(outcome), ExitCode::from(code), "{outcome:?}");
        }
    }
}
