//! What downloads need again and again: blobs that are open, and recipes that were read.

use std::{
    num::NonZero,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use amps_splice::Recipe;
use lru::LruCache;

use crate::{
    blob::Blob,
    counts::CacheCounter,
    model::{BlobId, Sequence},
};

/// Blobs that stay open: as many file descriptors, and the disk space of those that were removed otherwise than by the store.
const OPEN_BLOBS: NonZero<usize> = match NonZero::new(128) {
    Some(blobs) => blobs,
    None => NonZero::<usize>::MIN,
};
/// Recipes that are kept: some 1 KiB each, 64 KiB at most.
const RECIPES: NonZero<usize> = match NonZero::new(512) {
    Some(recipes) => recipes,
    None => NonZero::<usize>::MIN,
};

/// Recipes that are made at the same time at most.
const MAKING: usize = 16;

/// Both, bounded; those that were not asked for the longest go first.
pub(super) struct AtHand {
    blobs: Mutex<LruCache<BlobId, Arc<dyn Blob>>>,
    recipes: Mutex<LruCache<Sequence, Arc<Recipe>>>,
    /// The one of a release is held while its recipe is made.
    making: [Mutex<()>; MAKING],
    pub(super) blob_counts: CacheCounter,
    pub(super) recipe_counts: CacheCounter,
}

impl AtHand {
    pub(super) fn new() -> Self {
        Self {
            blobs: Mutex::new(LruCache::new(OPEN_BLOBS)),
            recipes: Mutex::new(LruCache::new(RECIPES)),
            making: Default::default(),
            blob_counts: CacheCounter::default(),
            recipe_counts: CacheCounter::default(),
        }
    }

    /// A blob that is open already.
    pub(super) fn blob(&self, id: &BlobId) -> Option<Arc<dyn Blob>> {
        // A miss counts where it is opened: who must not wait for that asks twice.
        lock(&self.blobs).get(id).map(Arc::clone).inspect(|_| self.blob_counts.hits.one_more())
    }

    /// Keeps a blob open.
    pub(super) fn keep_blob(&self, id: BlobId, blob: &Arc<dyn Blob>) {
        self.blob_counts.misses.one_more();
        lock(&self.blobs).put(id, Arc::clone(blob));
    }

    /// Closes a blob that is no more, or no more what it was, when the last of its readers is done.
    pub(super) fn forget_blob(&self, id: &BlobId) {
        lock(&self.blobs).pop(id);
    }

    /// A recipe that was read already. It depends on nothing but the bytes of its release, so it is good for ever.
    pub(super) fn recipe(&self, release: Sequence) -> Option<Arc<Recipe>> {
        lock(&self.recipes).get(&release).map(Arc::clone).inspect(|_| self.recipe_counts.hits.one_more())
    }

    /// The same, or one that is made now. If many ask for it at the same time, one makes it and the others wait: it may cost as
    /// much as reading the whole package.
    pub(super) fn recipe_or<E>(
        &self,
        release: Sequence,
        make: impl FnOnce() -> Result<Recipe, E>,
    ) -> Result<Arc<Recipe>, E> {
        if let Some(recipe) = self.recipe(release) {
            return Ok(recipe);
        }
        let place = release.0 % MAKING as u64;
        let _making = usize::try_from(place).ok().and_then(|place| self.making.get(place)).map(lock);
        if let Some(recipe) = self.recipe(release) {
            return Ok(recipe);
        }
        self.recipe_counts.misses.one_more();
        let recipe = Arc::new(make()?);
        lock(&self.recipes).put(release, Arc::clone(&recipe));
        Ok(recipe)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic cannot leave a cache half-changed in a way that matters.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::{convert::Infallible, sync::mpsc::channel, thread};

    use super::*;

    #[test]
    fn a_recipe_is_made_by_one_while_the_others_wait() {
        let (at_hand, release) = (AtHand::new(), Sequence(17));
        let recipe = |keep_bytes| Recipe { keep_bytes, glue: Vec::new(), rem: Vec::new() };
        let (asks, asked) = channel();
        thread::scope(|scope| {
            let first = at_hand.recipe_or(release, || {
                for other in 2..10 {
                    let (at_hand, asks) = (&at_hand, asks.clone());
                    scope.spawn(move || {
                        asks.send(()).unwrap();
                        let found =
                            at_hand.recipe_or(release, || Ok::<_, Infallible>(recipe(other))).unwrap();
                        assert_eq!(found.keep_bytes, 1);
                    });
                }
                (2..10).for_each(|_| asked.recv().unwrap());
                Ok::<_, Infallible>(recipe(1))
            });
            assert_eq!(first.unwrap().keep_bytes, 1);
        });
    }

    #[test]
    fn what_could_not_be_made_is_tried_again() {
        let at_hand = AtHand::new();
        assert_eq!(at_hand.recipe_or(Sequence(1), || Err("disk")).unwrap_err(), "disk");
        let recipe = Recipe { keep_bytes: 1, glue: Vec::new(), rem: Vec::new() };
        assert_eq!(*at_hand.recipe_or(Sequence(1), || Ok::<_, Infallible>(recipe.clone())).unwrap(), recipe);
    }
}
