//! How far a command is, on the terminal of whoever waits for it.

use std::{
    io::{IsTerminal as _, Write as _, stderr},
    time::{Duration, Instant},
};

use super::named_files::bytes;

/// How often it is said.
const INTERVAL: Duration = Duration::from_millis(200);

/// Says on standard error, if that is a terminal, how much was done.
pub(super) struct Progress {
    what: &'static str,
    done_bytes: u64,
    said: Instant,
    is_shown: bool,
    is_terminal: bool,
}

impl Progress {
    pub(super) fn of(what: &'static str) -> Self {
        let is_terminal = stderr().is_terminal();
        Self { what, done_bytes: 0, said: Instant::now(), is_shown: false, is_terminal }
    }

    /// Takes note of some bytes.
    pub(super) fn add(&mut self, count: u64) {
        self.done_bytes += count;
        if self.is_terminal && self.said.elapsed() >= INTERVAL {
            // Whoever does not see it misses nothing.
            let _ = write!(stderr(), "\r\u{1b}[K{}: {}", self.what, bytes(self.done_bytes));
            let _ = stderr().flush();
            (self.said, self.is_shown) = (Instant::now(), true);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.is_shown {
            let _ = write!(stderr(), "\r\u{1b}[K");
        }
    }
}
