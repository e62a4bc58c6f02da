//! Lists as they are sent, kept for whoever asks for the same.

use std::{
    num::NonZero,
    sync::{Arc, MutexGuard, PoisonError},
};

use amps_core::{CacheCounter, DeviceView};
use lru::LruCache;
use tokio::sync::Mutex;

use super::{Context, offer::Offer};
use crate::{
    answer::{Problem, blocking},
    prepared::Prepared,
};

/// Lists that are kept, at most.
const KEPT_LISTS: NonZero<usize> = match NonZero::new(4096) {
    Some(lists) => lists,
    None => NonZero::<usize>::MIN,
};
/// Bytes that they have together at most, compressed forms not counted: those are a tenth or less. One is always kept.
const KEPT_BYTES: usize = 64 * 1024 * 1024;
/// What a list costs besides its text, roughly.
const ENTRY_BYTES: usize = 2048;

/// What a list is about; each differs from the others.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Subject {
    /// What is known of the device.
    pub(super) view: DeviceView,
    /// Which packages.
    pub(super) category: Wanted,
    /// Only the packages whose name contains this, in lower case.
    pub(super) filter: Option<String>,
    /// What URLs begin with.
    pub(super) base_url: String,
}

/// Packages of which categories.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Wanted {
    /// Of all.
    All,
    /// Of the one with this number.
    One(i64),
    /// Of one that cannot be: what should be its number is none.
    Impossible,
}

/// The lists that were asked for last.
pub(super) struct Lists {
    kept: std::sync::Mutex<Kept>,
    /// Held while one is made: a thousand clients that see a change at the same time ask for one list, not for a thousand.
    making: Mutex<()>,
    counts: Arc<CacheCounter>,
}

struct Kept {
    /// The catalog's generation that all of them are of.
    generation: Option<u64>,
    lists: LruCache<Subject, Arc<Prepared>>,
    bytes: usize,
}

impl Lists {
    pub(super) fn counted_by(counts: Arc<CacheCounter>) -> Self {
        let kept = Kept { generation: None, lists: LruCache::new(KEPT_LISTS), bytes: 0 };
        Self { kept: std::sync::Mutex::new(kept), making: Mutex::default(), counts }
    }

    /// The list about a subject, as it is now.
    pub(super) async fn about(
        &self,
        context: &Context,
        subject: Subject,
        make: fn(&Offer, &Subject) -> Result<Vec<u8>, Problem>,
    ) -> Result<Arc<Prepared>, Problem> {
        if let Some(list) = self.find(&subject, context.store.listing()?.generation()) {
            self.counts.hits.one_more();
            return Ok(list);
        }
        let _making = self.making.lock().await;
        let offer = context.offers.now(&context.store, &context.accounts).await?;
        let generation = offer.listing.generation();
        if let Some(list) = self.find(&subject, generation) {
            self.counts.hits.one_more();
            return Ok(list);
        }
        self.counts.misses.one_more();
        let (subject, list) = blocking(move || {
            let list = Arc::new(Prepared::new(make(&offer, &subject)?));
            Ok((subject, list))
        })
        .await?;
        self.keep(generation, subject, &list);
        Ok(list)
    }

    fn find(&self, subject: &Subject, generation: u64) -> Option<Arc<Prepared>> {
        let mut kept = self.kept();
        if kept.generation != Some(generation) {
            return None;
        }
        kept.lists.get(subject).map(Arc::clone)
    }

    fn keep(&self, generation: u64, subject: Subject, list: &Arc<Prepared>) {
        let mut kept = self.kept();
        if kept.generation != Some(generation) {
            *kept = Kept { generation: Some(generation), lists: LruCache::new(KEPT_LISTS), bytes: 0 };
        }
        kept.bytes += cost(list);
        if let Some((_, old)) = kept.lists.push(subject, Arc::clone(list)) {
            kept.bytes = kept.bytes.saturating_sub(cost(&old));
        }
        while kept.bytes > KEPT_BYTES && kept.lists.len() > 1 {
            let Some((_, old)) = kept.lists.pop_lru() else { break };
            kept.bytes = kept.bytes.saturating_sub(cost(&old));
        }
    }

    /// A panic leaves at worst a wrong sum.
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn cost(list: &Prepared) -> usize {
    list.size_bytes() + ENTRY_BYTES
}
