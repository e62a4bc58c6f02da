//! The files in `.packages`, one for each id and architecture: that of the release that was uploaded last.

use super::Store;
use crate::{
    blob::BlobError,
    error::{Error, chain},
    event::Origin,
    model::{LinkState, Release, ReleaseFacts, Sequence},
    packages_folder::PackagesFolder,
};

impl Store {
    /// Makes the file in `.packages` for a release that is in the catalog. If that fails, the release is there all the same,
    /// and the file is made at the next start.
    pub(super) fn link(&self, origin: Origin, sequence: Sequence, facts: &ReleaseFacts) {
        let name = PackagesFolder::file_name(&facts.id, &facts.architecture);
        let file = self.parts.packages.path().join(&name);
        let exported = self.parts.blobs.export(&facts.package.id, &file).map_err(Error::from);
        if let Err(error) = exported.and_then(|()| self.note_link(sequence, facts)) {
            self.warn(origin, &name, format!("it is in the store, but not in .packages: {}", error.chain()));
        }
    }

    /// The same for a release that had its file. From now on a file that is missing is one that is still to be made, and not
    /// one that its owner deleted.
    pub(super) fn relink(&self, origin: Origin, sequence: Sequence, facts: &ReleaseFacts) {
        let pending = LinkState::Pending { replaces: None };
        if let Err(error) = self.parts.catalog.set_link(sequence, pending) {
            let name = PackagesFolder::file_name(&facts.id, &facts.architecture);
            self.warn(origin, &name, format!("the next start may take it for deleted: {}", chain(&error)));
        }
        self.link(origin, sequence, facts);
    }

    /// Makes sure that the catalog knows what lies in the place of a release that is about to be replaced.
    ///
    /// Its file may have been made without the catalog having been told. If the file of its successor cannot be made either, the
    /// next start would find a file that nobody knows, take it for a change by its owner and go back to it. Better no successor.
    pub(super) fn settle_link(&self, release: &Release) -> Result<(), Error> {
        let Some(LinkState::Pending { replaces }) = self.parts.catalog.link(release.sequence)? else {
            return Ok(());
        };
        let facts = &release.facts;
        let name = PackagesFolder::file_name(&facts.id, &facts.architecture);
        let file = self.parts.packages.path().join(&name);
        match self.parts.blobs.export(&facts.package.id, &file) {
            Ok(()) => self.note_link(release.sequence, facts),
            // Its bytes are lost: what comes now can only be better.
            Err(BlobError::NotFound { .. }) => Ok(()),
            Err(error) => match self.parts.packages.stamp(&file)? {
                // Nothing has come there that the catalog does not know.
                found if found.is_none() || found == replaces => Ok(()),
                _ => Err(error.into()),
            },
        }
    }

    fn note_link(&self, sequence: Sequence, facts: &ReleaseFacts) -> Result<(), Error> {
        let name = PackagesFolder::file_name(&facts.id, &facts.architecture);
        match self.parts.packages.stamp(&self.parts.packages.path().join(name))? {
            Some(stamp) => Ok(self.parts.catalog.set_link(sequence, LinkState::Made(stamp))?),
            None => Ok(()),
        }
    }
}
