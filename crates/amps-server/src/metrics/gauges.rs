//! What is looked up when somebody asks: the sizes of catalog and disk, and what the process takes.

use std::{
    collections::HashSet,
    fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use amps_core::{DataDir, Error, Listing, Store};
use rustix::{
    process::{Resource, getrlimit},
    time::{ClockId, clock_gettime},
};

use crate::disk_space::DiskSpace;

/// How large the catalog is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CatalogSize {
    pub(super) generation: u64,
    pub(super) releases: usize,
    pub(super) packages: usize,
    pub(super) blobs: usize,
    pub(super) blob_bytes: u64,
}

/// Counts the catalog, once for each of its generations.
#[derive(Default)]
pub(super) struct CatalogSizes(Mutex<Option<CatalogSize>>);

impl CatalogSizes {
    pub(super) fn now(&self, store: &Store) -> Result<CatalogSize, Error> {
        let listing = store.listing()?;
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some(size) if size.generation == listing.generation() => Ok(*size),
            _ => Ok(*last.insert(count(&listing))),
        }
    }
}

fn count(listing: &Listing) -> CatalogSize {
    let mut seen = HashSet::new();
    let mut blob_bytes = 0;
    for release in listing.releases() {
        let icon = release.facts.icon.as_ref().map(|icon| icon.blob);
        for blob in [Some(release.facts.package), icon].into_iter().flatten() {
            if seen.insert(blob.id) {
                blob_bytes += blob.size_bytes;
            }
        }
    }
    CatalogSize {
        generation: listing.generation(),
        releases: listing.releases().len(),
        packages: listing.latest().count(),
        blobs: seen.len(),
        blob_bytes,
    }
}

/// What a look at catalog and disk has found; none of what could not be had.
#[derive(Default)]
pub(super) struct Gauges {
    pub(super) catalog: Option<CatalogSize>,
    /// Bytes of the catalog's files.
    pub(super) database_bytes: Option<u64>,
    pub(super) disk: Option<DiskSpace>,
}

impl Gauges {
    /// Looks; may wait for the disk.
    pub(super) fn collect(store: &Store, sizes: &CatalogSizes, data_directory: &Path) -> Self {
        Self {
            catalog: sizes.now(store).ok(),
            database_bytes: database_bytes(data_directory).ok(),
            disk: DiskSpace::of(data_directory).ok(),
        }
    }

    /// Whether everything could be had.
    pub(super) fn is_complete(&self) -> bool {
        self.catalog.is_some() && self.database_bytes.is_some() && self.disk.is_some()
    }
}

/// The catalog and what is written ahead of it.
pub(crate) fn database_bytes(data_directory: &Path) -> io::Result<u64> {
    let catalog = DataDir::shared_catalog(data_directory);
    let mut ahead = catalog.clone().into_os_string();
    ahead.push("-wal");
    let ahead = match fs::metadata(PathBuf::from(ahead)) {
        Ok(metadata) => metadata.len(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
        Err(error) => return Err(error),
    };
    Ok(fs::metadata(catalog)?.len() + ahead)
}

/// What the process takes; none of what the system does not tell.
pub(super) struct Process {
    pub(super) cpu: Duration,
    pub(super) resident_bytes: Option<u64>,
    pub(super) threads: Option<u64>,
    pub(super) open_files: Option<usize>,
    pub(super) most_files: Option<u64>,
}

impl Process {
    /// Looks. The system answers from memory.
    pub(super) fn now() -> Self {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let number = |field: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(field))?;
            line.split_whitespace().next()?.parse::<u64>().ok()
        };
        let cpu = clock_gettime(ClockId::ProcessCPUTime);
        let part = |number: i64| u64::try_from(number).unwrap_or_default();
        Self {
            cpu: Duration::from_secs(part(cpu.tv_sec)) + Duration::from_nanos(part(cpu.tv_nsec)),
            resident_bytes: number("VmRSS:").map(|kib| kib * 1024),
            threads: number("Threads:"),
            open_files: fs::read_dir("/proc/self/fd").ok().map(Iterator::count),
            most_files: getrlimit(Resource::Nofile).current,
        }
    }
}
