//! How a failure is told: one line for the error with its causes, one line for each hint.

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};

use crate::{Color, Failure, Outcome, Printable, stderr};

/// How the word `ERROR:` looks.
const ERROR: Style = AnsiColor::Red.on_default().bold();
/// How the word `hint:` looks.
const HINT: Style = AnsiColor::Cyan.on_default().bold();

/// Causes that are shown at most; an error that names itself as its source would have no end.
const MAX_CAUSES: usize = 16;

/// Ends a `main`: reports a failure on standard error, and gives the exit code.
pub fn finish(result: Result<Outcome, Failure>) -> ExitCode {
    result.unwrap_or_else(|failure| report(&failure)).into()
}

/// Prints a failure on standard error, in colour where that is wanted, and returns its outcome.
pub fn report(failure: &Failure) -> Outcome {
    // `stderr` drops the styles again where they are not wanted. If writing fails there is nobody left to
    // tell, and the exit code still says what happened.
    let _ = write_report(&mut stderr(), failure, Color::On);
    failure.outcome()
}

/// Writes a failure: `ERROR: <message>: <cause>: <cause>` on one line, then a line `hint: <hint>` for each
/// hint.
///
/// All text is escaped as [`Printable`] does. A cause that the text before it already ends with is not
/// repeated.
///
/// # Errors
/// Those of `out`.
pub fn write_report(out: &mut impl Write, failure: &Failure, color: Color) -> io::Result<()> {
    write_line(out, ERROR, "ERROR:", &chain(failure.error()), color)?;
    for hint in failure.hints() {
        write_line(out, HINT, "hint:", hint, color)?;
    }
    out.flush()
}

/// Writes one line: the word in its style, then the text.
fn write_line(out: &mut impl Write, style: Style, word: &str, text: &str, color: Color) -> io::Result<()> {
    let style = match color {
        Color::On => style,
        Color::Off => Style::new(),
    };
    writeln!(out, "{style}{word}{style:#} {}", Printable(text))
}

/// The error and its causes, joined by `: `.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let causes = std::iter::successors(error.source(), |&cause| cause.source());
    for cause in causes.take(MAX_CAUSES) {
        let cause = cause.to_string();
        // Errors of other libraries often show their source themselves.
        let shown =
            text.strip_suffix(&cause).is_some_and(|before| before.is_empty() || before.ends_with(": "));
        if !shown {
            text.push_str(": ");
            text.push_str(&cause);
        }
    }
    text
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::fmt;

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{text}")]
    struct Link {
        text: &'static str,
        source: Option<Box<Link>>,
    }

    /// A chain of errors with these texts, the first one outermost.
    fn links(texts: &[&'static str]) -> Link {
        let (text, rest) = texts.split_first().unwrap();
        let source = (!rest.is_empty()).then(|| Box::new(links(rest)));
        Link { text, source }
    }

    fn written(failure: &Failure, color: Color) -> String {
        let mut out = Vec::new();
        write_report(&mut out, failure, color).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn check(texts: &[&'static str], expected: &str) {
        assert_eq!(written(&links(texts).into(), Color::Off), expected, "{texts:?}");
    }

    #[test]
    fn causes_follow_on_the_same_line() {
        check(&["no such package"], "ERROR: no such package\n");
        check(
            &["cannot open `a`", "permission denied", "errno 13"],
            "ERROR: cannot open `a`: permission denied: errno 13\n",
        );
    }

    #[test]
    fn a_cause_that_was_already_shown_is_not_repeated() {
        check(&["same", "same", "deeper"], "ERROR: same: deeper\n");
        check(&["outer: inner", "inner"], "ERROR: outer: inner\n");
        check(&["cannot open data", "a"], "ERROR: cannot open data: a\n");
    }

    #[test]
    fn hostile_text_stays_on_its_line() {
        check(
            &["cannot read `a\nERROR: \u{1b}[2J`", "\u{202e}x"],
            "ERROR: cannot read `a\\nERROR: \\u{1b}[2J`: \\u{202e}x\n",
        );
        let failure = Failure::message("x").with_hint("delete `\r\u{9b}K`");
        assert_eq!(written(&failure, Color::Off), "ERROR: x\nhint: delete `\\r\\u{9b}K`\n");
    }

    #[test]
    fn hints_come_in_order_each_on_its_line() {
        let failure = Failure::from(links(&["no key"])).with_hint("one").with_hint("two");
        assert_eq!(written(&failure, Color::Off), "ERROR: no key\nhint: one\nhint: two\n");
    }

    #[test]
    fn colour_is_on_the_leading_words_only() {
        let failure = Failure::message("no key").with_hint("make one");
        assert_eq!(
            written(&failure, Color::On),
            "\u{1b}[1m\u{1b}[31mERROR:\u{1b}[0m no key\n\u{1b}[1m\u{1b}[36mhint:\u{1b}[0m make one\n"
        );
    }

    #[test]
    fn an_error_that_is_its_own_source_ends() {
        #[derive(Debug)]
        struct Own(std::cell::Cell<u32>);
        impl fmt::Display for Own {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.set(self.0.get() + 1);
                write!(f, "loop {}.", self.0.get())
            }
        }
        impl Error for Own {
            fn source(&self) -> Option<&(dyn Error + 'static)> {
                Some(self)
            }
        }
        let text = chain(&Own(std::cell::Cell::new(0)));
        assert_eq!(text.matches("loop").count(), MAX_CAUSES + 1);
    }

    #[test]
    fn finish_gives_the_exit_code_of_the_outcome() {
        for outcome in [Outcome::Done, Outcome::No, Outcome::Unknown] {
            let failure = Failure::message("shown by a test").with_outcome(outcome);
            assert_eq!(finish(Ok(outcome)), ExitCode::from(outcome));
            assert_eq!(finish(Err(failure)), ExitCode::from(outcome));
        }
    }
}
