//! Taking in what a user did to `.packages` while the store was closed.

use std::{
    collections::{BTreeMap, HashSet},
    fs::File,
};

use super::{
    Provenance, Store,
    upload::{Linking, Upload, UploadResult},
};
use crate::{
    error::Error,
    event::{Event, Origin},
    model::{LinkState, Release, ReleaseFacts},
    packages_folder::{PackageFile, PackagesFolder},
};

/// A release in whose place a file lies that is to be read.
pub(super) struct Changed {
    pub(super) release: Release,
    /// What becomes of it if that file is no version of its package.
    pub(super) otherwise: Otherwise,
}

/// What becomes of a release when something else lies in its place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Otherwise {
    /// Its file is made: it never was.
    Keep,
    /// It goes: somebody put the other one there instead.
    Forget,
}

impl Store {
    /// Takes in files that lie in `.packages`. `changed` has the releases in whose place some of them lie, by the file's name.
    ///
    /// Nothing is written to the folder before all of them are read: a package that was found under one name may have to go
    /// where another one lies. If the process ends in between, the next start finds the same.
    pub(super) fn adopt(
        &self,
        files: Vec<PackageFile>,
        changed: &BTreeMap<String, Changed>,
    ) -> Result<(), Error> {
        let mut adopted = BTreeMap::new();
        let mut unread = HashSet::new();
        let mut kept = HashSet::new();
        let mut misnamed = Vec::new();
        for file in files {
            match self.read(&file) {
                Ok(upload) => {
                    let name = PackagesFolder::file_name(&upload.id, &upload.architecture);
                    if name != file.name {
                        misnamed.push((file, name.clone()));
                    }
                    adopted.insert(name, upload);
                }
                // The file stays for its owner to look at, but what stood for the release is not there any more.
                Err(Error::Refused(_)) => {}
                // It could not be read: that says nothing about it, and the next start tries again.
                Err(Error::Io { .. } | Error::Source(_)) => drop(unread.insert(file.name)),
                Err(error) => return Err(error),
            }
        }
        for (name, Changed { release, otherwise }) in changed {
            match otherwise {
                _ if adopted.contains_key(name) || unread.contains(name) => {}
                Otherwise::Forget => self.forget(release)?,
                Otherwise::Keep => {
                    self.link(Origin::Start, release.sequence, &release.facts);
                    self.added(&release.facts);
                    kept.insert(name);
                }
            }
        }
        self.link_adopted(
            adopted.iter().filter(|(name, _)| !unread.contains(*name)).map(|(_, upload)| upload),
        )?;
        // These are there under their proper names now; another package may have got theirs.
        let is_leftover = |(file, name): &&(PackageFile, String)| {
            !adopted.contains_key(&file.name) && !kept.contains(&file.name) && !unread.contains(name)
        };
        misnamed
            .iter()
            .filter(is_leftover)
            .try_for_each(|(file, _)| Ok(self.parts.packages.unlink(&file.path)?))
    }

    /// Takes the content of a file in; its name stays as it is.
    fn read(&self, file: &PackageFile) -> Result<Upload, Error> {
        let source = File::open(&file.path).map_err(|source| {
            let error = Error::Io { action: "open", path: file.path.clone(), source };
            self.event(Origin::Start, &Event::Refused { name: file.name.clone(), reason: error.chain() });
            error
        })?;
        let by = "found in .packages".into();
        let from = Provenance { origin: Origin::Start, name: file.name.clone(), by };
        self.take_in(source, &from, Linking::Later)
    }

    fn link_adopted<'u>(&self, uploads: impl Iterator<Item = &'u Upload> + Clone) -> Result<(), Error> {
        let _change = self.change();
        let latest = |upload: &Upload| self.parts.catalog.latest(&upload.id, &upload.architecture);
        // First all of them: writing one file may overwrite what looks as if it stood for another one.
        for upload in uploads.clone().filter(|upload| upload.result == UploadResult::Unchanged) {
            if let Some(release) = latest(upload)? {
                self.parts.catalog.set_link(release.sequence, LinkState::Pending { replaces: None })?;
            }
        }
        for upload in uploads {
            if let Some(release) = latest(upload)? {
                self.link(Origin::Start, release.sequence, &release.facts);
            }
        }
        Ok(())
    }

    /// Drops a release whose file is gone.
    pub(super) fn forget(&self, release: &Release) -> Result<(), Error> {
        let _change = self.change();
        let freed = self.remove_releases(&[release.sequence])?;
        self.free(Origin::Start, &freed);
        let (id, architecture) = (release.facts.id.clone(), release.facts.architecture.clone());
        self.event(Origin::Start, &Event::Removed { id, architecture });
        Ok(())
    }

    /// Tells of a release that is there.
    pub(super) fn added(&self, facts: &ReleaseFacts) {
        let (id, architecture) = (facts.id.clone(), facts.architecture.clone());
        self.event(Origin::Start, &Event::Added { id, architecture });
    }
}
