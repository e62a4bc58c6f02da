//! `/releases/{sequence}/contents` and `/manifest`: what is in a package.

use std::sync::{Arc, Mutex, PoisonError};

use ampkg::EntryKind;
use amps_core::{BlobId, PackageContents, Release, Sequence};
use axum::{
    body::Bytes,
    extract::State,
    http::{
        HeaderValue,
        header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, X_CONTENT_TYPE_OPTIONS},
    },
    response::Response,
};
use lru::LruCache;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use tokio::{sync::Semaphore, time::timeout};
use utoipa::ToSchema;

use super::{
    Context, Failure,
    extract::{Named, NoQuery, Query},
    number::Number,
    operations::Operations,
    paging::{Page, Paging},
    problem::work,
    releases::{find, gone},
    representation::answer,
    responses::{NoSuchRange, NotFound},
};
use crate::{
    access::{Permit, ToRead},
    busy::too_many,
    content::{Asked, Content, Encoding},
};

/// What was read and is kept, together.
const KEPT_BYTES: usize = 16 << 20;
/// Packages that are read at the same time: each takes a core for as long as unpacking it takes.
const READING: usize = 2;

/// An entry of a package.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ContentsEntry {
    /// Its name.
    path: String,
    /// What it is; nothing else can stand in a package.
    #[serde(rename = "type")]
    kind: ContentsKind,
    /// Bytes of a file; 0 for a directory.
    size_bytes: u64,
    /// Whether its owner may run it: all that counts of its mode.
    executable: bool,
}

/// What an entry of a package is.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
enum ContentsKind {
    File,
    Directory,
}

pub(super) fn operations(operations: Operations) -> Operations {
    let download = operations.rates().for_download(false);
    operations.add_for(download, __path_list, list, |methods| methods).add_for(
        download,
        __path_manifest,
        manifest,
        |methods| methods,
    )
}

/// List what is in the package of a release
///
/// In the order of the archive. The first time, the package is read for that, which may take some seconds.
#[utoipa::path(
    get, path = "/releases/{sequence}/contents", tag = "releases",
    params(("sequence" = u64, Path, description = "The release's number."), Paging),
    responses((status = 200, description = "A page of entries.", body = Page<ContentsEntry>), NotFound),
)]
async fn list(
    permit: Permit<ToRead>,
    Named(Number(sequence)): Named<Number>,
    Query(paging): Query<Paging>,
    State(context): State<Context>,
    asked: Asked,
) -> Result<Response, Failure> {
    let contents = contents(&context, permit, sequence).await?;
    answer(&context, asked, move || {
        Ok(paging.page(
            (0_u64..).zip(&contents.entries),
            |(place, _), after| after.parse().is_ok_and(|after: u64| *place > after),
            |(place, _)| place.to_string(),
            |(_, entry)| ContentsEntry {
                path: entry.path.as_written().to_owned(),
                kind: match entry.kind {
                    EntryKind::File => ContentsKind::File,
                    EntryKind::Directory => ContentsKind::Directory,
                },
                size_bytes: entry.size_bytes,
                executable: entry.executable,
            },
        ))
    })
    .await
}

/// Download the manifest of a release
///
/// Byte for byte as it stands in the package.
#[utoipa::path(
    get, path = "/releases/{sequence}/manifest", tag = "releases",
    params(("sequence" = u64, Path, description = "The release's number.")),
    responses(
        (status = 200, description = "The manifest.", content_type = "application/yaml"),
        (status = 206, description = "The bytes that were asked for.", content((String = "application/yaml"), (String = "multipart/byteranges"))),
        NotFound, NoSuchRange,
    ),
)]
async fn manifest(
    permit: Permit<ToRead>,
    Named(Number(sequence)): Named<Number>,
    _: NoQuery,
    State(context): State<Context>,
    asked: Asked,
) -> Result<Response, Failure> {
    let contents = contents(&context, permit, sequence).await?;
    let manifest = Content {
        stored: None,
        tag: ampkg::Digest(Sha256::digest(&contents.manifest).into()).to_string(),
        end: Bytes::copy_from_slice(&contents.manifest),
        modified: None,
        media_type: "application/yaml".into(),
        file_name: None,
        encoding: Encoding::Fixed,
        counter: None,
    };
    let mut answer = manifest.answer(&asked, &context.buffers);
    // It is a stranger's text: a browser is to show it, and not to find anything else in it.
    for (name, value) in [
        (CONTENT_DISPOSITION, "inline"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
    ] {
        answer.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    Ok(answer)
}

/// What is in the package of a release, if it is for this caller.
async fn contents(
    context: &Context,
    permit: Permit<ToRead>,
    sequence: Sequence,
) -> Result<Arc<PackageContents>, Failure> {
    let shared = context.clone();
    let release = work(move || find(&shared, &permit, sequence)).await?;
    let kept = &context.contents;
    if let Some(found) = kept.find(&release) {
        return Ok(found);
    }
    let waiting = timeout(context.settings.limits.upload_wait, Arc::clone(&kept.reading).acquire_owned());
    let Ok(Ok(reading)) = waiting.await else { return Err(too_many("packages being read").into()) };
    // Whoever was before may have read the same.
    if let Some(found) = kept.find(&release) {
        return Ok(found);
    }
    let shared = context.clone();
    work(move || {
        let read = shared.store.contents(&release).map_err(|error| gone(&shared, sequence, error));
        let read = read.map(|contents| shared.contents.keep(&release, contents));
        drop(reading);
        read
    })
    .await
}

/// What was read of packages: those that were asked for last, by their bytes.
pub(super) struct KeptContents {
    kept: Mutex<Kept>,
    reading: Arc<Semaphore>,
}

struct Kept {
    contents: LruCache<BlobId, Arc<PackageContents>>,
    bytes: usize,
}

impl Default for KeptContents {
    fn default() -> Self {
        let kept = Kept { contents: LruCache::unbounded(), bytes: 0 };
        Self { kept: Mutex::new(kept), reading: Arc::new(Semaphore::new(READING)) }
    }
}

impl KeptContents {
    fn find(&self, release: &Release) -> Option<Arc<PackageContents>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.contents.get(&release.facts.package.id).map(Arc::clone)
    }

    fn keep(&self, release: &Release, contents: PackageContents) -> Arc<PackageContents> {
        let contents = Arc::new(contents);
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).put(release.facts.package.id, &contents);
        contents
    }
}

impl Kept {
    /// What was not asked for the longest makes room.
    fn put(&mut self, id: BlobId, contents: &Arc<PackageContents>) {
        if contents.memory_bytes() > KEPT_BYTES {
            return;
        }
        self.bytes += contents.memory_bytes();
        if let Some(before) = self.contents.put(id, Arc::clone(contents)) {
            self.bytes -= before.memory_bytes();
        }
        while self.bytes > KEPT_BYTES
            && let Some((_, oldest)) = self.contents.pop_lru()
        {
            self.bytes -= oldest.memory_bytes();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_bounded() {
        let mut kept = Kept { contents: LruCache::unbounded(), bytes: 0 };
        let contents =
            |bytes: usize| Arc::new(PackageContents { entries: Vec::new(), manifest: vec![0; bytes] });
        let id = |number: u8| BlobId(ampkg::Digest([number; 32]));
        for number in 0..100 {
            kept.put(id(number), &contents(1 << 20));
            kept.put(id(number), &contents(1 << 20));
            assert!(kept.bytes <= KEPT_BYTES);
        }
        assert_eq!(kept.contents.len(), 15);
        assert!(kept.contents.contains(&id(99)) && !kept.contents.contains(&id(0)));
        kept.put(id(100), &contents(KEPT_BYTES));
        assert!(!kept.contents.contains(&id(100)), "it would be all");
        let bytes: usize = kept.contents.iter().map(|(_, contents)| contents.memory_bytes()).sum();
        assert_eq!(kept.bytes, bytes);
    }
}
