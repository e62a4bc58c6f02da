//! Finding packages again of which only the blob is left.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use super::{ReleasesKept, Store};
use crate::{
    blob::{Blob, StoredBlob},
    blob_reader::BlobReader,
    error::Error,
    examine::examine,
    packages_folder::{PackagesFolder, since_1970_ns},
};

impl Store {
    /// Gives packages that lie among the blobs, but not in `.packages`, their file there, for a start with a new catalog. That is
    /// what is left of an upload whose file could not be made, once the catalog is lost. Nothing else would tell them from
    /// garbage, and the sweep would take them. Of two versions, the later one counts; where all releases are kept, each gets a
    /// file under a name of its own, and the start takes them in by their age.
    ///
    /// Done before the catalog is written to: a start that is cut off is followed by one that does the same.
    pub(super) fn rescue(&self, blobs: &[StoredBlob]) -> Result<(), Error> {
        let files = self.parts.packages.list()?;
        // A hard link has size and time of its blob; a copy is younger.
        let linked: HashSet<(u64, i64)> =
            files.iter().map(|file| (file.stamp.size_bytes, file.stamp.modified_ns)).collect();
        let mut times: HashMap<String, i64> =
            files.into_iter().map(|file| (file.name, file.stamp.modified_ns)).collect();
        let mut unlinked: Vec<(i64, &StoredBlob)> = blobs
            .iter()
            .map(|blob| (since_1970_ns(blob.committed), blob))
            .filter(|(committed, blob)| !linked.contains(&(blob.size_bytes, *committed)))
            .collect();
        unlinked.sort_by_key(|(committed, blob)| (*committed, blob.id));
        for (committed, blob) in unlinked {
            // An icon has none, nor has what is not whole.
            let Some(name) = self.file_name_of(&self.parts.blobs.open(&blob.id)?) else { continue };
            let file = |name: &str| self.parts.packages.path().join(name);
            if self.parts.keep == ReleasesKept::All {
                self.parts.blobs.export(&blob.id, &file(&PackagesFolder::file_name_of_blob(&blob.id)))?;
            } else if times.get(&name).is_none_or(|other| *other < committed) {
                self.parts.blobs.export(&blob.id, &file(&name))?;
                times.insert(name, committed);
            }
        }
        Ok(())
    }

    /// The name of the file for a package, if it is one.
    fn file_name_of(&self, bytes: &Arc<dyn Blob>) -> Option<String> {
        let examination = examine(BlobReader::new(Arc::clone(bytes)), &self.parts.limits).ok()?;
        let verified = examination.verify().ok()?;
        let architecture = verified.architecture.package_server_token();
        Some(PackagesFolder::file_name(&verified.package.manifest.id, &architecture))
    }
}
