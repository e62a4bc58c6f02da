//! What a token may bring in a day.

use std::fmt;

use crate::clock::Timestamp;

/// The largest quota, inclusive: what JSON readers with floating-point numbers still tell from its neighbours.
pub const MAX_QUOTA: u64 = (1 << 53) - 1;

const DAY_SECONDS: i64 = 24 * 60 * 60;

/// What a token may bring in a day, which begins at midnight UTC. From 1 to [`MAX_QUOTA`] each; none: as much as its owner likes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quotas {
    /// How many uploads it may begin, whatever becomes of them.
    pub uploads_per_day: Option<u64>,
    /// How many bytes these may announce together.
    pub bytes_per_day: Option<u64>,
}

/// What was begun with a token since midnight. Counted only for tokens that have a quota.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Uploads.
    pub uploads: u64,
    /// Bytes that these have announced.
    pub bytes: u64,
}

/// A quota leaves no room for an upload.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the token has {found} {what} today with this upload: expected at most {limit}")]
pub struct QuotaUsedUp {
    /// What it counts.
    pub what: Counted,
    /// What it would be with the upload.
    pub found: u64,
    /// The quota, inclusive.
    pub limit: u64,
}

/// What a quota counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Uploads.
    Uploads,
    /// Bytes that they announce.
    Bytes,
}

impl Quotas {
    /// Whether nothing has to be counted.
    pub fn are_none(&self) -> bool {
        *self == Self::default()
    }

    /// What is used with one more upload of so many bytes.
    pub fn with_upload(&self, used: Usage, bytes: u64) -> Result<Usage, QuotaUsedUp> {
        let usage =
            Usage { uploads: used.uploads.saturating_add(1), bytes: used.bytes.saturating_add(bytes) };
        let check = |what, found, limit: Option<u64>| match limit {
            Some(limit) if found > limit => Err(QuotaUsedUp { what, found, limit }),
            _ => Ok(()),
        };
        check(Counted::Uploads, usage.uploads, self.uploads_per_day)?;
        check(Counted::Bytes, usage.bytes, self.bytes_per_day)?;
        Ok(usage)
    }
}

impl Usage {
    /// The day that a moment belongs to, counted from 1 January 1970 in UTC.
    pub fn day(now: Timestamp) -> i64 {
        now.0.div_euclid(DAY_SECONDS)
    }

    /// Seconds until the next day begins; at least one.
    pub fn seconds_left(now: Timestamp) -> u64 {
        (DAY_SECONDS - now.0.rem_euclid(DAY_SECONDS)).unsigned_abs()
    }
}

impl fmt::Display for Counted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Uploads => "uploads",
            Self::Bytes => "bytes",
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn quotas_are_inclusive() {
        let quotas = Quotas { uploads_per_day: Some(2), bytes_per_day: Some(10) };
        let used = Usage { uploads: 1, bytes: 4 };
        assert_eq!(quotas.with_upload(used, 6).unwrap(), Usage { uploads: 2, bytes: 10 });
        let error = quotas.with_upload(used, 7).unwrap_err();
        assert_eq!(error.to_string(), "the token has 11 bytes today with this upload: expected at most 10");
        let error = quotas.with_upload(Usage { uploads: 2, bytes: 0 }, 0).unwrap_err();
        assert_eq!(error.to_string(), "the token has 3 uploads today with this upload: expected at most 2");
        let error = quotas.with_upload(used, u64::MAX).unwrap_err();
        assert_eq!((error.what, error.found), (Counted::Bytes, u64::MAX));
    }

    #[test]
    fn a_day_begins_at_midnight() {
        for (now, day, left) in [(0, 0, 86_400), (86_399, 0, 1), (86_400, 1, 86_400), (-1, -1, 1)] {
            assert_eq!(Usage::day(Timestamp(now)), day, "{now}");
            assert_eq!(Usage::seconds_left(Timestamp(now)), left, "{now}");
        }
    }
}
