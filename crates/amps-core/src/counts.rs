//! Counting what is done often, at next to no cost.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// A number that only grows. Adding costs no lock, and orders nothing.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// None yet.
    pub const fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    /// One more.
    pub fn one_more(&self) {
        self.add(1);
    }

    /// So many more.
    pub fn add(&self, more: u64) {
        self.0.fetch_add(more, Relaxed);
    }

    /// How many there are.
    pub fn value(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

/// How often a cache had what was wanted, and how often it had to be made or read.
#[derive(Debug, Default)]
pub struct CacheCounter {
    /// It was there.
    pub hits: Counter,
    /// It had to be made or read.
    pub misses: Counter,
}

impl CacheCounter {
    /// How often so far.
    pub fn counts(&self) -> CacheCounts {
        CacheCounts { hits: self.hits.value(), misses: self.misses.value() }
    }
}

/// What a [`CacheCounter`] says at a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheCounts {
    /// It was there.
    pub hits: u64,
    /// It had to be made or read.
    pub misses: u64,
}

/// How often a store had at hand what its downloads need.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoreCounts {
    /// Blobs that were open already.
    pub open_blobs: CacheCounts,
    /// How packages are signed without packing them again.
    pub recipes: CacheCounts,
    /// Signatures: each miss is one that was made, or that failed.
    pub signatures: CacheCounts,
}
