//! Packages signed for one device.

use std::sync::Arc;

use ampkg::{Digest, PackageId};
use amps_pki::HardwareId;
use amps_splice::Recipe;
use sha2::{Digest as _, Sha256};

use super::{Package, Store};
use crate::{
    blob::Blob,
    blob_reader::BlobReader,
    downloads::DownloadCounter,
    error::{Error, Refusal},
    examine::examine,
    model::Release,
    signing::{StoreSigning, recipe},
    view::DeviceView,
};

/// A package that is open for reading and signed for a device: the beginning of the stored bytes, and an end of its own.
pub struct SignedPackage {
    /// The release.
    pub release: Release,
    /// The stored bytes.
    pub blob: Arc<dyn Blob>,
    /// How many of them stay.
    pub keep_bytes: u64,
    /// What stands behind them.
    pub end: Arc<[u8]>,
    /// Counts that somebody gets it.
    pub counter: DownloadCounter,
}

impl SignedPackage {
    /// Names the bytes: whatever has the same name is the same, byte for byte.
    pub fn name(&self) -> Digest {
        let stored = self.release.facts.package.id.0;
        if self.end.is_empty() {
            return stored;
        }
        let mut hash = Sha256::new();
        hash.update(stored.0);
        hash.update(self.keep_bytes.to_le_bytes());
        hash.update(&self.end);
        Digest(hash.finalize().into())
    }

    /// The size of the whole.
    pub fn size_bytes(&self) -> u64 {
        self.keep_bytes + self.end.len() as u64
    }
}

impl Store {
    /// Opens the package that a device gets when it asks for this id, with a store signature for it; without one, if the store
    /// does not sign. Without a hardware id the signature is for any device.
    pub fn package_for_device(
        &self,
        id: &PackageId,
        view: &DeviceView,
        device: Option<&HardwareId>,
    ) -> Result<Option<SignedPackage>, Error> {
        let Some(Package { release, blob }) = self.package(id, view)? else { return Ok(None) };
        let counter = self.downloads.counter(&release);
        let Some(signing) = &self.parts.signing else {
            let keep_bytes = blob.size_bytes();
            return Ok(Some(SignedPackage { release, blob, keep_bytes, end: Arc::new([]), counter }));
        };
        let (keep_bytes, end) = self.end(signing, &release, &blob, device)?;
        Ok(Some(SignedPackage { release, blob, keep_bytes, end, counter }))
    }

    /// The same if it needs neither the disk nor a new signature; none if [`Store::package_for_device`] must be asked, which
    /// may block.
    pub fn package_at_hand(
        &self,
        id: &PackageId,
        view: &DeviceView,
        device: Option<&HardwareId>,
    ) -> Option<SignedPackage> {
        let listing = self.listing().ok()?;
        let release = listing.visible_of(id, view)?;
        let blob = self.at_hand.blob(&release.facts.package.id)?;
        let (keep_bytes, end) = match &self.parts.signing {
            None => (blob.size_bytes(), Arc::from([])),
            Some(signing) => {
                let recipe = self.at_hand.recipe(release.sequence)?;
                (recipe.keep_bytes, signing.kept_end(&release.facts, device)?)
            }
        };
        let counter = self.downloads.counter(release);
        Some(SignedPackage { release: release.clone(), blob, keep_bytes, end, counter })
    }

    pub(super) fn end(
        &self,
        signing: &StoreSigning,
        release: &Release,
        blob: &Arc<dyn Blob>,
        device: Option<&HardwareId>,
    ) -> Result<(u64, Arc<[u8]>), Error> {
        let recipe = self.recipe(release, blob)?;
        let end = signing.end(&release.facts, &recipe, device, self.parts.clock.now())?;
        Ok((recipe.keep_bytes, end))
    }

    fn recipe(&self, release: &Release, blob: &Arc<dyn Blob>) -> Result<Arc<Recipe>, Error> {
        self.at_hand.recipe_or(release.sequence, || match self.parts.catalog.recipe(release.sequence)? {
            Some(recipe) if recipe.keep_bytes <= blob.size_bytes() => Ok(recipe),
            // There is none, or one that cannot be that of these bytes.
            _ => self.work_out_recipe(release, blob),
        })
    }

    /// For a release that was taken in while the store did not sign. Done at its first download, and then kept.
    fn work_out_recipe(&self, release: &Release, blob: &Arc<dyn Blob>) -> Result<Recipe, Error> {
        let limits = &self.parts.limits;
        let examination = examine(BlobReader::new(Arc::clone(blob)), limits).map_err(Refusal::Package)?;
        let package = examination.package.as_unverified();
        let place = package.store_signature_place();
        let recipe = recipe(BlobReader::new(Arc::clone(blob)), package, &place, limits)?;
        self.parts.catalog.set_recipe(release.sequence, &recipe)?;
        Ok(recipe)
    }
}
