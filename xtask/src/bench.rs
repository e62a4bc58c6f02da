//! `cargo xtask bench`: comparisons with other tools, as a table of ratios.
//!
//! Absolute times say something of one machine on one day; a ratio of two things measured together says something
//! of the things. So every comparison has two sides, run in turns (A B, B A, A B, …) so that a machine that grows
//! slower in between is slow for both, after one run of each that is not counted. The table shows the median of
//! the rounds' ratios and, in brackets, the smallest and the largest. Two of the comparisons compare a side with
//! itself: how far those are from 1.00 is what a difference has to exceed before it means anything.
//!
//! What is measured, and how, without a line of unsafe code (see `measure.rs`):
//! - time: from the start of the first process to the end of the last; where a client measures for itself, what the row
//!   says: the time for so many requests at the rate that `wrk` found, or the 99th percentile of its requests;
//! - CPU: user and system time of all processes of a side, from `/proc`, in steps of 10 ms;
//! - memory: the high-water marks of the resident memory of all processes of a side, added up. The kernel drops a
//!   process's mark when it exits, so it is read every 2 ms while it runs: what a process allocates in its last
//!   2 ms is not seen. Sides should take a second or more.
//!
//! A new comparison is a function in `comparisons.rs` and a row in its table. A side is any closure that ends in a
//! `Cost`: `measure::pipeline` gives one for commands, `measure::during` for work that this process does (a client)
//! and that another process (a server) pays for.
//!
//! The inputs (`inputs.rs`) are made once, from a fixed seed, and kept in `target/bench`.

mod beside_nginx;
mod client;
mod compare;
mod comparisons;
mod day;
mod disturbance;
mod downloads;
mod filled;
mod huge;
mod identity;
mod inputs;
mod measure;
mod nginx;
mod process;
mod purchases;
mod scale;
mod server;
mod stalled;
mod table;

pub(crate) use day::{HELP as DAY_HELP, run_day};
pub(crate) use huge::{HELP as HUGE_HELP, run_huge};

use crate::arguments::Arguments;
use crate::bench::comparisons::{COMPARISONS, Comparison};
use crate::error::Error;
use crate::root::Root;

pub(crate) const HELP: &str = "\
Comparisons with other tools, as a Markdown table of ratios: A divided by B, so less than 1 is less for A.

Usage: cargo xtask bench [--rounds N] [COMPARISON...]

  --rounds N   how often each side is run (default 7)
  COMPARISON   a row of the table in xtask/src/bench/comparisons.rs (default: all of them)

Needs Linux (/proc), tar, gzip, sha256sum, openssl, find, curl, nginx and wrk, 8 GB of disk, and an otherwise idle machine. Builds the programs in release mode.
";

/// Enough for a median that one disturbed round does not move.
const DEFAULT_ROUNDS: usize = 7;

pub(crate) fn run(root: &Root, mut arguments: Arguments) -> Result<(), Error> {
    let mut rounds = DEFAULT_ROUNDS;
    let mut chosen: Vec<&Comparison> = Vec::new();
    while let Some(word) = arguments.next() {
        if word == "--rounds" {
            rounds = arguments.value(&word, "a number of rounds")?;
        } else if word.starts_with('-') {
            return Err(Error::unable(format!("unknown option `{word}`, expected `--rounds N`")));
        } else {
            chosen.push(named(&word)?);
        }
    }
    if rounds == 0 {
        return Err(Error::unable("`--rounds` needs at least 1, found `0`"));
    }
    if chosen.is_empty() {
        chosen.extend(COMPARISONS);
    }
    let mut rows = Vec::new();
    for comparison in chosen {
        eprintln!("{}: {rounds} rounds", comparison.name);
        let mut pair = (comparison.prepare)(root)?;
        let samples = compare::run(&mut pair, rounds)?;
        rows.push(table::row(comparison.name, &pair, &samples));
    }
    print!("{}", table::table(&rows));
    Ok(())
}

fn named(name: &str) -> Result<&'static Comparison, Error> {
    COMPARISONS.iter().find(|comparison| comparison.name == name).ok_or_else(|| {
        let names: Vec<&str> = COMPARISONS.iter().map(|comparison| comparison.name).collect();
        Error::unable(format!("unknown comparison `{name}`, expected one of: {}", names.join(", ")))
    })
}
