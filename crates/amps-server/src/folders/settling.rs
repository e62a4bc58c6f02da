//! When a file in `upload` is complete, as far as anybody can tell.
//!
//! A package that verifies is taken as soon as it may be complete; one that does not is refused only when it surely is: its
//! writer may just have closed it to open it again.

use std::time::{Duration, Instant};

use super::entry::Stamp;

/// More than the clock of file systems needs for a step: a file that is read this long after its time was seen has another
/// time if it is changed from then on.
const TICK: Duration = Duration::from_millis(20);

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
    content: Content,
}

/// What is known about the content of a file, as it is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// Nobody has looked.
    Unknown,
    /// It is no package.
    Wrong,
    /// It may be the beginning of a package.
    Incomplete,
}

/// What to do with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Come again after this time.
    Wait(Duration),
    /// Look at its content.
    Try,
}

impl Settling {
    pub(super) fn new(stamp: Stamp, writing: Writing, now: Instant) -> Self {
        let writing = told(writing, stamp);
        Self { stamp, unchanged_since: now, writing, content: Content::Unknown }
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

    /// Notes that its content was looked at and is no package; says whether that will not change any more.
    pub(super) fn fail(&mut self, content: Content, now: Instant) -> bool {
        self.content = content;
        self.step(now) == Step::Try
    }

    pub(super) fn stamp(&self) -> Stamp {
        self.stamp
    }

    pub(super) fn step(&self, now: Instant) -> Step {
        let quiet = now.saturating_duration_since(self.unchanged_since);
        match self.patience().saturating_sub(quiet) {
            Duration::ZERO => Step::Try,
            rest => Step::Wait(rest),
        }
    }

    /// How long it must have been unchanged to be looked at, or to be refused.
    fn patience(&self) -> Duration {
        let seconds = match (self.writing, self.content) {
            (Writing::Closed, Content::Unknown) => return TICK,
            (Writing::Closed, Content::Wrong) => 1,
            (Writing::Unknown, Content::Unknown) => 2,
            (Writing::Unknown, Content::Wrong) => 6,
            // Some programs close a file and open it again to go on.
            (Writing::Closed | Writing::Unknown, Content::Incomplete) => 15,
            // Whoever writes may be waiting for a network.
            (Writing::Open, Content::Unknown) => 30,
            (Writing::Open, _) => 60,
        };
        Duration::from_secs(seconds)
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
        for (writing, size, to_try, wrong, incomplete) in [
            (Writing::Closed, 1, TICK, 1, 15),
            (Writing::Closed, 0, TICK, 1, 15),
            (Writing::Unknown, 1, 2 * SECOND, 6, 15),
            (Writing::Unknown, 0, 30 * SECOND, 60, 60),
            (Writing::Open, 1, 30 * SECOND, 60, 60),
        ] {
            let new = Settling::new(stamp(size), writing, start);
            let tried_at = start + to_try;
            assert_eq!(new.step(start), Step::Wait(to_try), "{writing:?}");
            assert_eq!(new.step(tried_at), Step::Try, "{writing:?}");
            for (content, refused) in [(Content::Wrong, wrong), (Content::Incomplete, incomplete)] {
                let mut file = new;
                let refused = refused * SECOND;
                assert!(!file.fail(content, tried_at), "{writing:?} {content:?}");
                assert_eq!(file.step(tried_at), Step::Wait(refused.saturating_sub(to_try)));
                assert_eq!(file.step(start + refused), Step::Try, "{writing:?} {content:?}");
                assert!(file.fail(content, start + refused), "{writing:?} {content:?}");
            }
        }
    }

    #[test]
    fn a_change_begins_anew() {
        let start = Instant::now();
        let mut file = Settling::new(stamp(1), Writing::Closed, start);
        file.fail(Content::Wrong, start);
        let later = start + 5 * SECOND;
        file.observe(stamp(2), None, later);
        assert_eq!(file.step(later), Step::Wait(2 * SECOND), "nobody saw who wrote");
        file.observe(stamp(2), Some(Writing::Open), later);
        assert_eq!(file.step(later + 29 * SECOND), Step::Wait(SECOND));
        file.observe(stamp(2), Some(Writing::Closed), later + SECOND);
        assert_eq!(file.step(later + TICK), Step::Try);
        file.observe(stamp(3), Some(Writing::Closed), later + SECOND);
        assert!(!file.fail(Content::Wrong, later + SECOND));
        assert!(file.fail(Content::Wrong, later + 2 * SECOND));
    }

    #[test]
    fn a_close_that_was_missed_does_not_block_for_ever() {
        let start = Instant::now();
        let mut file = Settling::new(stamp(1), Writing::Open, start);
        assert_eq!(file.step(start + 30 * SECOND), Step::Try);
        file.forget_writer();
        assert_eq!(file.step(start + 2 * SECOND), Step::Try);
    }
}
