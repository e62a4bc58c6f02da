//! The list of all releases that look-ups ask.

use std::{
    collections::BTreeSet,
    mem,
    sync::{
        Arc, Mutex, OnceLock, PoisonError, RwLock, RwLockWriteGuard,
        atomic::{self, AtomicU64},
    },
    time::Duration,
};

use ampkg::PackageId;
use amps_arch::PackageServerToken;

use super::Store;
use crate::{
    audiences::Audiences,
    audit::NewAuditEntry,
    catalog::{CatalogError, Changes, Publication},
    error::{Error, chain},
    event::Origin,
    model::{BlobId, BlobRef, Release, ReleaseDraft, Sequence},
    view::{DeviceView, visible},
};

/// All releases at one moment, ordered by id, then architecture.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    generation: u64,
    releases: Vec<Release>,
    /// Made when the first device asks a deployment server.
    audiences: OnceLock<Audiences>,
}

impl Listing {
    fn new(generation: u64, releases: Vec<Release>) -> Self {
        Self { generation, releases, audiences: OnceLock::new() }
    }

    /// The catalog's generation that this is.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// All of them.
    pub fn releases(&self) -> &[Release] {
        &self.releases
    }

    /// Those that a package server knows of: of each id and architecture the one that was uploaded last.
    pub fn latest(&self) -> impl Iterator<Item = &Release> {
        self.releases.chunk_by(Release::is_of_same_package).filter_map(<[Release]>::last)
    }

    /// The blobs that they refer to, packages and icons.
    pub(super) fn blobs(&self) -> impl Iterator<Item = BlobRef> {
        let of = |release: &Release| {
            [Some(release.facts.package), release.facts.icon.as_ref().map(|icon| icon.blob)]
        };
        self.releases.iter().flat_map(of).flatten()
    }

    /// Those of one id.
    pub fn of(&self, id: &PackageId) -> &[Release] {
        self.place_of(id).1
    }

    /// The same, and where they begin.
    fn place_of(&self, id: &PackageId) -> (usize, &[Release]) {
        let start = self.releases.partition_point(|release| release.facts.id < *id);
        let rest = self.releases.get(start..).unwrap_or_default();
        let length = rest.partition_point(|release| release.facts.id == *id);
        (start, rest.get(..length).unwrap_or_default())
    }

    /// Those that a device may see: at most one of each id. The same as [`crate::visible`] of all of them.
    pub fn visible(&self, view: &DeviceView) -> impl Iterator<Item = &Release> {
        let (by_audience, one_by_one) = match view {
            DeviceView::DeploymentServer(device) => {
                let audiences = self.audiences.get_or_init(|| Audiences::of(&self.releases));
                (Some(audiences.visible(device)), None)
            }
            DeviceView::PackageServer { .. } => (None, Some(visible(&self.releases, view))),
        };
        let by_audience = by_audience.into_iter().flatten().filter_map(|at| self.releases.get(at));
        by_audience.chain(one_by_one.into_iter().flatten())
    }

    /// The one of an id that a device may see.
    pub fn visible_of(&self, id: &PackageId, view: &DeviceView) -> Option<&Release> {
        visible(self.of(id), view).next()
    }

    /// Makes it the list after some changes.
    fn apply(&mut self, changes: Changes) {
        let mut removed = changes.removed;
        removed.sort_unstable();
        let stays = |release: &Release| removed.binary_search(&release.sequence).is_err();
        let mut touched = BTreeSet::new();
        if !removed.is_empty() {
            let goes = self.releases.iter().filter(|release| !stays(release));
            touched.extend(goes.map(|release| release.facts.id.clone()));
            if let Some(audiences) = self.audiences.get_mut() {
                audiences.retain(self.releases.iter().map(stays));
            }
            self.releases.retain(stays);
        }
        if changes.added.len() > MOST_INSERTED {
            self.audiences.take();
        }
        for release in changes.added {
            if let Err(place) = self.releases.binary_search_by(|other| key(other).cmp(&key(&release))) {
                if let Some(audiences) = self.audiences.get_mut() {
                    audiences.insert(place, &release);
                }
                touched.insert(release.facts.id.clone());
                self.releases.insert(place, release);
            }
        }
        self.generation = changes.generation;
        self.place(&touched);
    }

    /// Brings the order among the releases of some ids up to date.
    fn place(&mut self, ids: &BTreeSet<PackageId>) {
        let Some(mut audiences) = self.audiences.take().filter(|audiences| !audiences.is_mostly_unused())
        else {
            return;
        };
        for id in ids {
            let (start, of_one_id) = self.place_of(id);
            audiences.place(start, of_one_id);
        }
        self.audiences = audiences.into();
    }
}

/// If more releases come at once, who may see what is worked out anew: each that is put between the others moves all behind it.
const MOST_INSERTED: usize = 32;

/// By what the list is ordered.
fn key(release: &Release) -> (&PackageId, &PackageServerToken, Sequence) {
    (&release.facts.id, &release.facts.architecture, release.sequence)
}

/// How long a list may be given out before the catalog is asked whether another process has changed it. Changes by this process
/// are seen at once.
const TRUSTED: Duration = Duration::from_millis(100);

/// The list as it was last, and whether it still counts.
///
/// Every request asks for it. So most calls compare two numbers, one in some thousands asks the catalog for its generation, and
/// after a change only what has changed is read.
#[derive(Default)]
pub(super) struct Listings {
    /// Grows whenever this process may have changed the catalog.
    changes: AtomicU64,
    kept: RwLock<Option<Kept>>,
    /// Held by the one that brings the list up to date, while the others wait for it.
    refreshing: Mutex<()>,
}

struct Kept {
    listing: Arc<Listing>,
    /// What [`Listings::changes`] was before the catalog was asked.
    changes: u64,
    /// When that was.
    asked: Duration,
    /// Whether the catalog gave no answer when it was asked last.
    is_failing: bool,
}

impl Listings {
    /// Lets the next call ask the catalog. Call it after every change and before anything that the list still names is removed.
    pub(super) fn distrust(&self) {
        self.changes.fetch_add(1, atomic::Ordering::SeqCst);
    }

    fn changes(&self) -> u64 {
        self.changes.load(atomic::Ordering::SeqCst)
    }

    /// The list, if nobody can have changed it since the catalog was asked.
    fn trusted(&self, now: Duration) -> Option<Arc<Listing>> {
        let changes = self.changes();
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        let trusted =
            kept.as_ref().filter(|kept| kept.changes == changes && now.saturating_sub(kept.asked) < TRUSTED);
        trusted.map(|kept| Arc::clone(&kept.listing))
    }

    fn write(&self) -> RwLockWriteGuard<'_, Option<Kept>> {
        // A panic under the lock leaves the list of before or none.
        self.kept.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The generation of the list that is kept.
    fn generation(&self) -> Option<u64> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref().map(|kept| kept.listing.generation)
    }
}

impl Store {
    /// All releases. Costs next to nothing as long as nothing has changed. What this process has changed is seen by the next call,
    /// what another one has changed by the first one after a tenth of a second.
    ///
    /// If the catalog cannot say whether another process has changed it, the list of before counts, and somebody is told once.
    pub fn listing(&self) -> Result<Arc<Listing>, Error> {
        let listings = &self.listings;
        if let Some(listing) = listings.trusted(self.parts.clock.elapsed()) {
            return Ok(listing);
        }
        let _refreshing = listings.refreshing.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.parts.clock.elapsed();
        if let Some(listing) = listings.trusted(now) {
            return Ok(listing);
        }
        // Before the catalog is asked: at worst it is asked once too often.
        let changes = listings.changes();
        match self.refresh(changes, now) {
            Ok(listing) => Ok(listing),
            Err(error) => self.without_catalog(changes, now, error),
        }
    }

    fn refresh(&self, changes: u64, asked: Duration) -> Result<Arc<Listing>, CatalogError> {
        let (catalog, listings) = (&self.parts.catalog, &self.listings);
        // What changes after this has a higher generation, so at worst it is read twice.
        let generation = catalog.generation()?;
        let since = match listings.generation() {
            Some(before) if before == generation => Since::Nothing,
            Some(before) => catalog.changes_since(before)?.map_or(Since::Unknown, Since::Changes),
            None => Since::Unknown,
        };
        let all = match &since {
            Since::Unknown => Some(catalog.releases()?),
            Since::Nothing | Since::Changes(_) => None,
        };
        let mut kept = listings.write();
        let mut listing = match (all, kept.take()) {
            (Some(releases), _) => Arc::new(Listing::new(generation, releases)),
            (None, kept) => kept.map(|kept| kept.listing).unwrap_or_default(),
        };
        if let Since::Changes(changes) = since {
            // Copied only if somebody is reading it.
            Arc::make_mut(&mut listing).apply(changes);
        }
        *kept = Some(Kept { listing: Arc::clone(&listing), changes, asked, is_failing: false });
        Ok(listing)
    }

    /// The list of before, if this process has not changed the catalog since.
    fn without_catalog(
        &self,
        changes: u64,
        now: Duration,
        error: CatalogError,
    ) -> Result<Arc<Listing>, Error> {
        let mut kept = self.listings.write();
        let Some(kept) = kept.as_mut().filter(|kept| kept.changes == changes) else {
            return Err(error.into());
        };
        kept.asked = now;
        if !mem::replace(&mut kept.is_failing, true) {
            let message = format!("lists are as they were before it failed: {}", chain(&error));
            self.warn(Origin::Http, "catalog", message);
        }
        Ok(Arc::clone(&kept.listing))
    }

    /// Enters a release into the catalog. Call it under the lock.
    pub(super) fn publish_release(
        &self,
        draft: &ReleaseDraft,
        replaced: &[Sequence],
        audit: &[NewAuditEntry],
    ) -> Result<Publication, CatalogError> {
        let published = self.parts.catalog.publish_audited(draft, replaced, audit);
        // Also if it failed: it may have done its work.
        self.listings.distrust();
        published
    }

    /// Takes releases out of the catalog. Call it under the lock.
    pub(super) fn remove_releases(
        &self,
        releases: &[Sequence],
        audit: &[NewAuditEntry],
    ) -> Result<Vec<BlobId>, CatalogError> {
        let removed = self.parts.catalog.remove_audited(releases, audit);
        self.listings.distrust(); // as above
        removed
    }
}

/// What has happened to the catalog since the list was made.
enum Since {
    Nothing,
    Changes(Changes),
    /// All of it is to be read.
    Unknown,
}

#[cfg(test)]
mod tests;
