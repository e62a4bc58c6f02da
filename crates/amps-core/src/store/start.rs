//! Opening a store: bringing catalog, blobs and `.packages` into step again after whatever has happened meanwhile.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Mutex,
};

use ampkg::quoted;

use super::{
    Parts, Store,
    adopt::{Changed, Otherwise},
    at_hand::AtHand,
    listing::Listings,
};
use crate::{
    blob::StoredBlob,
    error::Error,
    event::Origin,
    model::{BlobId, BlobRef, FileStamp, LinkState, Release, Sequence},
    packages_folder::{PackageFile, PackagesFolder},
};

/// What the file of a package in `.packages` says about the release that was uploaded last.
enum State {
    /// Nobody has touched it.
    Known,
    /// It is still to be made.
    ToLink,
    /// Somebody deleted it: the package goes too, with all its releases.
    Deleted,
    /// Somebody changed it, or the release's bytes are gone: what lies there now counts.
    Changed,
    /// It is still to be made, and something lies in its place: either the file itself, made by a process that could not note
    /// it any more, or somebody's. If that is no other version of the package, the release stays.
    InTheWay,
}

impl Store {
    /// Opens a store and looks what has changed while it was closed.
    ///
    /// A file in `.packages` that looks as it did is not read. A file that is new or looks otherwise is verified and taken
    /// in; one that was deleted takes its package with it; one that should be there and never was is made. Every package that
    /// is there afterwards is an [`Event::Added`](crate::Event::Added), in the order of their ids, then come the files that were taken in.
    pub fn open(parts: Parts) -> Result<Self, Error> {
        let store = Self {
            parts,
            changing: Mutex::new(()),
            listings: Listings::default(),
            at_hand: AtHand::new(),
            downloads: crate::downloads::DownloadCounts::default(),
        };
        let blobs = store.parts.blobs.list()?;
        // A catalog that nothing was ever written to is one that was lost or set aside, if there are blobs.
        if store.parts.catalog.generation()? == 0 && !blobs.is_empty() {
            store.rescue(&blobs)?;
        }
        store.reconcile(&blobs)?;
        store.sweep_at_start(blobs)?;
        Ok(store)
    }

    /// Removes those of the blobs that nothing refers to, as [`Store::sweep`] does.
    fn sweep_at_start(&self, mut blobs: Vec<StoredBlob>) -> Result<(), Error> {
        let listing = self.listing()?;
        let known: HashSet<BlobId> = listing.blobs().map(|blob| blob.id).collect();
        blobs.retain(|blob| !known.contains(&blob.id));
        drop(known);
        // Most starts find nothing to sweep, and the list was the slow part.
        match self.parts.clock.now().system_time().filter(|_| !blobs.is_empty()) {
            Some(now) => self.sweep(now).map(drop),
            None => Ok(()),
        }
    }

    fn reconcile(&self, blobs: &[StoredBlob]) -> Result<(), Error> {
        let mut files = self.parts.packages.list()?;
        for path in self.parts.packages.unreadable()? {
            self.warn(
                Origin::Start,
                &path.to_string_lossy(),
                "it is left alone: its name is not UTF-8".into(),
            );
        }
        let mut found = Found {
            links: self.parts.catalog.links()?.into_iter().collect(),
            blobs: blobs.iter().map(|blob| (blob.id, blob.size_bytes)).collect(),
            stamps: files.iter().map(|file| (file.name.clone(), file.stamp)).collect(),
        };
        let mut settled = HashSet::new();
        let mut changed = BTreeMap::new();
        for releases in self.listing()?.releases().chunk_by(Release::is_of_same_package) {
            let mut older = self.without_lost(releases, &mut found)?;
            let Some(latest) = older.pop() else { continue };
            let otherwise = match found.state(&latest) {
                State::Known => None,
                State::ToLink => {
                    self.link(Origin::Start, latest.sequence, &latest.facts);
                    None
                }
                State::Deleted => {
                    self.forget(&latest, &older)?;
                    continue;
                }
                State::Changed => Some(Otherwise::Forget),
                State::InTheWay => Some(Otherwise::Keep),
            };
            let name = name_of(&latest);
            if let Some(otherwise) = otherwise {
                changed.insert(name, Changed { latest, older, otherwise });
            } else {
                self.added(&latest.facts);
                settled.insert(name);
            }
        }
        files.retain(|file| !settled.contains(&file.name));
        self.drop_rescued(&mut files, &found)?;
        self.adopt(files, &changed)
    }

    /// Removes files that a rescue has made and whose packages are in the catalog: the start that took them in was cut off before it
    /// could. Taken in again, they would count as uploaded last.
    fn drop_rescued(&self, files: &mut Vec<PackageFile>, found: &Found) -> Result<(), Error> {
        let listing = self.listing()?;
        let mut rescued = Vec::new();
        files.retain(|file| {
            let is_of =
                |release: &Release| PackagesFolder::blob_of(&file.name) == Some(release.facts.package.id);
            let is_known = PackagesFolder::blob_of(&file.name).is_some()
                && listing.releases().iter().any(|release| is_of(release) && found.has_blobs(release));
            if is_known {
                rescued.push(file.path.clone());
            }
            !is_known
        });
        Ok(rescued.iter().try_for_each(|path| self.parts.packages.unlink(path))?)
    }

    /// Drops those of a package's releases whose bytes are nowhere; the last one is left for its file to tell, unless it never had
    /// one and there is another one that can take its place.
    fn without_lost(&self, releases: &[Release], found: &mut Found) -> Result<Vec<Release>, Error> {
        let Some((latest, older)) = releases.split_last() else { return Ok(Vec::new()) };
        let (mut left, mut lost): (Vec<Release>, Vec<Release>) =
            older.iter().cloned().partition(|release| found.has_blobs(release));
        let has_file = found.stamps.contains_key(&name_of(latest));
        let was_made = matches!(found.link(latest), LinkState::Made(_));
        if found.has_blobs(latest) || has_file || was_made || left.is_empty() {
            left.push(latest.clone());
        } else {
            lost.push(latest.clone());
        }
        if lost.is_empty() {
            return Ok(left);
        }
        for release in &lost {
            let message = format!("version {} is lost: its bytes are gone", quoted(&release.facts.version));
            self.warn(Origin::Start, &name_of(release), message);
        }
        self.drop_releases(&lost.iter().collect::<Vec<_>>())?;
        if let Some(latest) = left.last() {
            // What the lost one was to replace, this one is now.
            found.links.extend(self.parts.catalog.link(latest.sequence)?.map(|link| (latest.sequence, link)));
        }
        Ok(left)
    }
}

/// What a start finds.
struct Found {
    links: HashMap<Sequence, LinkState>,
    blobs: HashMap<BlobId, u64>,
    /// How the files in `.packages` look, by name.
    stamps: HashMap<String, FileStamp>,
}

impl Found {
    fn link(&self, release: &Release) -> LinkState {
        self.links.get(&release.sequence).copied().unwrap_or(LinkState::Pending { replaces: None })
    }

    fn has_blobs(&self, release: &Release) -> bool {
        let is_whole = |blob: &BlobRef| self.blobs.get(&blob.id) == Some(&blob.size_bytes);
        let icon = release.facts.icon.as_ref();
        is_whole(&release.facts.package) && icon.is_none_or(|icon| is_whole(&icon.blob))
    }

    /// What the file of a package says about its last release.
    fn state(&self, latest: &Release) -> State {
        state(self.link(latest), self.stamps.get(&name_of(latest)).copied(), self.has_blobs(latest))
    }
}

fn name_of(release: &Release) -> String {
    PackagesFolder::file_name(&release.facts.id, &release.facts.architecture)
}

fn state(link: LinkState, file: Option<FileStamp>, has_blobs: bool) -> State {
    match (link, file) {
        (LinkState::Made(made), Some(file)) if made == file && has_blobs => State::Known,
        (LinkState::Pending { .. }, None) if has_blobs => State::ToLink,
        (LinkState::Pending { replaces }, Some(file)) if replaces == Some(file) && has_blobs => State::ToLink,
        (LinkState::Pending { .. }, Some(_)) if has_blobs => State::InTheWay,
        (_, None) => State::Deleted,
        (_, Some(_)) => State::Changed,
    }
}
