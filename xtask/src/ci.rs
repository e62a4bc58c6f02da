//! `cargo xtask ci`: every check in order, stopping at the first failure, with the time that each took.

use crate::error::Error;
use crate::root::Root;
use crate::{cargo, fuzz, licenses, tidy, ui};
use std::time::{Duration, Instant};

pub(crate) const HELP: &str = "\
Everything that a change must pass, in order; stops at the first failure and names it.
The time of each step is printed at the end.

Usage: cargo xtask ci
";

/// How long each fuzz target runs: long enough to go through its seeds and some thousands of inputs more.
const FUZZ_SMOKE_RUN: Duration = Duration::from_secs(5);

/// One step: the command that runs it alone, what it runs, and how.
struct Step {
    name: &'static str,
    what: &'static str,
    run: fn(&Root) -> Result<(), Error>,
}

const STEPS: &[Step] = &[
    Step { name: "fmt", what: "cargo fmt --all --check", run: cargo::fmt },
    Step {
        name: "clippy",
        what: "cargo clippy --workspace --all-targets --features amps/browser-tests -- -D warnings",
        run: cargo::clippy,
    },
    Step { name: "test", what: "cargo test --workspace", run: cargo::test },
    Step { name: "ui", what: "cargo xtask ui", run: ui::if_there_is_a_browser },
    Step { name: "doc", what: "cargo doc --workspace --no-deps", run: cargo::doc },
    Step { name: "licenses", what: "cargo xtask licenses", run: licenses::run },
    Step { name: "tidy", what: "cargo xtask tidy", run: tidy::run },
    Step {
        name: "fuzz",
        what: "cargo xtask fuzz --seconds 5, but for targets that need the server",
        run: |root| fuzz::in_ci(root, FUZZ_SMOKE_RUN),
    },
];

pub(crate) fn run(root: &Root) -> Result<(), Error> {
    let mut times = Vec::new();
    let mut outcome = Ok(());
    for (index, step) in STEPS.iter().enumerate() {
        println!("\n==> [{}/{}] {}: {}", index + 1, STEPS.len(), step.name, step.what);
        let start = Instant::now();
        outcome = (step.run)(root).map_err(|error| error.in_step(step.name));
        times.push((step.name, start.elapsed()));
        if outcome.is_err() {
            break;
        }
    }
    println!("\n{}", summary(&times));
    if outcome.is_ok() {
        println!("every step passed");
    }
    outcome
}

/// The times as lines, the total last.
fn summary(times: &[(&str, Duration)]) -> String {
    let total: Duration = times.iter().map(|(_, time)| *time).sum();
    let rows = times.iter().copied().chain([("total", total)]);
    rows.map(|(name, time)| format!("{name:10} {:7.1} s", time.as_secs_f64())).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_ends_with_the_total() {
        let times = [("fmt", Duration::from_millis(1500)), ("test", Duration::from_mins(1))];
        assert_eq!(summary(&times), "fmt            1.5 s\ntest          60.0 s\ntotal         61.5 s");
    }
}
