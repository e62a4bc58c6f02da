//! Opening a store: bringing catalog, blobs and `.packages` into step again after whatever has happened meanwhile.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Mutex,
};

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
    model::{BlobId, BlobRef, FileStamp, LinkState},
    packages_folder::PackagesFolder,
};

/// What the file of a release in `.packages` says about it.
enum State {
    /// Nobody has touched it.
    Known,
    /// It is still to be made.
    ToLink,
    /// Somebody deleted it: the release goes too.
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
    /// in; one that was deleted takes its release with it; one that should be there and never was is made. Every release that
    /// is there afterwards is an [`Event::Added`](crate::Event::Added), in the order of their ids, then come the files that were taken in.
    pub fn open(parts: Parts) -> Result<Self, Error> {
        let store =
            Self { parts, changing: Mutex::new(()), listings: Listings::default(), at_hand: AtHand::new() };
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
        let links: HashMap<_, _> = self.parts.catalog.links()?.into_iter().collect();
        let blobs: HashMap<BlobId, u64> = blobs.iter().map(|blob| (blob.id, blob.size_bytes)).collect();
        let is_whole = |blob: &BlobRef| blobs.get(&blob.id) == Some(&blob.size_bytes);
        let mut files = self.parts.packages.list()?;
        for path in self.parts.packages.unreadable()? {
            self.warn(
                Origin::Start,
                &path.to_string_lossy(),
                "it is left alone: its name is not UTF-8".into(),
            );
        }
        let stamps: HashMap<String, FileStamp> =
            files.iter().map(|file| (file.name.clone(), file.stamp)).collect();
        let mut settled = HashSet::new();
        let mut changed = BTreeMap::new();
        for release in self.listing()?.releases() {
            let facts = &release.facts;
            let name = PackagesFolder::file_name(&facts.id, &facts.architecture);
            let has_blobs =
                is_whole(&facts.package) && facts.icon.as_ref().is_none_or(|icon| is_whole(&icon.blob));
            let link = links.get(&release.sequence).copied().unwrap_or(LinkState::Pending { replaces: None });
            match state(link, stamps.get(&name).copied(), has_blobs) {
                State::Known => {}
                State::ToLink => self.link(Origin::Start, release.sequence, facts),
                State::Deleted => {
                    self.forget(release)?;
                    continue;
                }
                State::Changed => {
                    changed.insert(name, Changed { release: release.clone(), otherwise: Otherwise::Forget });
                    continue;
                }
                State::InTheWay => {
                    changed.insert(name, Changed { release: release.clone(), otherwise: Otherwise::Keep });
                    continue;
                }
            }
            self.added(facts);
            settled.insert(name);
        }
        files.retain(|file| !settled.contains(&file.name));
        self.adopt(files, &changed)
    }
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
