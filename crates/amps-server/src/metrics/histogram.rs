//! How long something took, as counts of classes of durations.

use std::time::Duration;

use amps_core::Counter;

/// Upper ends of the classes, in nanoseconds, each inclusive: from a small answer out of memory to a large package on a bad line.
/// What took longer is in a class of its own.
const BOUNDS: [u64; 15] = [
    100_000,
    500_000,
    1_000_000,
    5_000_000,
    10_000_000,
    50_000_000,
    100_000_000,
    500_000_000,
    1_000_000_000,
    5_000_000_000,
    10_000_000_000,
    30_000_000_000,
    60_000_000_000,
    300_000_000_000,
    1_800_000_000_000,
];

/// Durations so far. Noting one costs two additions.
#[derive(Default)]
pub(crate) struct Histogram {
    counts: [Counter; BOUNDS.len() + 1],
    nanoseconds: Counter,
}

impl Histogram {
    pub(crate) fn note(&self, duration: Duration) {
        let nanoseconds = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        let class = BOUNDS.iter().position(|bound| nanoseconds <= *bound).unwrap_or(BOUNDS.len());
        if let Some(count) = self.counts.get(class) {
            count.one_more();
        }
        self.nanoseconds.add(nanoseconds);
    }

    /// How they are now.
    pub(super) fn look(&self) -> Durations {
        let bounds = BOUNDS.iter().map(|bound| seconds(*bound)).chain([f64::INFINITY]);
        let classes: Vec<(f64, u64)> = bounds.zip(self.counts.iter().map(Counter::value)).collect();
        let count = classes.iter().map(|(_, count)| count).sum();
        Durations { seconds: seconds(self.nanoseconds.value()), count, classes }
    }
}

/// What a [`Histogram`] says at a moment.
pub(super) struct Durations {
    /// The sum of all.
    pub(super) seconds: f64,
    /// How many there are.
    pub(super) count: u64,
    /// Of each class its upper end in seconds, and how many are in it and in no class before.
    pub(super) classes: Vec<(f64, u64)>,
}

fn seconds(nanoseconds: u64) -> f64 {
    Duration::from_nanos(nanoseconds).as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_inclusive_and_nothing_gets_lost() {
        let histogram = Histogram::default();
        for nanoseconds in [0, 100_000, 100_001, 1_800_000_000_000, 1_800_000_000_001] {
            histogram.note(Duration::from_nanos(nanoseconds));
        }
        let durations = histogram.look();
        let found: Vec<(f64, u64)> = durations.classes.into_iter().filter(|(_, count)| *count > 0).collect();
        assert_eq!(found, [(0.0001, 2), (0.0005, 1), (1800.0, 1), (f64::INFINITY, 1)]);
        assert_eq!(durations.count, 5);
        assert!((durations.seconds - 3600.0002).abs() < 0.0001);
    }

    #[test]
    fn bounds_grow() {
        assert!(BOUNDS.is_sorted());
    }
}
