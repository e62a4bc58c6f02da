//! Whether a server is the same in the evening as it was in the morning.

use super::tally::{Tally, Timed};
use crate::error::Error;

/// Memory of the last quarter beside that of the second. The first one fills caches.
const MOST_MEMORY: f64 = 1.15;

/// The slowest hundredth of answers, likewise.
const MOST_TIME: f64 = 2.0;

/// Files that may be open in the last quarter besides those that were in the second: the catalog's, of threads that came later.
/// The first one fills the store's cache of packages that stay open.
const MORE_FILES: usize = 16;

pub(super) fn judge(day: &[Tally]) -> Result<(), Error> {
    let failures: u64 = day.iter().map(|hour| hour.failures().0).sum();
    if failures > 0 {
        let words: Vec<_> = day.iter().flat_map(|hour| hour.failures().1).take(5).cloned().collect();
        return Err(Error::failed(format!("{failures} answers were unexpected: {}", words.join("; "))));
    }
    let quarter = day.len() / 4;
    let (Some(second), Some(last)) = (day.get(quarter..2 * quarter), day.get(day.len() - quarter..)) else {
        return Ok(());
    };
    if quarter == 0 {
        println!("too few hours to compare quarters of the day");
        return Ok(());
    }
    #[allow(clippy::cast_precision_loss, reason = "bytes of memory are fewer than 2^52")]
    let memory = |hours: &[Tally]| mean(hours.iter().map(|hour| hour.sample.memory_bytes as f64));
    at_most("memory", memory(last) / memory(second), MOST_MEMORY)?;
    for (name, what) in
        [("lists", Timed::List), ("signed downloads", Timed::SignedDownload), ("uploads", Timed::Upload)]
    {
        let slowest = |hours: &[Tally]| {
            mean(hours.iter().filter_map(|hour| hour.within(what, 99)).map(|time| time.as_secs_f64()))
        };
        at_most(&format!("slowest hundredth of {name}"), slowest(last) / slowest(second), MOST_TIME)?;
    }
    let files = |hours: &[Tally]| hours.iter().map(|hour| hour.sample.files).max().unwrap_or(0);
    let (before, after) = (files(second), files(last));
    println!("open files: {after} at most in the last quarter of the day, {before} in the second");
    if after > before + MORE_FILES {
        return Err(Error::failed(format!(
            "files stay open: {after} in the last quarter, {before} in the second"
        )));
    }
    Ok(())
}

fn at_most(what: &str, ratio: f64, most: f64) -> Result<(), Error> {
    println!("{what}: last quarter of the day beside the second {ratio:.2}, at most {most} is wanted");
    if ratio > most {
        return Err(Error::failed(format!("{what} grew: {ratio:.2}, at most {most} is wanted")));
    }
    Ok(())
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    sum / count
}

#[cfg(test)]
mod tests {
    use super::super::plan::Kind;
    use super::*;
    use std::time::Duration;

    fn hour(memory_bytes: u64, files: usize, milliseconds: u64) -> Tally {
        let mut tally = Tally::default();
        for what in [Timed::List, Timed::SignedDownload, Timed::Upload] {
            tally.time(what, Duration::from_millis(milliseconds));
        }
        tally.sample.memory_bytes = memory_bytes;
        tally.sample.files = files;
        tally
    }

    #[test]
    fn what_grows_is_found() {
        let day = |change: &dyn Fn(u64) -> Tally| (0..24).map(change).collect::<Vec<_>>();
        judge(&day(&|_| hour(1000, 20, 5))).unwrap();
        judge(&day(&|number| hour(1000 - 30 * (24 - number).min(20), 20, 5))).unwrap_err();
        judge(&day(&|number| hour(1000 + number * 20, 20, 5))).unwrap_err();
        judge(&day(&|number| hour(1000, 20 + 2 * usize::try_from(number).unwrap(), 5))).unwrap_err();
        judge(&day(&|number| hour(1000, 20, number * number))).unwrap_err();
        let mut failed = day(&|_| hour(1000, 20, 5));
        failed[3].unexpected(Kind::Login, "status 500");
        let error = judge(&failed).unwrap_err().to_string();
        assert_eq!(error, "1 answers were unexpected: Login: status 500");
    }
}
