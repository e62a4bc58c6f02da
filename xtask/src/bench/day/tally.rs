//! What was seen in an hour: how long answers took, what was unexpected, and what the server had at its end.

use super::plan::Kind;
use crate::bench::process::{memory_and_threads, open_files};
use crate::error::Error;
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// Unexpected answers of which the words are kept.
const MAX_WORDS: usize = 5;

/// The table begins so.
pub(super) const HEAD: &str = "\
| hour | requests | took | device's list, half and 99 of 100 within | signed 10 kB | purchase and download | upload | login | memory | open files | threads | disk |
|---|---|---|---|---|---|---|---|---|---|---|---|
";

/// What is timed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Timed {
    List,
    SignedDownload,
    Purchase,
    Upload,
    Login,
    /// Everything else.
    Other,
}

/// An hour.
#[derive(Debug, Default)]
pub(super) struct Tally {
    times: BTreeMap<Timed, Vec<Duration>>,
    unexpected: u64,
    words: Vec<String>,
    pub(super) took: Duration,
    pub(super) sample: Sample,
}

/// What a server has.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sample {
    pub(super) memory_bytes: u64,
    pub(super) files: usize,
    pub(super) sockets: usize,
    threads: u32,
    disk_bytes: u64,
}

impl Tally {
    pub(super) fn time(&mut self, what: Timed, took: Duration) {
        self.times.entry(what).or_default().push(took);
    }

    pub(super) fn unexpected(&mut self, kind: Kind, words: &str) {
        self.unexpected += 1;
        if self.words.len() < MAX_WORDS {
            self.words.push(format!("{kind:?}: {words}"));
        }
    }

    /// Both together.
    pub(super) fn with(mut self, other: Self) -> Self {
        for (what, times) in other.times {
            self.times.entry(what).or_default().extend(times);
        }
        self.unexpected += other.unexpected;
        self.words.extend(other.words);
        self.words.truncate(MAX_WORDS);
        self
    }

    /// How many answers were not the expected ones, and some of them.
    pub(super) fn failures(&self) -> (u64, &[String]) {
        (self.unexpected, &self.words)
    }

    /// The time within which so many of a hundred answers came; nothing if there was none.
    pub(super) fn within(&self, what: Timed, hundredths: usize) -> Option<Duration> {
        let mut times = self.times.get(&what)?.clone();
        times.sort_unstable();
        times.get((times.len() * hundredths / 100).min(times.len().saturating_sub(1))).copied()
    }

    /// The hour's line.
    pub(super) fn row(&self, hour: u32) -> String {
        let requests: usize = self.times.values().map(Vec::len).sum();
        let times = |what| match (self.within(what, 50), self.within(what, 99)) {
            (Some(half), Some(most)) => {
                format!("{:.2}, {:.2} ms", 1e3 * half.as_secs_f64(), 1e3 * most.as_secs_f64())
            }
            _ => "none".to_owned(),
        };
        let Sample { memory_bytes, files, threads, disk_bytes, .. } = self.sample;
        format!(
            "| {} | {requests} | {:.1} s | {} | {} | {} | {} | {} | {} | {files} | {threads} | {} |\n",
            hour + 1,
            self.took.as_secs_f64(),
            times(Timed::List),
            times(Timed::SignedDownload),
            times(Timed::Purchase),
            times(Timed::Upload),
            times(Timed::Login),
            mebibytes(memory_bytes),
            mebibytes(disk_bytes),
        )
    }
}

impl Sample {
    pub(super) fn of(pid: u32, data: &Path) -> Result<Self, Error> {
        let ended = || Error::failed("the server ended");
        let (memory_bytes, threads) = memory_and_threads(pid).ok_or_else(ended)?;
        let (files, sockets) = open_files(pid).ok_or_else(ended)?;
        Ok(Self { memory_bytes, files, sockets, threads, disk_bytes: size_bytes(data) })
    }
}

impl fmt::Display for Sample {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { memory_bytes, files, threads, disk_bytes, .. } = self;
        let (memory, disk) = (mebibytes(*memory_bytes), mebibytes(*disk_bytes));
        write!(formatter, "memory {memory}, {files} open files, {threads} threads, {disk} on the disk")
    }
}

#[allow(
    clippy::cast_precision_loss,
    reason = "one digit behind the point needs no more than 52 bits of bytes"
)]
fn mebibytes(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
}

/// Of all files in a folder. The server adds and removes some meanwhile: what is gone counts nothing.
fn size_bytes(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => size_bytes(&entry.path()),
            Ok(metadata) => metadata.len(),
            Err(_) => 0,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hundredths_are_those_of_all_clients() {
        let mut one = Tally::default();
        let mut other = Tally::default();
        (1..=50).for_each(|number| one.time(Timed::List, Duration::from_millis(number)));
        (51..=100).for_each(|number| other.time(Timed::List, Duration::from_millis(number)));
        other.unexpected(Kind::Login, "status 500");
        let tally = one.with(other);
        assert_eq!(tally.within(Timed::List, 50), Some(Duration::from_millis(51)));
        assert_eq!(tally.within(Timed::List, 99), Some(Duration::from_millis(100)));
        assert_eq!(tally.within(Timed::Login, 99), None);
        assert_eq!(tally.failures(), (1, ["Login: status 500".to_owned()].as_slice()));
    }
}
