//! A data directory to do things to, and ways to look at all of it.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{Read, Write as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use ampkg::Digest;
use amps_catalog::SqliteCatalog;
use amps_core::{
    Blob, BlobId, BlobStore, Catalog, Clock, DataDir, DeviceView, Error, Event, EventSink, FolderBlobStore,
    Limits, LinkState, Origin, PackagesFolder, Parts, Provenance, ReleasesKept, Store, Timestamp, Upload,
};
use amps_testkit::PackageBuilder;
use sha2::{Digest as _, Sha256};

/// A data directory, closed or open.
pub(crate) struct World {
    root: tempfile::TempDir,
    pub(crate) events: Arc<Log>,
    pub(crate) keep: ReleasesKept,
}

/// What an open store is made of.
pub(crate) struct Open {
    pub(crate) store: Store,
    pub(crate) catalog: Arc<dyn Catalog>,
    pub(crate) blobs: Arc<dyn BlobStore>,
}

impl World {
    pub(crate) fn new() -> Self {
        let (root, events) = (tempfile::tempdir().unwrap(), Arc::new(Log::default()));
        Self { root, events, keep: ReleasesKept::Latest }
    }

    /// One that keeps all releases.
    pub(crate) fn keeping_all() -> Self {
        Self { keep: ReleasesKept::All, ..Self::new() }
    }

    /// One that has seen these uploads and was closed.
    pub(crate) fn with<'a>(packages: impl IntoIterator<Item = &'a [u8]>) -> Self {
        Self::new().after(packages)
    }

    /// The same after these uploads, closed.
    pub(crate) fn after<'a>(self, packages: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let open = self.open();
        for package in packages {
            open.upload(package).unwrap();
        }
        self.events.take();
        drop(open);
        self
    }

    pub(crate) fn path(&self) -> &Path {
        self.root.path()
    }

    pub(crate) fn packages(&self) -> PathBuf {
        self.path().join(".packages")
    }

    /// The file in `.packages` with this name.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.packages().join(name)
    }

    pub(crate) fn catalog(&self) -> Arc<dyn Catalog> {
        fs::create_dir_all(self.path().join(".amps")).unwrap();
        Arc::new(SqliteCatalog::open(&self.path().join(".amps/catalog.db")).unwrap())
    }

    pub(crate) fn blobs(&self) -> Arc<dyn BlobStore> {
        Arc::new(FolderBlobStore::open(&self.path().join(".amps")).unwrap())
    }

    pub(crate) fn open(&self) -> Open {
        self.try_open(self.catalog(), self.blobs()).unwrap()
    }

    pub(crate) fn try_open(
        &self,
        catalog: Arc<dyn Catalog>,
        blobs: Arc<dyn BlobStore>,
    ) -> Result<Open, Error> {
        let store = Store::open(Parts {
            catalog: Arc::clone(&catalog),
            blobs: Arc::clone(&blobs),
            packages: PackagesFolder::open(self.packages())?,
            clock: Arc::new(Noon),
            events: Arc::clone(&self.events) as Arc<dyn EventSink>,
            limits: Limits::default(),
            developers: None,
            signing: None,
            keep: self.keep,
        })?;
        Ok(Open { store, catalog, blobs })
    }

    /// Opens the store with parts of another kind, at a time at which the certificates of the fixtures are valid.
    pub(crate) fn store(&self, change: impl FnOnce(&mut Parts)) -> Store {
        let mut parts = Parts {
            catalog: self.catalog(),
            blobs: self.blobs(),
            packages: PackagesFolder::open(self.packages()).unwrap(),
            clock: Arc::new(Later),
            events: Arc::clone(&self.events) as Arc<dyn EventSink>,
            limits: Limits::default(),
            developers: None,
            signing: None,
            keep: self.keep,
        };
        change(&mut parts);
        Store::open(parts).unwrap()
    }

    /// What time it is for that store.
    pub(crate) fn now() -> Timestamp {
        Later.now()
    }

    /// The names of the files in `.packages`, temporary ones included.
    pub(crate) fn names(&self) -> Vec<String> {
        tree(&self.packages()).into_keys().collect()
    }

    /// Opens the store, and returns what it said while it did.
    pub(crate) fn restart(&self) -> (Open, Vec<String>) {
        self.events.take();
        let open = self.open();
        (open, self.events.take())
    }
}

impl Open {
    pub(crate) fn upload(&self, package: impl Read) -> Result<Upload, Error> {
        self.store.upload(package, &from())
    }

    pub(crate) fn snapshot(&self, world: &World) -> Snapshot {
        look_at(world, &*self.catalog, &*self.blobs, tree(&world.path().join(".amps/staging")))
    }

    /// `id [architecture] version` of all releases.
    pub(crate) fn releases(&self) -> Vec<String> {
        let releases = self.catalog.releases().unwrap();
        releases
            .iter()
            .map(|release| &release.facts)
            .map(|facts| format!("{} [{}] {}", facts.id, facts.architecture, facts.version))
            .collect()
    }

    /// The bytes that a device gets for an id.
    pub(crate) fn download(&self, id: &str) -> Option<Vec<u8>> {
        let package = self.store.package(&id.parse().unwrap(), &DeviceView::default()).unwrap();
        package.map(|package| bytes(&*package.blob))
    }

    /// Checks that catalog, blobs and `.packages` say the same, and that nothing else is there.
    pub(crate) fn assert_consistent(&self, world: &World) {
        self.store.sweep(SystemTime::now() + Duration::from_hours(2)).unwrap();
        let mut expected_files = Vec::new();
        let releases = self.catalog.releases().unwrap();
        for (place, release) in releases.iter().enumerate() {
            let facts = &release.facts;
            let icon = facts.icon.as_ref().map(|icon| icon.blob);
            for blob in [Some(facts.package), icon].into_iter().flatten() {
                let found = bytes(&*self.blobs.open(&blob.id).unwrap());
                assert_eq!((found.len() as u64, blob_id(&found)), (blob.size_bytes, blob.id), "{}", facts.id);
            }
            let name = PackagesFolder::file_name(&facts.id, &facts.architecture);
            // The last one of each id and architecture has the file.
            if releases.get(place + 1).is_some_and(|next| next.is_of_same_package(release)) {
                let link = self.catalog.link(release.sequence).unwrap();
                assert_eq!(link, Some(LinkState::Pending { replaces: None }), "{name}");
                continue;
            }
            let file = fs::read(world.file(&name)).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(blob_id(&file), facts.package.id, "{name}");
            let (_, link) = self
                .catalog
                .links()
                .unwrap()
                .into_iter()
                .find(|(sequence, _)| *sequence == release.sequence)
                .unwrap();
            let folder = PackagesFolder::open(world.packages()).unwrap();
            let stamp = folder.stamp(&world.file(&name)).unwrap().unwrap();
            assert_eq!(link, LinkState::Made(stamp), "{name}");
            expected_files.push(name);
        }
        expected_files.sort();
        assert_eq!(world.names(), expected_files);
        let blobs: std::collections::HashSet<BlobId> =
            self.blobs.list().unwrap().into_iter().map(|blob| blob.id).collect();
        assert_eq!(blobs, self.catalog.blobs().unwrap());
        assert_eq!(tree(&world.path().join(".amps/staging")), BTreeMap::new());
    }
}

/// What a closed world looks like.
pub(crate) fn look(world: &World) -> Snapshot {
    // Opening the blob store empties it.
    let staging = tree(&world.path().join(".amps/staging"));
    look_at(world, &*world.catalog(), &*world.blobs(), staging)
}

fn look_at(
    world: &World,
    catalog: &dyn Catalog,
    blobs: &dyn BlobStore,
    staging: BTreeMap<String, (u64, BlobId)>,
) -> Snapshot {
    let mut stored: Vec<_> =
        blobs.list().unwrap().into_iter().map(|blob| (blob.id, blob.size_bytes)).collect();
    stored.sort_unstable();
    let mut known: Vec<_> = catalog.blobs().unwrap().into_iter().collect();
    known.sort_unstable();
    let releases = catalog.releases().unwrap();
    let documents = releases.iter().map(|release| catalog.documents(release.sequence).unwrap()).collect();
    Snapshot {
        generation: catalog.generation().unwrap(),
        releases: releases.iter().map(|release| format!("{release:?}")).collect(),
        documents,
        links: catalog.links().unwrap().into_iter().map(|link| format!("{link:?}")).collect(),
        known,
        blobs: stored,
        packages: tree(&world.packages()),
        blob_files: tree(&world.path().join(".amps/blobs")),
        staging,
    }
}

/// Everything that a failed change must leave as it was.
#[derive(Debug, PartialEq)]
pub(crate) struct Snapshot {
    generation: u64,
    releases: Vec<String>,
    documents: Vec<Option<amps_core::Documents>>,
    links: Vec<String>,
    known: Vec<BlobId>,
    blobs: Vec<(BlobId, u64)>,
    packages: BTreeMap<String, (u64, BlobId)>,
    blob_files: BTreeMap<String, (u64, BlobId)>,
    staging: BTreeMap<String, (u64, BlobId)>,
}

/// The files below a folder, with size and hash.
pub(crate) fn tree(folder: &Path) -> BTreeMap<String, (u64, BlobId)> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).into_iter().flatten().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else if let Ok(bytes) = fs::read(entry.path()) {
                let name = entry.path().strip_prefix(folder).unwrap().to_string_lossy().into_owned();
                files.insert(name, (bytes.len() as u64, blob_id(&bytes)));
            }
        }
    }
    files
}

pub(crate) fn blob_id(bytes: &[u8]) -> BlobId {
    BlobId(Digest(Sha256::digest(bytes).into()))
}

/// All bytes of a blob.
pub(crate) fn bytes(blob: &dyn Blob) -> Vec<u8> {
    let mut bytes = vec![0; usize::try_from(blob.size_bytes()).unwrap()];
    let mut filled = 0;
    while filled < bytes.len() {
        match blob.read_at(filled as u64, &mut bytes[filled..]).unwrap() {
            0 => panic!("the blob has only {filled} bytes"),
            read => filled += read,
        }
    }
    bytes
}

pub(crate) fn from() -> Provenance {
    Provenance {
        origin: Origin::Http,
        name: "a test".into(),
        by: "a tester".into(),
        cause: Origin::Http.into(),
    }
}

/// A small package for every architecture.
pub(crate) fn package(id: &str, version: &str) -> Vec<u8> {
    PackageBuilder::hello().id(id).version(version).icon(format!("icon of {id} {version}")).build()
}

/// One for a single architecture: `linux-aarch64` and the like name a file of fixtures/binaries.
pub(crate) fn native(id: &str, version: &str, binary: &str) -> Vec<u8> {
    PackageBuilder::hello().id(id).version(version).native(fixture("binaries", binary)).build()
}

pub(crate) fn fixture(folder: &str, name: &str) -> Vec<u8> {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "../../fixtures", folder, name].iter().collect();
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Changes the bytes of a file in place, and lets size and time be as they were.
pub(crate) fn garble(path: &Path) {
    let metadata = fs::metadata(path).unwrap();
    let mut bytes = fs::read(path).unwrap();
    for byte in &mut bytes {
        *byte ^= 0x55;
    }
    overwrite(path, &bytes);
    File::open(path).unwrap().set_modified(metadata.modified().unwrap()).unwrap();
}

/// What `cp` does to a file that is there: the same file with other bytes. Also if it is read-only, as for root.
pub(crate) fn overwrite(path: &Path, bytes: &[u8]) {
    use std::os::unix::fs::PermissionsExt as _;
    let permissions = fs::metadata(path).unwrap().permissions();
    fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
    put(path, bytes);
    fs::set_permissions(path, permissions).unwrap();
}

/// Writes a file whose time is later than that of everything before it. The times that file systems give are some
/// milliseconds behind the clock; those of blobs are not.
pub(crate) fn put(path: impl AsRef<Path>, bytes: impl AsRef<[u8]>) {
    let mut file = File::create(path).unwrap();
    file.write_all(bytes.as_ref()).unwrap();
    file.set_modified(SystemTime::now()).unwrap();
}

/// Lets a file look as if it was modified so long ago.
pub(crate) fn age(path: &Path, seconds: u64) {
    File::open(path).unwrap().set_modified(SystemTime::now() - Duration::from_secs(seconds)).unwrap();
}

/// Remembers events as lines.
#[derive(Default)]
pub(crate) struct Log(Mutex<Vec<String>>, Mutex<Vec<(Origin, &'static str)>>);

impl Log {
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    /// How taking packages in has ended.
    pub(crate) fn take_verdicts(&self) -> Vec<(Origin, &'static str)> {
        std::mem::take(&mut self.1.lock().unwrap())
    }
}

impl EventSink for Log {
    fn event(&self, _: Origin, event: &Event) {
        let line = match event {
            Event::Added { id, architecture } => format!("added {id} [{architecture}]"),
            Event::Updated { id, architecture } => format!("updated {id} [{architecture}]"),
            Event::Unchanged { id, architecture } => format!("unchanged {id} [{architecture}]"),
            Event::Removed { id, architecture } => format!("removed {id} [{architecture}]"),
            Event::Retired { id, architecture, version, .. } => {
                format!("retired {id} [{architecture}] {version}")
            }
            Event::Refused { name, reason } => format!("refused {name}: {reason}"),
            Event::Unmatched { name } => format!("unmatched {name}"),
            Event::Warned { name, message } => format!("warned {name}: {message}"),
            other => format!("{other:?}"),
        };
        self.0.lock().unwrap().push(line);
    }

    fn verdict(&self, origin: Origin, verdict: &'static str) {
        self.1.lock().unwrap().push((origin, verdict));
    }
}

/// A clock that stands still.
pub(crate) struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        Timestamp(1_700_000_000)
    }
}

/// Another one, in 2027.
struct Later;

impl Clock for Later {
    fn now(&self) -> Timestamp {
        Timestamp(1_800_000_000)
    }
}

/// The lock that a server holds, which these stores do without.
pub(crate) fn lock(world: &World) -> Result<DataDir, Error> {
    DataDir::open(world.path())
}
