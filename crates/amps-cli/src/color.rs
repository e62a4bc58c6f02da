//! Whether to use colour, and the standard streams that obey it.

use std::ffi::{OsStr, OsString};
use std::io::{IsTerminal, Stderr, Stdout};

use anstream::{AutoStream, ColorChoice};

/// Whether a stream gets colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Color {
    /// Styles are written.
    On,
    /// Plain text.
    Off,
}

/// The environment variables that have a say in colour.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    /// `AM_FORCE_COLOR_OUTPUT`: `on` or `off` decides; any other value is as if it were not set.
    pub force: Option<OsString>,
    /// `NO_COLOR` (<https://no-color.org>): set and not empty means no colour.
    pub no_color: Option<OsString>,
    /// `TERM`: `dumb` means a terminal without colour.
    pub term: Option<OsString>,
}

impl Environment {
    /// Reads the variables of this process.
    pub fn of_process() -> Self {
        Self {
            force: std::env::var_os("AM_FORCE_COLOR_OUTPUT"),
            no_color: std::env::var_os("NO_COLOR"),
            term: std::env::var_os("TERM"),
        }
    }
}

impl Color {
    /// Decides for one stream; `is_terminal` says what that stream is.
    pub fn decide(environment: &Environment, is_terminal: bool) -> Self {
        let is = |variable: &Option<OsString>, value: &str| variable.as_deref() == Some(OsStr::new(value));
        if is(&environment.force, "on") {
            return Self::On;
        }
        if is(&environment.force, "off") {
            return Self::Off;
        }
        let unwanted = environment.no_color.as_ref().is_some_and(|value| !value.is_empty());
        if is_terminal && !unwanted && !is(&environment.term, "dumb") { Self::On } else { Self::Off }
    }

    fn choice(self) -> ColorChoice {
        match self {
            Self::On => ColorChoice::Always,
            Self::Off => ColorChoice::Never,
        }
    }
}

/// Standard output; styles written to it are dropped where there is to be no colour.
///
/// Write with `writeln!` and handle the error: the `println!` macros panic when the reader has gone away.
pub fn stdout() -> AutoStream<Stdout> {
    let stream = std::io::stdout();
    let color = Color::decide(&Environment::of_process(), stream.is_terminal());
    AutoStream::new(stream, color.choice())
}

/// Standard error; styles written to it are dropped where there is to be no colour.
pub fn stderr() -> AutoStream<Stderr> {
    let stream = std::io::stderr();
    let color = Color::decide(&Environment::of_process(), stream.is_terminal());
    AutoStream::new(stream, color.choice())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(
        force: Option<&str>,
        no_color: Option<&str>,
        term: Option<&str>,
        is_terminal: bool,
        expected: Color,
    ) {
        let environment = Environment {
            force: force.map(Into::into),
            no_color: no_color.map(Into::into),
            term: term.map(Into::into),
        };
        assert_eq!(
            Color::decide(&environment, is_terminal),
            expected,
            "{environment:?}, terminal: {is_terminal}"
        );
    }

    #[test]
    fn colour_is_for_terminals_only() {
        check(None, None, Some("xterm"), true, Color::On);
        check(None, None, Some("xterm"), false, Color::Off);
        check(None, None, None, true, Color::On);
        check(None, None, Some("dumb"), true, Color::Off);
    }

    #[test]
    fn no_color_counts_unless_empty() {
        check(None, Some("1"), Some("xterm"), true, Color::Off);
        check(None, Some("0"), Some("xterm"), true, Color::Off);
        check(None, Some(""), Some("xterm"), true, Color::On);
    }

    #[test]
    fn force_wins_over_everything() {
        check(Some("on"), Some("1"), Some("dumb"), false, Color::On);
        check(Some("off"), None, Some("xterm"), true, Color::Off);
    }

    #[test]
    fn other_values_of_force_are_ignored() {
        for value in ["", "ON", "yes", "1"] {
            check(Some(value), None, Some("xterm"), false, Color::Off);
            check(Some(value), None, Some("xterm"), true, Color::On);
            check(Some(value), Some("1"), Some("xterm"), true, Color::Off);
        }
    }
}
