//! Finding packages again of which only the blob is left.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use ampkg::PackageId;
use amps_arch::PackageServerToken;

use super::{Provenance, Store, upload::Linking};
use crate::{
    blob::{Blob, StoredBlob},
    blob_reader::BlobReader,
    error::Error,
    event::Origin,
    examine::examine,
    model::BlobId,
    packages_folder::{PackageFile, PackagesFolder, since_1970_ns},
};

impl Store {
    /// Takes in packages that lie among the blobs, and neither in a new catalog nor in `.packages`. That is what is left of an
    /// upload whose file could not be made, once the catalog is lost. Nothing else would tell them from garbage, and the sweep
    /// would take them.
    ///
    /// `blobs` and `files` are those that were there before anything was taken in: their times say which is the later one of two
    /// versions.
    pub(super) fn rescue(&self, blobs: &[StoredBlob], files: &[PackageFile]) -> Result<(), Error> {
        let known: HashSet<BlobId> = self.listing()?.blobs().map(|blob| blob.id).collect();
        let mut unknown: Vec<&StoredBlob> = blobs.iter().filter(|blob| !known.contains(&blob.id)).collect();
        unknown.sort_by_key(|blob| (blob.committed, blob.id));
        let mut times: HashMap<String, i64> =
            files.iter().map(|file| (file.name.clone(), file.stamp.modified_ns)).collect();
        for blob in unknown {
            let bytes = self.parts.blobs.open(&blob.id)?;
            // An icon, or not whole.
            let Some((id, architecture)) = self.package_in(&bytes) else { continue };
            let name = PackagesFolder::file_name(&id, &architecture);
            let committed = since_1970_ns(blob.committed);
            let is_later = match self.parts.catalog.latest(&id, &architecture)? {
                Some(_) => times.get(&name).is_some_and(|other| *other < committed),
                None => true,
            };
            if !is_later {
                continue;
            }
            let by = "found among the blobs".into();
            let from = Provenance { origin: Origin::Start, name: blob.id.to_string(), by };
            match self.take_in(BlobReader::new(bytes), &from, Linking::Now) {
                Ok(_) => drop(times.insert(name, committed)),
                Err(Error::Refused(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Whose package it is, if it is one.
    fn package_in(&self, bytes: &Arc<dyn Blob>) -> Option<(PackageId, PackageServerToken)> {
        let examination = examine(BlobReader::new(Arc::clone(bytes)), &self.parts.limits).ok()?;
        let verified = examination.verify().ok()?;
        Some((verified.package.manifest.id.clone(), verified.architecture.package_server_token()))
    }
}
