//! What downloads need again and again: blobs that are open, and recipes that were read.

use std::{
    collections::HashMap,
    num::NonZero,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
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
    /// All blobs that were opened and may be open still, also those that are not kept.
    opened: Mutex<Opened>,
}

/// Who reads which blobs.
#[derive(Default)]
struct Opened {
    blobs: HashMap<BlobId, Vec<Weak<dyn Blob>>>,
    /// When so many have been opened since, those that are closed are forgotten.
    until_tidy: usize,
}

/// How many blobs may be opened at least before the closed ones are forgotten.
const TIDY_AFTER: usize = 256;

impl AtHand {
    pub(super) fn new() -> Self {
        Self {
            blobs: Mutex::new(LruCache::new(OPEN_BLOBS)),
            recipes: Mutex::new(LruCache::new(RECIPES)),
            making: Default::default(),
            blob_counts: CacheCounter::default(),
            recipe_counts: CacheCounter::default(),
            opened: Mutex::default(),
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

    /// Notes that somebody has opened a blob.
    pub(super) fn note_opened(&self, id: BlobId, blob: &Arc<dyn Blob>) {
        let mut opened = lock(&self.opened);
        if opened.until_tidy == 0 {
            opened.blobs.retain(|_, blobs| {
                blobs.retain(|blob| blob.strong_count() > 0);
                !blobs.is_empty()
            });
            // So that each costs the same, however many are open.
            opened.until_tidy = opened.blobs.len().max(TIDY_AFTER);
        }
        opened.until_tidy -= 1;
        opened.blobs.entry(id).or_default().push(Arc::downgrade(blob));
    }

    /// Whether somebody has a blob open, besides those that are kept open here.
    pub(super) fn is_read(&self, id: &BlobId) -> bool {
        let opened = lock(&self.opened);
        let open: usize = opened.blobs.get(id).into_iter().flatten().map(Weak::strong_count).sum();
        open > usize::from(lock(&self.blobs).peek(id).is_some())
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

    struct Empty;

    impl Blob for Empty {
        fn size_bytes(&self) -> u64 {
            0
        }
        fn read_at(&self, _: u64, _: &mut [u8]) -> std::io::Result<usize> {
            Ok(0)
        }
    }

    fn id(number: u64) -> BlobId {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&number.to_le_bytes());
        BlobId(ampkg::Digest(bytes))
    }

    #[test]
    fn a_blob_is_read_as_long_as_somebody_has_it() {
        let at_hand = AtHand::new();
        let open = |number| {
            let blob: Arc<dyn Blob> = Arc::new(Empty);
            at_hand.note_opened(id(number), &blob);
            blob
        };
        assert!(!at_hand.is_read(&id(0)));
        let (first, second) = (open(0), open(0));
        assert!(at_hand.is_read(&id(0)) && !at_hand.is_read(&id(1)));
        drop(second);
        // Kept open for whoever comes next, which is nobody yet.
        at_hand.keep_blob(id(0), &first);
        assert!(at_hand.is_read(&id(0)));
        drop(first);
        assert!(!at_hand.is_read(&id(0)));
        let again = at_hand.blob(&id(0)).unwrap();
        assert!(at_hand.is_read(&id(0)));
        // Others take its place among those that are kept; its reader still has it.
        for number in 1..10_000 {
            at_hand.keep_blob(id(number), &open(number));
        }
        assert!(at_hand.blob(&id(0)).is_none() && at_hand.is_read(&id(0)));
        assert!(lock(&at_hand.opened).blobs.len() <= 2 * TIDY_AFTER);
        drop(again);
        assert!(!at_hand.is_read(&id(0)));
    }

    #[test]
    fn what_could_not_be_made_is_tried_again() {
        let at_hand = AtHand::new();
        assert_eq!(at_hand.recipe_or(Sequence(1), || Err("disk")).unwrap_err(), "disk");
        let recipe = Recipe { keep_bytes: 1, glue: Vec::new(), rem: Vec::new() };
        assert_eq!(*at_hand.recipe_or(Sequence(1), || Ok::<_, Infallible>(recipe.clone())).unwrap(), recipe);
    }
}
