//! When a file in `upload` is complete, as far as anybody can tell.
//!
//! A package that verifies is taken as soon as it may be complete; one that does not is refused only when it surely is: its
//! writer may just have closed it to open it again.

use std::time::{Duration, Instant};

use super::entry::Stamp;

/// What is known about who writes a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Writing {
    /// Nothing: it was there at the start, or is written by another machine.
    #[default]
    Unknown,
    /// It has been written to, and not closed since.
    Open,
    /// Its writer has closed it, or it was moved here.
    Closed,
}

/// What is known about a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settling {
    stamp: Stamp,
    unchanged_since: Instant,
    writing: Writing,
    /// Its content, as it is now, is no package.
    has_failed: bool,
}

/// What to do with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Come again after this time.
    Wait(Duration),
    /// Try; if it is no package, it may be that not all of it is there.
    Try,
    /// Try; if it is no package, it is refused.
    Decide,
}

impl Writing {
    /// How long a file must have been unchanged to be tried, and to be refused.
    fn patience(self) -> (Duration, Duration) {
        let (to_try, to_refuse) = match self {
            Self::Closed => (0, 1),
            Self::Unknown => (2, 6),
            // Whoever writes may be waiting for a network.
            Self::Open => (30, 60),
        };
        (Duration::from_secs(to_try), Duration::from_secs(to_refuse))
    }
}

impl Settling {
    pub(super) fn new(stamp: Stamp, writing: Writing, now: Instant) -> Self {
        Self { stamp, unchanged_since: now, writing: told(writing, stamp), has_failed: false }
    }

    /// Notes how the file looks now, and what was seen of its writer since the last time.
    pub(super) fn observe(&mut self, stamp: Stamp, seen: Option<Writing>, now: Instant) {
        if stamp != self.stamp {
            // A change that nobody announced came from another machine.
            *self = Self::new(stamp, seen.unwrap_or_default(), now);
        } else if let Some(seen) = seen {
            self.writing = told(seen, stamp);
        }
    }

    /// What was known may not be true any more.
    pub(super) fn forget_writer(&mut self) {
        self.writing = Writing::Unknown;
    }

    /// Its content is no package.
    pub(super) fn fail(&mut self) {
        self.has_failed = true;
    }

    pub(super) fn stamp(&self) -> Stamp {
        self.stamp
    }

    pub(super) fn step(&self, now: Instant) -> Step {
        let quiet = now.saturating_duration_since(self.unchanged_since);
        let (to_try, to_refuse) = self.writing.patience();
        if quiet >= to_refuse {
            Step::Decide
        } else if self.has_failed {
            Step::Wait(to_refuse.saturating_sub(quiet))
        } else if quiet >= to_try {
            Step::Try
        } else {
            Step::Wait(to_try.saturating_sub(quiet))
        }
    }
}

/// A file that was made and has nothing in it yet is about to be written.
fn told(writing: Writing, stamp: Stamp) -> Writing {
    if writing == Writing::Unknown && stamp.size_bytes == 0 { Writing::Open } else { writing }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn stamp(size_bytes: u64) -> Stamp {
        Stamp { size_bytes, ..Stamp::default() }
    }

    #[test]
    fn a_file_waits_as_long_as_its_writer_is_in_doubt() {
        let start = Instant::now();
        for (writing, size, to_try, to_refuse) in [
            (Writing::Closed, 1, 0, 1),
            (Writing::Closed, 0, 0, 1),
            (Writing::Unknown, 1, 2, 6),
            (Writing::Unknown, 0, 30, 60),
            (Writing::Open, 1, 30, 60),
        ] {
            let mut file = Settling::new(stamp(size), writing, start);
            let (to_try, to_refuse) = (to_try * SECOND, to_refuse * SECOND);
            if !to_try.is_zero() {
                assert_eq!(
                    file.step(start + to_try.saturating_sub(SECOND)),
                    Step::Wait(SECOND),
                    "{writing:?}"
                );
            }
            assert_eq!(file.step(start + to_try), Step::Try, "{writing:?}");
            assert_eq!(file.step(start + to_refuse), Step::Decide, "{writing:?}");
            file.fail();
            assert_eq!(
                file.step(start + to_try),
                Step::Wait(to_refuse.saturating_sub(to_try)),
                "{writing:?}"
            );
            assert_eq!(file.step(start + to_refuse), Step::Decide, "{writing:?}");
        }
    }

    #[test]
    fn a_change_begins_anew() {
        let start = Instant::now();
        let mut file = Settling::new(stamp(1), Writing::Closed, start);
        file.fail();
        let later = start + 5 * SECOND;
        file.observe(stamp(2), None, later);
        assert_eq!(file.step(later), Step::Wait(2 * SECOND), "nobody saw who wrote");
        file.observe(stamp(2), Some(Writing::Open), later);
        assert_eq!(file.step(later + 29 * SECOND), Step::Wait(SECOND));
        file.observe(stamp(2), Some(Writing::Closed), later + SECOND);
        assert_eq!(file.step(later), Step::Try);
        file.observe(stamp(3), Some(Writing::Closed), later + SECOND);
        assert_eq!(file.step(later + SECOND), Step::Try);
        assert_eq!(file.step(later + 2 * SECOND), Step::Decide);
    }

    #[test]
    fn a_close_that_was_missed_does_not_block_for_ever() {
        let start = Instant::now();
        let mut file = Settling::new(stamp(1), Writing::Open, start);
        assert_eq!(file.step(start + 60 * SECOND), Step::Decide);
        file.forget_writer();
        assert_eq!(file.step(start + 2 * SECOND), Step::Try);
    }
}
