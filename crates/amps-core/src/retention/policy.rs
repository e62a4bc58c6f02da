//! What is kept, as somebody has decided it.

use std::{fmt, num::NonZero, time::Duration};

use crate::store::ReleasesKept;

/// What is kept. The default is everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RetentionPolicy {
    /// How many releases stay of each id, architecture and set of tags: those with the newest versions.
    pub versions: Option<NonZero<u32>>,
    /// How old a release may become since its upload, inclusive.
    pub age: Option<Duration>,
    /// How many bytes the packages and icons of all releases may have together, inclusive.
    pub total_bytes: Option<u64>,
    /// Whether age and size may also take the releases that devices are shown.
    pub survivor: Survivor,
}

/// What becomes of the newest release of an id, architecture and set of tags, and of the one that a package server shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Survivor {
    /// It stays, whatever its age and size: no device sees a difference.
    #[default]
    Newest,
    /// It goes like others: packages that nobody brings again end.
    None,
}

/// By which rule a release goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Because {
    /// There are enough newer versions.
    Versions,
    /// It is too old.
    Age,
    /// All together are too large, and it is the oldest that may go.
    TotalBytes,
}

impl Because {
    /// The rule as a stable word for machines.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Versions => "versions",
            Self::Age => "age",
            Self::TotalBytes => "size",
        }
    }
}

impl fmt::Display for Because {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Versions => "there are newer versions",
            Self::Age => "it is too old",
            Self::TotalBytes => "all packages together are too large",
        })
    }
}

impl RetentionPolicy {
    /// Whether it keeps everything.
    pub fn is_everything(&self) -> bool {
        self.versions.is_none() && self.age.is_none() && self.total_bytes.is_none()
    }

    /// The rules that do nothing in a store that keeps so many releases beside each other: a store that keeps one has no older
    /// version to remove, and age and size can only take what is shown.
    pub fn without_effect(&self, keep: ReleasesKept) -> Vec<Because> {
        if keep == ReleasesKept::All {
            return Vec::new();
        }
        let is_shown_kept = self.survivor == Survivor::Newest;
        [
            self.versions.map(|_| Because::Versions),
            self.age.filter(|_| is_shown_kept).map(|_| Because::Age),
            self.total_bytes.filter(|_| is_shown_kept).map(|_| Because::TotalBytes),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}
