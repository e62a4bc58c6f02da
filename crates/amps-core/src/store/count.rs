//! Downloads, counted by day.

use std::collections::BTreeMap;

use ampkg::PackageId;

use super::Store;
use crate::{
    clock::Timestamp,
    downloads::{DOWNLOAD_DAYS, DailyDownloads, Day},
    error::Error,
};

/// Rows that are written at once: an upload waits for so many at most.
const AT_ONCE: usize = 1000;

impl Store {
    /// Keeps the downloads that were counted since the last call, as those of the day on which that was: so it is to be called often,
    /// and at midnight. What is older than [`DOWNLOAD_DAYS`] is forgotten. What cannot be kept counts the next time.
    pub fn keep_downloads(&self, since: Timestamp) -> Result<(), Error> {
        let counted = self.downloads.take();
        let day = Day::of(since);
        let oldest = day.before(DOWNLOAD_DAYS - 1);
        let mut rest = counted.as_slice();
        while !rest.is_empty() {
            let (next, later) = rest.split_at(rest.len().min(AT_ONCE));
            if let Err(error) = self.parts.catalog.add_downloads(day, next, oldest) {
                self.downloads.put_back(rest);
                return Err(error.into());
            }
            rest = later;
        }
        Ok(())
    }

    /// How often the releases of a package were downloaded, on the last so many days, today included: one for each day and release with
    /// downloads, ordered by both. What was counted a moment ago is today's.
    pub fn downloads_of(&self, id: &PackageId, days: u16) -> Result<Vec<DailyDownloads>, Error> {
        let today = Day::of(self.parts.clock.now());
        let first = today.before(days.clamp(1, DOWNLOAD_DAYS) - 1);
        let kept = self.parts.catalog.downloads_of(id, first, today)?;
        // Afterwards: what is kept meanwhile is missing, for once, rather than there twice.
        let waiting = self.downloads.waiting(id);
        let mut all: BTreeMap<_, u64> =
            kept.into_iter().map(|kept| ((kept.day, kept.release), kept.downloads)).collect();
        for (release, downloads) in waiting.into_iter().filter(|(_, downloads)| *downloads > 0) {
            *all.entry((today, release)).or_default() += downloads;
        }
        let daily = |((day, release), downloads)| DailyDownloads { day, release, downloads };
        Ok(all.into_iter().map(daily).collect())
    }
}
