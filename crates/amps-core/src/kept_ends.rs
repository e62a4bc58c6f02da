//! Signed ends of packages that are kept, so that a device which resumes a download sees the same bytes.

use std::{
    num::NonZero,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use lru::LruCache;

use crate::model::BlobId;

/// Ends that are kept at most: a typical one has some 5 kB.
const ENDS: NonZero<usize> = match NonZero::new(4096) {
    Some(ends) => ends,
    None => NonZero::<usize>::MIN,
};
/// Bytes that all of them have at most: those of packages that were stored without compression have up to 64 KiB each. The
/// newest one is always kept.
const BYTES: usize = 32 * 1024 * 1024;

/// For which package and device an end is: what is signed differs from device to device, and does not tell which it is.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) package: BlobId,
    pub(crate) signed: [u8; 32],
}

/// The last ends that were made or asked for.
pub(crate) struct KeptEnds(Mutex<Ends>);

struct Ends {
    ends: LruCache<Key, Arc<[u8]>>,
    bytes: usize,
}

impl KeptEnds {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Ends { ends: LruCache::new(ENDS), bytes: 0 }))
    }

    pub(crate) fn find(&self, key: &Key) -> Option<Arc<[u8]>> {
        self.lock().ends.get(key).map(Arc::clone)
    }

    /// Keeps an end and gives it back, or the one that somebody else has kept meanwhile: whoever was first counts, so that both
    /// see the same bytes.
    pub(crate) fn keep(&self, key: Key, end: Vec<u8>) -> Arc<[u8]> {
        let mut kept = self.lock();
        if let Some(first) = kept.ends.get(&key) {
            return Arc::clone(first);
        }
        let end: Arc<[u8]> = end.into();
        kept.bytes += end.len();
        if let Some((_, old)) = kept.ends.push(key, Arc::clone(&end)) {
            kept.bytes -= old.len();
        }
        while kept.bytes > BYTES && kept.ends.len() > 1 {
            let Some((_, old)) = kept.ends.pop_lru() else { break };
            kept.bytes -= old.len();
        }
        end
    }

    fn lock(&self) -> MutexGuard<'_, Ends> {
        // A panic cannot leave it half-changed in a way that matters.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use ampkg::Digest;

    use super::*;

    fn key(number: usize) -> Key {
        let mut signed = [0; 32];
        signed[..8].copy_from_slice(&number.to_le_bytes());
        Key { package: BlobId(Digest([0; 32])), signed }
    }

    fn kept(ends: &KeptEnds, numbers: impl IntoIterator<Item = usize>) -> usize {
        numbers.into_iter().filter(|number| ends.find(&key(*number)).is_some()).count()
    }

    #[test]
    fn who_was_first_counts() {
        let ends = KeptEnds::new();
        assert_eq!(*ends.keep(key(1), vec![1]), [1]);
        assert_eq!(*ends.keep(key(1), vec![2]), [1]);
        assert_eq!(ends.find(&key(1)).as_deref(), Some(&[1][..]));
        assert!(ends.find(&key(2)).is_none());
    }

    #[test]
    fn neither_the_number_nor_the_bytes_grow_without_end() {
        let ends = KeptEnds::new();
        for number in 0..=ENDS.get() {
            ends.keep(key(number), vec![0; 10]);
        }
        assert_eq!(kept(&ends, 0..=ENDS.get()), ENDS.get());
        assert_eq!(ends.lock().bytes, ENDS.get() * 10);
        for number in 0..4 {
            ends.keep(key(10_000 + number), vec![0; BYTES / 2]);
        }
        assert_eq!(kept(&ends, 10_000..10_004), 2);
        assert_eq!(kept(&ends, 0..=ENDS.get()), 0);
        ends.keep(key(20_000), vec![0; BYTES + 1]);
        assert_eq!((kept(&ends, [20_000]), ends.lock().bytes), (1, BYTES + 1));
    }
}
