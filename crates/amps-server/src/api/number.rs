//! Numbers of releases in paths.

use std::str::FromStr;

use amps_core::Sequence;

/// The number of a release.
pub(super) struct Number(pub(super) Sequence);

/// A text that is no number.
pub(super) struct NotANumber;

impl FromStr for Number {
    type Err = NotANumber;

    fn from_str(text: &str) -> Result<Self, NotANumber> {
        // A number has one form: neither `+1` nor `01`.
        let number: u64 = text.parse().map_err(|_| NotANumber)?;
        if number.to_string() == text { Ok(Self(Sequence(number))) } else { Err(NotANumber) }
    }
}
