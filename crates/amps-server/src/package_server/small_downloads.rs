//! Small packages in memory, as they are answered.

use std::{
    num::NonZero,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use amps_core::{CacheCounter, DownloadCounter, SignedPackage, accounts::Role};
use axum::{
    body::Bytes,
    http::{
        HeaderMap, HeaderName, Method, Response, Uri,
        header::{IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, RANGE},
    },
};
use lru::LruCache;
use sha2::{Digest as _, Sha256};

use super::{Context, Parameters, package_download};
use crate::{
    access::Needs,
    client_device::ClientDevice,
    content::{Asked, Content},
    site::Shortcut,
};

/// The largest package that is kept: up to here, a request costs more than its bytes.
const MOST_BYTES: u64 = 64 * 1024;
/// Answers that are kept: 8 MiB of packages.
const KEPT: NonZero<usize> = match NonZero::new(128) {
    Some(kept) => kept,
    None => NonZero::<usize>::MIN,
};
/// The longest query by which one is kept.
const MOST_QUERY_BYTES: usize = 1024;

/// What a request must not have for the answer to depend on nothing but its query.
const CONDITIONS: [HeaderName; 6] =
    [IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, RANGE];

/// Answers to `GET /package/download` by query. They are those of the route, and hold until something in the store changes.
pub(super) struct SmallDownloads {
    context: Context,
    kept: Mutex<LruCache<String, Kept>>,
    counts: Arc<CacheCounter>,
}

struct Kept {
    /// The catalog's generation that it is of.
    generation: u64,
    answer: Response<Bytes>,
    counter: DownloadCounter,
}

impl SmallDownloads {
    pub(super) fn new(context: Context, counts: Arc<CacheCounter>) -> Self {
        Self { context, kept: Mutex::new(LruCache::new(KEPT)), counts }
    }

    /// The answer, which counts as one download, and what counts the next.
    fn make(&self, query: &str) -> Option<(Response<Bytes>, DownloadCounter)> {
        let parameters = Parameters::of_query(query);
        let device = ClientDevice::uncertified().or(parameters.value("hardware-id")).ok()?;
        let (id, view) = (parameters.package_id()?, parameters.view());
        let package = self.context.store.package_at_hand(&id, &view, device.as_deref())?;
        let bytes = whole(&package)?;
        let counter = package.counter.clone();
        let content = Content::of_package(package, package_download::MEDIA_TYPE);
        let answer = content.answer(&Asked::unconditionally(), &self.context.buffers).map(|_| bytes);
        Some((answer, counter))
    }

    fn kept(&self) -> MutexGuard<'_, LruCache<String, Kept>> {
        // A panic cannot leave it half-changed in a way that matters.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shortcut for SmallDownloads {
    fn answer(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Option<Response<Bytes>> {
        // Whoever asks a store that signs gets bytes of his own.
        if method != Method::GET || uri.path() != "/package/download" || self.context.store.is_signing() {
            return None;
        }
        if !self.context.access.waves_through(headers, Needs::Role(Role::Read)) {
            return None;
        }
        let query = uri.query().filter(|query| query.len() <= MOST_QUERY_BYTES)?;
        if headers.keys().any(|name| CONDITIONS.contains(name)) {
            return None;
        }
        let generation = self.context.store.listing().ok()?.generation();
        if let Some(kept) = self.kept().get(query)
            && kept.generation == generation
        {
            self.counts.hits.one_more();
            kept.counter.one_more();
            return Some(kept.answer.clone());
        }
        let (answer, counter) = self.make(query)?;
        // What cannot be kept is no miss.
        self.counts.misses.one_more();
        self.kept().put(query.to_owned(), Kept { generation, answer: answer.clone(), counter });
        Some(answer)
    }
}

/// All bytes of a package that is small, was not signed for a device, and is in the system's memory. Only what is whole is kept: a
/// file that was damaged in place may be mended by the next upload, and then nothing else tells.
fn whole(package: &SignedPackage) -> Option<Bytes> {
    let length = package.blob.size_bytes();
    if length > MOST_BYTES || !package.end.is_empty() {
        return None;
    }
    let mut bytes = vec![0; usize::try_from(length).ok()?];
    let mut filled = 0;
    while filled < bytes.len() {
        match package.blob.read_at_hand(filled as u64, bytes.get_mut(filled..)?).ok()?? {
            0 => return None,
            read => filled += read,
        }
    }
    let is_whole = Sha256::digest(&bytes)[..] == package.release.facts.package.id.0.0;
    is_whole.then(|| bytes.into())
}
