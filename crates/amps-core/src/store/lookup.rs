//! Finding releases and opening what belongs to them.

use std::sync::Arc;

use ampkg::PackageId;

use super::Store;
use crate::{
    blob::{Blob, BlobError},
    error::Error,
    model::{BlobId, BlobRef, Release},
    view::DeviceView,
};

/// A package that is open for reading.
pub struct Package {
    /// The release.
    pub release: Release,
    /// Its bytes.
    pub blob: Arc<dyn Blob>,
}

/// An icon that is open for reading.
pub struct Icon {
    /// Names its bytes.
    pub id: BlobId,
    /// Its media type.
    pub media_type: String,
    /// Its bytes.
    pub blob: Arc<dyn Blob>,
}

/// A release and the blob of it that was asked for.
type Opened = (Release, Arc<dyn Blob>);

impl Store {
    /// Opens the package that a device gets when it asks for this id.
    pub fn package(&self, id: &PackageId, view: &DeviceView) -> Result<Option<Package>, Error> {
        let found = self.find_and_open(id, view, |release| Some(release.facts.package))?;
        Ok(found.map(|(release, blob)| Package { release, blob }))
    }

    /// Opens the icon of that package.
    pub fn icon(&self, id: &PackageId, view: &DeviceView) -> Result<Option<Icon>, Error> {
        let found =
            self.find_and_open(id, view, |release| release.facts.icon.as_ref().map(|icon| icon.blob))?;
        Ok(found.and_then(|(release, blob)| {
            let icon = release.facts.icon.as_ref()?;
            Some(Icon { id: icon.blob.id, media_type: icon.media_type.clone(), blob })
        }))
    }

    /// The same if it is open already; none if [`Store::icon`] must be asked, which may block.
    pub fn icon_at_hand(&self, id: &PackageId, view: &DeviceView) -> Option<Icon> {
        let listing = self.listing().ok()?;
        let icon = listing.visible_of(id, view)?.facts.icon.as_ref()?;
        let blob = self.at_hand.blob(&icon.blob.id)?;
        Some(Icon { id: icon.blob.id, media_type: icon.media_type.clone(), blob })
    }

    fn find_and_open(
        &self,
        id: &PackageId,
        view: &DeviceView,
        wanted: impl Fn(&Release) -> Option<BlobRef>,
    ) -> Result<Option<Opened>, Error> {
        let mut last_missing = None;
        loop {
            let listing = self.listing()?;
            let Some(release) = listing.visible_of(id, view) else { return Ok(None) };
            let Some(BlobRef { id: blob, size_bytes }) = wanted(release) else { return Ok(None) };
            if let Some(open) = self.at_hand.blob(&blob) {
                return Ok(Some((release.clone(), open)));
            }
            match self.parts.blobs.open(&blob) {
                // Not all of it, or a file that was copied over it: better nothing than bytes under a wrong name.
                Ok(open) if open.size_bytes() != size_bytes => {
                    return Err(BlobError::Changed {
                        id: blob,
                        found_bytes: open.size_bytes(),
                        expected_bytes: size_bytes,
                    }
                    .into());
                }
                Ok(open) => {
                    self.at_hand.note_opened(blob, &open);
                    self.at_hand.keep_blob(blob, &open);
                    // If the release went meanwhile, so did its blob, and nobody will come to close it.
                    if self.parts.catalog.generation().ok() != Some(listing.generation()) {
                        self.at_hand.forget_blob(&blob);
                    }
                    return Ok(Some((release.clone(), open)));
                }
                // The release was replaced between the two look-ups: then the catalog has changed. It may happen again and
                // again, but not without a change each time.
                Err(BlobError::NotFound { .. }) if last_missing != Some(listing.generation()) => {
                    last_missing = Some(listing.generation());
                    self.listings.distrust();
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
}
