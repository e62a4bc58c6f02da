//! A catalog and a blob store that fail at the call of one's choice.

use std::{
    collections::{HashSet, VecDeque},
    io::{self, Write},
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use amps_core::audit::NewAuditEntry;
use amps_core::{
    Blob, BlobError, BlobId, BlobStore, Catalog, CatalogError, Changes, CountedDownloads, DailyDownloads,
    Day, Documents, LinkState, PackageId, PackageServerToken, Publication, Recipe, Release, ReleaseDraft,
    Sequence, StagedBlob, StoredBlob,
};

/// Whether the call that fails has done its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// It does nothing, as on a full disk.
    Before,
    /// It does it, and the answer is lost.
    After,
}

/// Counts the calls to both, and lets one of them fail.
pub(crate) struct Faults {
    when: When,
    /// Calls until the one that fails; the last one leaves 0.
    left: AtomicUsize,
    /// Whether all of them fail.
    all: AtomicBool,
    failed: Mutex<Option<&'static str>>,
    /// Names of calls that fail, one after the other.
    named: Mutex<VecDeque<(&'static str, When)>>,
}

impl Faults {
    /// The call with this number fails, counted from 1.
    pub(crate) fn at(call: usize, when: When) -> Arc<Self> {
        Arc::new(Self {
            when,
            left: AtomicUsize::new(call),
            all: AtomicBool::new(false),
            failed: Mutex::new(None),
            named: Mutex::default(),
        })
    }

    /// How many calls there were, of one with which none fails: `usize::MAX`.
    pub(crate) fn calls(&self) -> usize {
        usize::MAX - self.left.load(Ordering::SeqCst)
    }

    /// Lets every call fail from now on, or none.
    pub(crate) fn fail_always(&self, all: bool) {
        self.all.store(all, Ordering::SeqCst);
    }

    /// Lets the next call of the first name fail, after it the next one of the second, and so on.
    pub(crate) fn fail_in_turn(&self, calls: &[(&'static str, When)]) {
        self.named.lock().unwrap().extend(calls);
    }

    /// How many of those have not failed yet.
    pub(crate) fn to_come(&self) -> usize {
        self.named.lock().unwrap().len()
    }

    /// The call that failed, if it came to that.
    pub(crate) fn failed(&self) -> Option<&'static str> {
        *self.failed.lock().unwrap()
    }

    fn call<T, E>(
        &self,
        name: &'static str,
        work: impl FnOnce() -> Result<T, E>,
        error: impl FnOnce() -> E,
    ) -> Result<T, E> {
        let is_the_one = self
            .left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1))
            .is_ok_and(|before| before == 1)
            || self.all.load(Ordering::SeqCst);
        let named = self.named.lock().unwrap().pop_front_if(|(call, _)| *call == name);
        if !is_the_one && named.is_none() {
            return work();
        }
        *self.failed.lock().unwrap() = Some(name);
        if named.map_or(self.when, |(_, when)| when) == When::After {
            drop(work());
        }
        Err(error())
    }
}

fn disk() -> io::Error {
    io::Error::new(io::ErrorKind::StorageFull, "no space is left")
}

pub(crate) struct FaultyCatalog {
    pub(crate) inner: Arc<dyn Catalog>,
    pub(crate) faults: Arc<Faults>,
}

impl FaultyCatalog {
    fn call<T>(
        &self,
        action: &'static str,
        work: impl FnOnce(&dyn Catalog) -> Result<T, CatalogError>,
    ) -> Result<T, CatalogError> {
        let error = || CatalogError::Backend { action, source: Box::new(disk()) };
        self.faults.call(action, || work(&*self.inner), error)
    }
}

impl Catalog for FaultyCatalog {
    fn generation(&self) -> Result<u64, CatalogError> {
        self.call("generation", |inner| inner.generation())
    }

    fn releases(&self) -> Result<Vec<Release>, CatalogError> {
        self.call("releases", |inner| inner.releases())
    }

    fn changes_since(&self, generation: u64) -> Result<Option<Changes>, CatalogError> {
        self.call("changes_since", |inner| inner.changes_since(generation))
    }

    fn add_downloads(&self, day: Day, counted: &[CountedDownloads], oldest: Day) -> Result<(), CatalogError> {
        self.call("add_downloads", |inner| inner.add_downloads(day, counted, oldest))
    }

    fn downloads_of(
        &self,
        id: &PackageId,
        first: Day,
        last: Day,
    ) -> Result<Vec<DailyDownloads>, CatalogError> {
        self.call("downloads_of", |inner| inner.downloads_of(id, first, last))
    }

    fn latest(
        &self,
        id: &PackageId,
        architecture: &PackageServerToken,
    ) -> Result<Option<Release>, CatalogError> {
        self.call("latest", |inner| inner.latest(id, architecture))
    }

    fn releases_of(
        &self,
        id: &PackageId,
        architecture: &PackageServerToken,
    ) -> Result<Vec<Release>, CatalogError> {
        self.call("releases_of", |inner| inner.releases_of(id, architecture))
    }

    fn documents(&self, release: Sequence) -> Result<Option<Documents>, CatalogError> {
        self.call("documents", |inner| inner.documents(release))
    }

    fn publish_audited(
        &self,
        draft: &ReleaseDraft,
        replaced: &[Sequence],
        audit: &[NewAuditEntry],
    ) -> Result<Publication, CatalogError> {
        self.call("publish", |inner| inner.publish_audited(draft, replaced, audit))
    }

    fn remove_audited(
        &self,
        releases: &[Sequence],
        audit: &[NewAuditEntry],
    ) -> Result<Vec<BlobId>, CatalogError> {
        self.call("remove", |inner| inner.remove_audited(releases, audit))
    }

    fn links(&self) -> Result<Vec<(Sequence, LinkState)>, CatalogError> {
        self.call("links", |inner| inner.links())
    }

    fn link(&self, release: Sequence) -> Result<Option<LinkState>, CatalogError> {
        self.call("link", |inner| inner.link(release))
    }

    fn set_link(&self, release: Sequence, link: LinkState) -> Result<(), CatalogError> {
        self.call("set_link", |inner| inner.set_link(release, link))
    }

    fn recipe(&self, release: Sequence) -> Result<Option<Recipe>, CatalogError> {
        self.call("recipe", |inner| inner.recipe(release))
    }

    fn set_recipe(&self, release: Sequence, recipe: &Recipe) -> Result<(), CatalogError> {
        self.call("set_recipe", |inner| inner.set_recipe(release, recipe))
    }

    fn blobs(&self) -> Result<HashSet<BlobId>, CatalogError> {
        self.call("blobs", |inner| inner.blobs())
    }
}

pub(crate) struct FaultyBlobs {
    pub(crate) inner: Arc<dyn BlobStore>,
    pub(crate) faults: Arc<Faults>,
}

fn blob_error() -> BlobError {
    BlobError::Io { action: "use", path: "a blob".into(), source: disk() }
}

impl BlobStore for FaultyBlobs {
    fn stage(&self) -> Result<Box<dyn StagedBlob>, BlobError> {
        let inner = self.faults.call("stage", || self.inner.stage(), blob_error)?;
        Ok(Box::new(FaultyStaged { inner, faults: Arc::clone(&self.faults) }))
    }

    fn open(&self, id: &BlobId) -> Result<Arc<dyn Blob>, BlobError> {
        self.faults.call("open", || self.inner.open(id), blob_error)
    }

    fn remove(&self, id: &BlobId) -> Result<(), BlobError> {
        self.faults.call("remove blob", || self.inner.remove(id), blob_error)
    }

    fn list(&self) -> Result<Vec<StoredBlob>, BlobError> {
        self.faults.call("list", || self.inner.list(), blob_error)
    }

    fn export(&self, id: &BlobId, file: &Path) -> Result<(), BlobError> {
        self.faults.call("export", || self.inner.export(id, file), blob_error)
    }
}

struct FaultyStaged {
    inner: Box<dyn StagedBlob>,
    faults: Arc<Faults>,
}

impl Write for FaultyStaged {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.faults.call("write", || self.inner.write(bytes), disk)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl StagedBlob for FaultyStaged {
    fn sync(&mut self) -> Result<(), BlobError> {
        self.faults.call("sync", || self.inner.sync(), blob_error)
    }

    fn open(&self) -> Result<Arc<dyn Blob>, BlobError> {
        self.faults.call("open staged", || self.inner.open(), blob_error)
    }

    fn commit(self: Box<Self>, id: &BlobId) -> Result<(), BlobError> {
        let Self { inner, faults } = *self;
        faults.call("commit", || inner.commit(id), blob_error)
    }
}
