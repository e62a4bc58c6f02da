//! What downloads need again and again: blobs that are open, and recipes that were read.

use std::{
    num::NonZero,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use amps_splice::Recipe;
use lru::LruCache;

use crate::{
    blob::Blob,
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

/// Both, bounded; those that were not asked for the longest go first.
pub(super) struct AtHand {
    blobs: Mutex<LruCache<BlobId, Arc<dyn Blob>>>,
    recipes: Mutex<LruCache<Sequence, Arc<Recipe>>>,
}

impl AtHand {
    pub(super) fn new() -> Self {
        Self { blobs: Mutex::new(LruCache::new(OPEN_BLOBS)), recipes: Mutex::new(LruCache::new(RECIPES)) }
    }

    /// A blob that is open already.
    pub(super) fn blob(&self, id: &BlobId) -> Option<Arc<dyn Blob>> {
        lock(&self.blobs).get(id).map(Arc::clone)
    }

    /// Keeps a blob open.
    pub(super) fn keep_blob(&self, id: BlobId, blob: &Arc<dyn Blob>) {
        lock(&self.blobs).put(id, Arc::clone(blob));
    }

    /// Closes a blob that is no more, or no more what it was, when the last of its readers is done.
    pub(super) fn forget_blob(&self, id: &BlobId) {
        lock(&self.blobs).pop(id);
    }

    /// A recipe that was read already. It depends on nothing but the bytes of its release, so it is good for ever.
    pub(super) fn recipe(&self, release: Sequence) -> Option<Arc<Recipe>> {
        lock(&self.recipes).get(&release).map(Arc::clone)
    }

    /// Keeps a recipe.
    pub(super) fn keep_recipe(&self, release: Sequence, recipe: Recipe) -> Arc<Recipe> {
        let recipe = Arc::new(recipe);
        lock(&self.recipes).put(release, Arc::clone(&recipe));
        recipe
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic cannot leave a cache half-changed in a way that matters.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
