//! The store: catalog, blobs and `.packages` in step with each other.

mod adopt;
mod at_hand;
mod attempt;
mod audit;
mod by_number;
mod contents;
mod count;
mod demands;
mod deployment_upload;
mod draft;
mod link;
mod listing;
mod lookup;
mod remove;
mod rescue;
mod retain;
mod sign;
mod start;
mod tee;
mod upload;

use std::{
    io::Write as _,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use ampkg::Limits;
use amps_pki::TrustAnchors;

use crate::{
    blob::BlobStore,
    catalog::Catalog,
    clock::Clock,
    counts::{CacheCounts, StoreCounts},
    downloads::DownloadCounts,
    error::{Error, chain},
    event::{Event, EventSink, Origin},
    model::BlobId,
    packages_folder::PackagesFolder,
    signing::StoreSigning,
};
use at_hand::AtHand;
pub use contents::PackageContents;
pub use deployment_upload::{Security, StagedUpload};
pub(crate) use draft::draft;
pub use listing::Listing;
use listing::Listings;
pub use lookup::{Icon, Package};
pub use sign::SignedPackage;
pub use upload::{Provenance, Upload, UploadResult};

/// What a [`Store`] is made of.
pub struct Parts {
    /// What is known.
    pub catalog: Arc<dyn Catalog>,
    /// The bytes.
    pub blobs: Arc<dyn BlobStore>,
    /// What a person sees.
    pub packages: PackagesFolder,
    /// Says when a release is published.
    pub clock: Arc<dyn Clock>,
    /// Is told what happens.
    pub events: Arc<dyn EventSink>,
    /// How much of anything a package may have.
    pub limits: Limits,
    /// Whom developer signatures must lead to; without it they are not verified.
    pub developers: Option<TrustAnchors>,
    /// Signs downloads; without it they are given as they were uploaded.
    pub signing: Option<StoreSigning>,
    /// Which releases of one id and architecture stay when another one comes.
    pub keep: ReleasesKept,
}

/// Which releases of one id and architecture stay when another one comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum ReleasesKept {
    /// None: the new one takes the place of all. All that a package server needs.
    #[default]
    Latest,
    /// Those with another version or other tags, for a deployment server. A package server shows the one that was uploaded last.
    All,
}

/// What is written to see whether writing works: a block of most file systems.
const TRIAL_BYTES: usize = 4096;

/// A store of packages.
///
/// Every change goes through one of its methods, is made by one thread at a time, and happens wholly or not at all, also
/// when the process ends in the middle of it. Reading never waits for a change.
pub struct Store {
    parts: Parts,
    /// Held from the moment a blob gets its name until the catalog knows it, and while blobs are freed: between the two,
    /// nothing could tell a new blob from one that nobody wants.
    changing: Mutex<()>,
    listings: Listings,
    at_hand: AtHand,
    downloads: DownloadCounts,
}

impl Store {
    /// How often it had at hand what its downloads need.
    pub fn counts(&self) -> StoreCounts {
        let signing = self.parts.signing.as_ref();
        StoreCounts {
            open_blobs: self.at_hand.blob_counts.counts(),
            recipes: self.at_hand.recipe_counts.counts(),
            signatures: signing.map_or_else(CacheCounts::default, |signing| signing.counts.counts()),
        }
    }

    /// Whether downloads are signed.
    pub fn is_signing(&self) -> bool {
        self.parts.signing.is_some()
    }

    /// Asks the catalog itself for its generation, and so whether it answers: lists go on without it.
    pub fn catalog_generation(&self) -> Result<u64, Error> {
        Ok(self.parts.catalog.generation()?)
    }

    /// Whether a blob can be begun and written to. Nothing remains of it.
    pub fn try_writing(&self) -> Result<(), Error> {
        let mut blob = self.parts.blobs.stage()?;
        blob.write_all(&[0; TRIAL_BYTES]).map_err(Error::Stage)
    }

    fn change(&self) -> MutexGuard<'_, ()> {
        // Nothing is kept under the lock that a panic could leave half-done: disk and catalog are consistent by themselves.
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn event(&self, origin: Origin, event: &Event) {
        self.parts.events.event(origin, event);
    }

    fn warn(&self, origin: Origin, name: &str, message: String) {
        self.event(origin, &Event::Warned { name: name.into(), message });
    }

    /// Removes blobs that the catalog does not know any more. Call it under the lock.
    fn free(&self, origin: Origin, blobs: &[BlobId]) {
        for blob in blobs {
            self.at_hand.forget_blob(blob);
            if let Err(error) = self.parts.blobs.remove(blob) {
                self.warn(
                    origin,
                    &blob.to_string(),
                    format!("it is not needed any more, but still there: {}", chain(&error)),
                );
            }
        }
    }
}
