//! Counting downloads: each costs one number that grows, and what was counted goes to the catalog now and then.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use ampkg::PackageId;

use crate::{
    clock::Timestamp,
    model::{Release, Sequence},
};

/// How many days downloads are remembered, today included.
pub const DOWNLOAD_DAYS: u16 = 400;

const DAY_SECONDS: i64 = 24 * 60 * 60;

/// A day, from midnight to midnight in UTC: how many there were since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i64);

impl Day {
    /// The day of a moment.
    pub fn of(time: Timestamp) -> Self {
        Self(time.0.div_euclid(DAY_SECONDS))
    }

    /// When it begins.
    pub fn begin(self) -> Timestamp {
        Timestamp(self.0.saturating_mul(DAY_SECONDS))
    }

    /// The next one.
    #[must_use]
    pub fn after(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// So many days before it.
    #[must_use]
    pub fn before(self, days: u16) -> Self {
        Self(self.0.saturating_sub(days.into()))
    }
}

/// How often a release was downloaded on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DailyDownloads {
    /// The day.
    pub day: Day,
    /// The release; it may be gone.
    pub release: Sequence,
    /// How often.
    pub downloads: u64,
}

/// Downloads of a release that were counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedDownloads {
    /// The id of its package.
    pub id: PackageId,
    /// The release.
    pub release: Sequence,
    /// How many.
    pub downloads: u64,
}

/// Counts the downloads of one release.
#[derive(Clone, Debug)]
pub struct DownloadCounter(Arc<Count>);

#[derive(Debug)]
struct Count {
    id: PackageId,
    downloads: AtomicU64,
}

impl DownloadCounter {
    /// One more. Waits for nothing.
    pub fn one_more(&self) {
        self.0.downloads.fetch_add(1, Relaxed);
    }
}

/// The downloads that were counted and not kept yet.
#[derive(Debug, Default)]
pub(crate) struct DownloadCounts(Mutex<HashMap<Sequence, DownloadCounter>>);

impl DownloadCounts {
    /// What counts the downloads of a release.
    pub(crate) fn counter(&self, release: &Release) -> DownloadCounter {
        self.of(release.sequence, &release.facts.id)
    }

    fn of(&self, release: Sequence, id: &PackageId) -> DownloadCounter {
        let new = || DownloadCounter(Arc::new(Count { id: id.clone(), downloads: AtomicU64::new(0) }));
        self.lock().entry(release).or_insert_with(new).clone()
    }

    /// All that was counted since, which so counts no more. What nobody counts with is forgotten.
    pub(crate) fn take(&self) -> Vec<CountedDownloads> {
        let mut counted = Vec::new();
        self.lock().retain(|release, DownloadCounter(count)| {
            let downloads = count.downloads.swap(0, Relaxed);
            if downloads > 0 {
                counted.push(CountedDownloads { id: count.id.clone(), release: *release, downloads });
            }
            // Nobody gets another one of it without the lock.
            Arc::strong_count(count) > 1
        });
        counted
    }

    /// Counts again what could not be kept.
    pub(crate) fn put_back(&self, counted: &[CountedDownloads]) {
        for CountedDownloads { id, release, downloads } in counted {
            self.of(*release, id).0.downloads.fetch_add(*downloads, Relaxed);
        }
    }

    /// What was counted of a package and not kept yet.
    pub(crate) fn waiting(&self, id: &PackageId) -> Vec<(Sequence, u64)> {
        let counts = self.lock();
        let of_package = counts.iter().filter(|(_, count)| count.0.id == *id);
        of_package.map(|(release, count)| (*release, count.0.downloads.load(Relaxed))).collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Sequence, DownloadCounter>> {
        // A panic loses at worst what was being taken.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_day_ends_at_midnight() {
        for (seconds, day) in [(0, 0), (86_399, 0), (86_400, 1), (-1, -1), (-86_400, -1)] {
            assert_eq!(Day::of(Timestamp(seconds)), Day(day), "{seconds}");
        }
        assert_eq!(Day(2).begin(), Timestamp(172_800));
        assert_eq!(Day(2).before(3), Day(-1));
    }

    #[test]
    fn nothing_is_lost_or_counted_twice_while_others_count() {
        let counts = DownloadCounts::default();
        let id: PackageId = "a.b".parse().unwrap();
        let held = counts.of(Sequence(1), &id);
        let mut taken = 0;
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for number in 0..1000 {
                        counts.of(Sequence(number % 2), &id).one_more();
                        held.one_more();
                    }
                });
            }
            for _ in 0..100 {
                let counted = counts.take();
                counts.put_back(counted.get(..1).unwrap_or_default());
                let kept = counted.iter().skip(1).map(|counted| counted.downloads);
                taken += kept.sum::<u64>();
            }
        });
        taken += counts.take().iter().map(|counted| counted.downloads).sum::<u64>();
        assert_eq!(taken, 8000);
    }

    #[test]
    fn what_nobody_counts_with_is_forgotten() {
        let (counts, id) = (DownloadCounts::default(), "a.b".parse().unwrap());
        let held = counts.of(Sequence(0), &id);
        for number in 0..1000 {
            counts.of(Sequence(number), &id).one_more();
        }
        assert_eq!(counts.waiting(&id).len(), 1000);
        assert_eq!(counts.take().len(), 1000);
        assert_eq!(counts.waiting(&id), [(Sequence(0), 0)]);
        held.one_more();
        assert_eq!(counts.take(), [CountedDownloads { id, release: Sequence(0), downloads: 1 }]);
    }
}
