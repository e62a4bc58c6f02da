//! Time, which the flows are given and never reach for.

use std::{
    fmt,
    sync::LazyLock,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// Some moment in the past.
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Seconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(pub i64);

/// Says what time it is.
pub trait Clock: Send + Sync {
    /// The time now. It may jump, forward and back, whenever somebody sets the clock: it says when something happened, and
    /// nothing is decided by it that could be lost.
    fn now(&self) -> Timestamp;

    /// How long it is since some moment in the past; never jumps, and never goes back.
    fn elapsed(&self) -> Duration {
        START.elapsed()
    }
}

/// The clock of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        SystemTime::now().into()
    }
}

impl Timestamp {
    /// The same as the system says it; none if it has no such time.
    pub fn system_time(self) -> Option<SystemTime> {
        let distance = Duration::from_secs(self.0.unsigned_abs());
        if self.0 < 0 { UNIX_EPOCH.checked_sub(distance) } else { UNIX_EPOCH.checked_add(distance) }
    }
}

/// As RFC 3339 has it, like `2026-11-21T07:12:50Z`; times that have no such form as seconds.
impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match u64::try_from(self.0).ok().and_then(amps_pki::Timestamp::from_unix_seconds) {
            Some(time) => write!(formatter, "{time}"),
            None => write!(formatter, "{} s", self.0),
        }
    }
}

impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        let seconds = match time.duration_since(UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_secs()).ok(),
            Err(before) => i64::try_from(before.duration().as_secs()).ok().map(|seconds| -seconds),
        };
        Self(seconds.unwrap_or(i64::MAX))
    }
}
