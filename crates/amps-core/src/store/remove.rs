//! Taking releases out, and sweeping up.

use std::time::{Duration, SystemTime};

use ampkg::PackageId;
use amps_arch::PackageServerToken;

use super::{Listing, Store};
use crate::{
    error::Error,
    event::{Event, Origin},
    model::Release,
    packages_folder::PackagesFolder,
};

/// How old a blob that nothing refers to must be before the sweep takes it: an upload that is about to be published has one.
const SWEEP_AGE: Duration = Duration::from_hours(1);

impl Store {
    /// Removes the releases of an id, or just those of one architecture; returns how many there were.
    pub fn remove(
        &self,
        id: &PackageId,
        architecture: Option<&PackageServerToken>,
        origin: Origin,
    ) -> Result<usize, Error> {
        self.remove_those(origin, |listing| {
            let fits = |release: &&Release| {
                architecture.is_none_or(|architecture| release.facts.architecture == *architecture)
            };
            listing.of(id).iter().filter(fits).collect()
        })
    }

    /// Removes the releases that go by a name, which is `<id>` or `<id>_<architecture>`; returns how many there were.
    pub fn remove_named(&self, name: &str, origin: Origin) -> Result<usize, Error> {
        // Both an id and an architecture may contain a `_`, so the name can be taken apart in more than one way.
        let ways = name.match_indices('_').map(|(at, _)| (name.get(..at), name.get(at + 1..)));
        let ways: Vec<(PackageId, Option<&str>)> = ways
            .chain([(Some(name), None)])
            .filter_map(|(id, architecture)| Some((id?.parse().ok()?, architecture)))
            .collect();
        self.remove_those(origin, |listing| {
            let mut meant = Vec::new();
            for (id, architecture) in &ways {
                meant.extend(listing.of(id).iter().filter(|release| {
                    architecture
                        .is_none_or(|architecture| release.facts.architecture.as_str() == architecture)
                }));
            }
            meant
        })
    }

    fn remove_those(
        &self,
        origin: Origin,
        meant: impl for<'l> Fn(&'l Listing) -> Vec<&'l Release>,
    ) -> Result<usize, Error> {
        let _change = self.change();
        let listing = self.listing()?;
        let releases = meant(&listing);
        if releases.is_empty() {
            return Ok(0);
        }
        // The files first: one that outlived its release would be adopted again at the next start.
        let unlinked = releases.iter().try_for_each(|release| {
            let name = PackagesFolder::file_name(&release.facts.id, &release.facts.architecture);
            self.parts.packages.unlink(&self.parts.packages.path().join(name))
        });
        let sequences: Vec<_> = releases.iter().map(|release| release.sequence).collect();
        let removed = unlinked
            .map_err(Error::from)
            .and_then(|()| self.remove_releases(&sequences).map_err(Error::from));
        match removed {
            Ok(freed) => self.free(origin, &freed),
            Err(error) => {
                for release in &releases {
                    self.relink(origin, release.sequence, &release.facts);
                }
                return Err(error);
            }
        }
        let event = |release: &&Release| Event::Removed {
            id: release.facts.id.clone(),
            architecture: release.facts.architecture.clone(),
        };
        self.parts.events.events(origin, &releases.iter().map(event).collect::<Vec<_>>());
        Ok(releases.len())
    }

    /// Removes blobs that no release refers to and that have been there for more than an hour before `now`; returns how many.
    pub fn sweep(&self, now: SystemTime) -> Result<usize, Error> {
        let _change = self.change();
        let known = self.parts.catalog.blobs()?;
        let mut removed = 0;
        for blob in self.parts.blobs.list()? {
            let is_old = now.duration_since(blob.committed).is_ok_and(|age| age > SWEEP_AGE);
            if is_old && !known.contains(&blob.id) {
                self.parts.blobs.remove(&blob.id)?;
                removed += 1;
            }
        }
        Ok(removed)
    }
}
