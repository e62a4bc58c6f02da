//! Findings, for people: one line for each.

use std::io::{self, Write};

use amps_cli::{Outcome, Printable};
use amps_core::care::{Finding, Level};

/// Writes a line for each finding: how bad it is, what it is about, what is so, and what to do.
pub(super) fn write_lines(out: &mut impl Write, findings: &[Finding]) -> io::Result<()> {
    for finding in findings {
        let level = match finding.level {
            Level::Ok => "ok",
            Level::Warning => "warning",
            Level::Problem => "problem",
        };
        let Finding { subject, message, advice, .. } = finding;
        let (subject, message) = (Printable(subject), Printable(message));
        match advice.as_str() {
            "" => writeln!(out, "{level}: {subject}: {message}")?,
            advice => writeln!(out, "{level}: {subject}: {message}; {}", Printable(advice))?,
        }
    }
    Ok(())
}

/// How many there are of a level.
pub(super) fn count(findings: &[Finding], level: Level) -> usize {
    findings.iter().filter(|finding| finding.level == level).count()
}

/// A problem is a no, everything else is not.
pub(super) fn outcome(findings: &[Finding]) -> Outcome {
    if count(findings, Level::Problem) > 0 { Outcome::No } else { Outcome::Done }
}
