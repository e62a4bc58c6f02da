//! An error on its way to the user: with hints what to do, and the outcome it stands for.

use std::error::Error;

use crate::Outcome;

/// An error that ends a command, with what the user can do about it.
///
/// Any error turns into one with `?`. It is deliberately not an [`Error`] itself: it is the end of the way,
/// not a source of something else.
#[derive(Debug)]
pub struct Failure {
    error: Box<dyn Error + Send + Sync + 'static>,
    hints: Vec<String>,
    outcome: Outcome,
}

impl Failure {
    /// A failure that consists of a message only, such as a wrong combination of options.
    pub fn message(text: impl Into<String>) -> Self {
        Self { error: text.into().into(), hints: Vec::new(), outcome: Outcome::Unknown }
    }

    /// Adds a line that says what to do; hints are shown in the order in which they were added.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Sets the outcome; without it, it is [`Outcome::Unknown`].
    #[must_use]
    pub fn with_outcome(mut self, outcome: Outcome) -> Self {
        self.outcome = outcome;
        self
    }

    /// The error.
    pub fn error(&self) -> &(dyn Error + 'static) {
        self.error.as_ref()
    }

    /// What the user can do, in the order to show it.
    pub fn hints(&self) -> &[String] {
        &self.hints
    }

    /// The outcome that the command ends with.
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }
}

impl<E: Error + Send + Sync + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        Self { error: Box::new(error), hints: Vec::new(), outcome: Outcome::Unknown }
    }
}

/// Adds a hint to the error of a result, where it is known what the user can do about it.
pub trait HintExt<T> {
    /// Turns an error into a [`Failure`] with this hint; does nothing to a success.
    fn hint(self, hint: impl Into<String>) -> Result<T, Failure>;
}

impl<T, E: Into<Failure>> HintExt<T> for Result<T, E> {
    fn hint(self, hint: impl Into<String>) -> Result<T, Failure> {
        self.map_err(|error| error.into().with_hint(hint))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Result<u8, Failure> {
        Ok(text.parse::<u8>()?)
    }

    #[test]
    #[allow(clippy::unwrap_used)]
    fn hints_keep_their_order_and_success_stays() {
        let failure = number("x").hint("first").hint("second").unwrap_err();
        assert_eq!(failure.hints(), ["first", "second"]);
        assert_eq!(failure.error().to_string(), "invalid digit found in string");
        assert_eq!(number("7").hint("unused").unwrap(), 7);
    }

    #[test]
    fn a_failure_is_unknown_unless_told_otherwise() {
        let failure = Failure::message("no such option");
        assert_eq!(failure.outcome(), Outcome::Unknown);
        assert_eq!(failure.with_outcome(Outcome::No).outcome(), Outcome::No);
    }
}
