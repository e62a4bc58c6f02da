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
    audit::Cause,
    error::Error,
    event::{Event, Origin},
    model::{LinkState, Release, ReleaseFacts, Sequence},
    packages_folder::{PackageFile, PackagesFolder},
};

/// A package in whose place a file lies that is to be read.
pub(super) struct Changed {
    /// The release whose file it was.
    pub(super) latest: Release,
    /// The ones before it, if several are kept.
    pub(super) older: Vec<Release>,
    /// What becomes of them if that file is no version of the package.
    pub(super) otherwise: Otherwise,
}

/// What becomes of a package when something else lies in its place.
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
        // Releases in whose place something else may lie, but whose bytes were found.
        let mut intact = HashSet::new();
        for file in files {
            let instead_of = changed.get(&file.name).filter(|changed| changed.otherwise == Otherwise::Forget);
            let instead_of = instead_of.map(|changed| changed.latest.sequence);
            match self.read(&file, instead_of.filter(|release| !intact.contains(release))) {
                Ok(upload) => {
                    let name = PackagesFolder::file_name(&upload.id, &upload.architecture);
                    if upload.result == UploadResult::Unchanged {
                        let latest = self.parts.catalog.latest(&upload.id, &upload.architecture)?;
                        intact.extend(latest.map(|release| release.sequence));
                    }
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
        for (name, Changed { latest, older, otherwise }) in changed {
            match otherwise {
                _ if unread.contains(name) => {}
                // Its own file was no version of the package, but another one was: what it had is gone, and may have been overwritten.
                Otherwise::Forget if adopted.contains_key(name) && !intact.contains(&latest.sequence) => {
                    self.drop_releases(&[latest])?;
                }
                _ if adopted.contains_key(name) => {}
                Otherwise::Forget => self.forget(latest, older)?,
                Otherwise::Keep => {
                    self.link(Origin::Start, latest.sequence, &latest.facts);
                    self.added(&latest.facts);
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
    fn read(&self, file: &PackageFile, instead_of: Option<Sequence>) -> Result<Upload, Error> {
        let by = "found in .packages".into();
        let cause = Origin::Start.into();
        let from = Provenance { origin: Origin::Start, name: file.name.clone(), by, cause };
        let source = File::open(&file.path).map_err(|source| {
            let error = Error::Io { action: "open", path: file.path.clone(), source };
            self.refused(&from, &error);
            error
        })?;
        self.take_in(source, &from, Linking::Later { instead_of })
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

    /// Drops releases, those that are still there, and says nothing about it.
    pub(super) fn drop_releases(&self, releases: &[&Release]) -> Result<(), Error> {
        let _change = self.change();
        let sequences: Vec<Sequence> = releases.iter().map(|release| release.sequence).collect();
        let cause: Cause = Origin::Start.into();
        let audit = self.removed(releases.iter().copied(), (&cause).into());
        let freed = self.remove_releases(&sequences, &audit)?;
        self.free(Origin::Start, &freed);
        Ok(())
    }

    /// Drops a package whose file is gone, with all its releases: whoever deletes the file wants the package gone, and not another
    /// version in its place.
    pub(super) fn forget(&self, latest: &Release, older: &[Release]) -> Result<(), Error> {
        self.drop_releases(&older.iter().chain([latest]).collect::<Vec<_>>())?;
        let (id, architecture) = (latest.facts.id.clone(), latest.facts.architecture.clone());
        self.event(Origin::Start, &Event::Removed { id, architecture });
        Ok(())
    }

    /// Tells of a release that is there.
    pub(super) fn added(&self, facts: &ReleaseFacts) {
        let (id, architecture) = (facts.id.clone(), facts.architecture.clone());
        self.event(Origin::Start, &Event::Added { id, architecture });
    }
}
