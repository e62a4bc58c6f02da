//! The seam to whatever keeps the trail.

use ampkg::PackageId;

use super::{
    Action, AuditBounds, AuditEntry, AuditOutcome, AuditPoint, Break, DeviceMarks, NewAuditEntry,
    Verification,
};
use crate::{catalog::CatalogError, clock::Timestamp};

/// Entries on a page, inclusive.
pub const MAX_AUDIT_PAGE: usize = 1000;

/// Entries that are never removed by age: a clock that is wrong for a moment must not cost the whole trail. Also the least number that a
/// retention can have.
pub const LEAST_AUDIT_ENTRIES: u64 = 1000;

/// Where a page begins, and which way it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// Behind the entry of this number, the oldest first. 0: from the beginning.
    After(u64),
    /// Before the entry of this number, the newest first. `u64::MAX`: from the end.
    Before(u64),
}

/// Which entries are wanted; what is not set does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Who: the name, without its kind.
    pub actor: Option<String>,
    /// What was done.
    pub action: Option<Action>,
    /// With which package.
    pub package: Option<PackageId>,
    /// Since when, inclusive.
    pub since: Option<Timestamp>,
    /// Until when, exclusive.
    pub until: Option<Timestamp>,
    /// What came of it.
    pub result: Option<AuditOutcome>,
}

/// Some entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditPage {
    /// The entries, in the order that was asked for.
    pub entries: Vec<AuditEntry>,
    /// Where the next page begins; none: there is none.
    pub next: Option<Position>,
}

/// How long entries are kept, and how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditRetention {
    days: u32,
    entries: u64,
}

/// A retention that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the setting `{field}` of `audit` is {}: expected a number from {least} to {most}", ampkg::quoted(.found))]
pub struct InvalidAuditRetention {
    /// `days` or `entries`.
    pub field: &'static str,
    /// What was given.
    pub found: String,
    /// The least that it can be.
    pub least: u64,
    /// The most.
    pub most: u64,
}

impl AuditRetention {
    /// Days that can be set, inclusive.
    pub const DAYS: std::ops::RangeInclusive<u64> = 1..=36_500;
    /// Entries that can be set, inclusive. 100,000 of them take about 50 MB.
    pub const ENTRIES: std::ops::RangeInclusive<u64> = LEAST_AUDIT_ENTRIES..=100_000_000;

    /// Entries are kept for so many days, and at most so many of them.
    pub fn new(days: u64, entries: u64) -> Result<Self, InvalidAuditRetention> {
        let check = |field, range: std::ops::RangeInclusive<u64>, found: u64| {
            if range.contains(&found) {
                return Ok(found);
            }
            let (least, most) = (*range.start(), *range.end());
            Err(InvalidAuditRetention { field, found: found.to_string(), least, most })
        };
        let days = check("days", Self::DAYS, days)?;
        let entries = check("entries", Self::ENTRIES, entries)?;
        Ok(Self { days: u32::try_from(days).unwrap_or(u32::MAX), entries })
    }

    /// For how many days.
    pub fn days(&self) -> u32 {
        self.days
    }

    /// How many at most.
    pub fn entries(&self) -> u64 {
        self.entries
    }

    /// Entries that were made before this are too old.
    pub fn oldest(&self, now: Timestamp) -> Timestamp {
        Timestamp(now.0.saturating_sub(i64::from(self.days) * 24 * 60 * 60))
    }
}

/// A year, and a million.
impl Default for AuditRetention {
    fn default() -> Self {
        Self { days: 365, entries: 1_000_000 }
    }
}

/// Keeps the trail. Nothing in it is ever changed, and nothing but the oldest entries removed.
pub trait AuditLog: Send + Sync {
    /// Enters something that has happened, in one transaction.
    fn append(&self, entries: &[NewAuditEntry]) -> Result<(), CatalogError>;

    /// Where the trail begins and ends.
    fn audit_bounds(&self) -> Result<AuditBounds, CatalogError>;

    /// Some of the entries: at most `limit` and [`MAX_AUDIT_PAGE`].
    fn audit_page(
        &self,
        position: Position,
        filter: &AuditFilter,
        limit: usize,
    ) -> Result<AuditPage, CatalogError>;

    /// Goes through all entries, as they are at one moment, and calls `each` with the point of every one that is good, beginning
    /// with what is before the first.
    fn verify_audit(
        &self,
        each: &mut dyn FnMut(&AuditPoint),
    ) -> Result<Result<Verification, Break>, CatalogError>;

    /// Removes the oldest entries that are too old or too many, some thousands of them at most; returns how many, 0 when there are
    /// none left. What was removed is itself an entry.
    fn prune_audit(&self, retention: &AuditRetention, now: Timestamp) -> Result<u64, CatalogError>;

    /// Makes what stands for devices in this trail.
    fn device_marks(&self) -> Result<DeviceMarks, CatalogError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limits_of_a_retention_are_inclusive() {
        assert!(AuditRetention::new(1, 1000).is_ok() && AuditRetention::new(36_500, 100_000_000).is_ok());
        for (days, entries) in [(0, 1000), (36_501, 1000), (1, 999), (1, 100_000_001)] {
            AuditRetention::new(days, entries).unwrap_err();
        }
        let message = AuditRetention::new(0, 1000).unwrap_err().to_string();
        assert_eq!(message, "the setting `days` of `audit` is `0`: expected a number from 1 to 36500");
    }
}
