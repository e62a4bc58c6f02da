//! How long to wait for somebody who sends, or takes, little.

use std::time::Duration;

/// An account of time. It begins with the patience that a peer deserves; waiting for the peer takes from it, each byte that
/// comes gives back what the byte may take at the least rate, and it never has more than in the beginning. So a pause and a slow
/// minute are both forgiven, and whoever is below the rate for good runs out of it.
#[derive(Clone, Debug)]
pub(crate) struct Pace {
    patience: Duration,
    left: Duration,
    bytes_per_second: u64,
}

impl Pace {
    pub(crate) fn new(patience: Duration, bytes_per_second: u64) -> Self {
        Self { patience, left: patience, bytes_per_second }
    }

    /// How long the peer may be waited for from now on; zero if no longer.
    pub(crate) fn left(&self) -> Duration {
        self.left
    }

    /// Notes that so many bytes came after waiting so long.
    pub(crate) fn waited(&mut self, time: Duration, bytes: u64) {
        let nanos = u128::from(bytes) * 1_000_000_000 / u128::from(self.bytes_per_second.max(1));
        let earned = Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX));
        self.left = self.left.saturating_add(earned).saturating_sub(time).min(self.patience);
    }

    /// What a peer that ran out of it must be told; `last_wait` is how long it was silent at the end.
    pub(crate) fn complaint(&self, last_wait: Duration) -> String {
        if last_wait >= self.patience {
            return format!("no data for {} seconds", self.patience.as_secs());
        }
        format!(
            "the data came slower than {} bytes per second for {} seconds",
            self.bytes_per_second,
            self.patience.as_secs()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// How many seconds of `bytes` each go by until there is no patience left.
    fn seconds(bytes: u64) -> Option<u32> {
        let mut pace = Pace::new(10 * SECOND, 1000);
        (1..100_000).find(|_| {
            pace.waited(SECOND, bytes);
            pace.left().is_zero()
        })
    }

    #[test]
    fn the_least_rate_is_enough_for_ever() {
        assert_eq!(seconds(1000), None);
        assert_eq!(seconds(1_000_000), None);
    }

    #[test]
    fn less_is_forgiven_for_a_while() {
        assert_eq!(seconds(0), Some(10));
        assert_eq!(seconds(500), Some(20));
        assert_eq!(seconds(999), Some(10_000));
    }

    #[test]
    fn what_came_long_ago_does_not_count() {
        let mut pace = Pace::new(10 * SECOND, 1000);
        pace.waited(SECOND, u64::MAX);
        assert_eq!(pace.left(), 10 * SECOND);
        pace.waited(9 * SECOND, 1);
        assert_eq!(pace.left(), Duration::from_millis(1001));
        pace.waited(2 * SECOND, 0);
        assert_eq!(pace.left(), Duration::ZERO);
    }
}
