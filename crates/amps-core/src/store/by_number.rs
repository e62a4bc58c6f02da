//! Opening what belongs to one release, whatever others there are.

use std::sync::Arc;

use amps_pki::HardwareId;

use super::{Icon, Security, SignedPackage, Store};
use crate::{
    blob::Blob,
    error::Error,
    model::{BlobId, Documents, Release, Sequence},
};

impl Store {
    /// The release of a number, if it is still there.
    pub fn release(&self, sequence: Sequence) -> Result<Option<Release>, Error> {
        Ok(self.listing()?.releases().iter().find(|release| release.sequence == sequence).cloned())
    }

    /// The texts of a release that lists do not need; none if it is gone.
    pub fn documents(&self, release: Sequence) -> Result<Option<Documents>, Error> {
        Ok(self.parts.catalog.documents(release)?)
    }

    /// Opens the package of a release, signed for a device if the store signs and that counts; without a device for all.
    pub fn package_of(
        &self,
        release: &Release,
        device: Option<&HardwareId>,
        security: Security,
    ) -> Result<SignedPackage, Error> {
        let (release, blob) = (release.clone(), self.open_blob(&release.facts.package.id)?);
        let (keep_bytes, end) = match (&self.parts.signing, security) {
            (Some(signing), Security::On) => self.end(signing, &release, &blob, device)?,
            _ => (blob.size_bytes(), Arc::from([])),
        };
        let counter = self.downloads.counter(&release);
        Ok(SignedPackage { release, blob, keep_bytes, end, counter })
    }

    /// Opens the icon of a release, if it has one.
    pub fn icon_of(&self, release: &Release) -> Result<Option<Icon>, Error> {
        let Some(icon) = &release.facts.icon else { return Ok(None) };
        let blob = self.open_blob(&icon.blob.id)?;
        Ok(Some(Icon { id: icon.blob.id, media_type: icon.media_type.clone(), blob }))
    }

    /// Not kept open: nobody would close it if the release went at this moment.
    pub(super) fn open_blob(&self, id: &BlobId) -> Result<Arc<dyn Blob>, Error> {
        if let Some(open) = self.at_hand.blob(id) {
            return Ok(open);
        }
        let open = self.parts.blobs.open(id)?;
        self.at_hand.note_opened(*id, &open);
        Ok(open)
    }
}
