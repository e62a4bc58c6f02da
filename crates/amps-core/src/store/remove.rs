//! Taking releases out, and sweeping up.

use std::time::{Duration, SystemTime};

use ampkg::PackageId;
use amps_arch::PackageServerToken;

use super::{Listing, Store, audit::Wish};
use crate::{
    audit::Cause,
    error::Error,
    event::{Event, Origin},
    model::{Release, Sequence},
    packages_folder::PackagesFolder,
};

/// How old a blob that nothing refers to must be before the sweep takes it: an upload that is about to be published has one.
const SWEEP_AGE: Duration = Duration::from_hours(1);

impl Store {
    /// Removes the packages of an id, or just the one of one architecture, with all their releases; returns how many packages there
    /// were.
    pub fn remove(
        &self,
        id: &PackageId,
        architecture: Option<&PackageServerToken>,
        origin: Origin,
    ) -> Result<usize, Error> {
        self.remove_because(id, architecture, origin, &origin.into())
    }

    /// The same with more to say about whose wish it is.
    pub fn remove_because(
        &self,
        id: &PackageId,
        architecture: Option<&PackageServerToken>,
        origin: Origin,
        cause: &Cause,
    ) -> Result<usize, Error> {
        self.remove_those(origin, cause, |listing| {
            let fits = |release: &&Release| {
                architecture.is_none_or(|architecture| release.facts.architecture == *architecture)
            };
            listing.of(id).iter().filter(fits).collect()
        })
    }

    /// Removes the packages that go by a name, which is `<id>` or `<id>_<architecture>`, with all their releases; returns how many
    /// packages there were.
    pub fn remove_named(&self, name: &str, origin: Origin) -> Result<usize, Error> {
        // Both an id and an architecture may contain a `_`, so the name can be taken apart in more than one way.
        let ways = name.match_indices('_').map(|(at, _)| (name.get(..at), name.get(at + 1..)));
        let ways: Vec<(PackageId, Option<&str>)> = ways
            .chain([(Some(name), None)])
            .filter_map(|(id, architecture)| Some((id?.parse().ok()?, architecture)))
            .collect();
        self.remove_those(origin, &origin.into(), |listing| {
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
        cause: &Cause,
        meant: impl for<'l> Fn(&'l Listing) -> Vec<&'l Release>,
    ) -> Result<usize, Error> {
        let _change = self.change();
        let listing = self.listing()?;
        let releases: Vec<Release> = meant(&listing).into_iter().cloned().collect();
        self.take_out(&releases, origin, cause.into())
    }

    /// Removes one release of several. If it was the one that a package server shows, the one before takes its place. Returns
    /// whether it was there.
    pub fn remove_release(&self, release: Sequence, origin: Origin) -> Result<bool, Error> {
        self.remove_release_because(release, origin, &origin.into())
    }

    /// The same with more to say about whose wish it is.
    pub fn remove_release_because(
        &self,
        release: Sequence,
        origin: Origin,
        cause: &Cause,
    ) -> Result<bool, Error> {
        let _change = self.change();
        self.take_out_release(release, origin, cause.into())
    }

    /// The same for somebody who has the lock.
    pub(super) fn take_out_release(
        &self,
        release: Sequence,
        origin: Origin,
        wish: Wish<'_>,
    ) -> Result<bool, Error> {
        let listing = self.listing()?;
        let Some(found) = listing.releases().iter().find(|found| found.sequence == release) else {
            return Ok(false);
        };
        let (id, architecture) = (&found.facts.id, &found.facts.architecture);
        let releases = self.parts.catalog.releases_of(id, architecture)?;
        let previous = match releases.as_slice() {
            [only] if only.sequence == release => return Ok(self.take_out(&releases, origin, wish)? > 0),
            [.., previous, last] if last.sequence == release => {
                // What lies there must be known to be replaced: see there.
                self.settle_link(last)?;
                Some(previous)
            }
            _ => None,
        };
        let freed = self.remove_releases(&[release], &self.removed([found], wish))?;
        if let Some(previous) = previous {
            self.link(origin, previous.sequence, &previous.facts);
            let (id, architecture) = (id.clone(), architecture.clone());
            self.event(origin, &Event::Updated { id, architecture });
        }
        self.free(origin, &freed);
        Ok(true)
    }

    /// Removes all releases of some packages, ordered as in a list; returns how many packages. Call it under the lock.
    fn take_out(&self, releases: &[Release], origin: Origin, wish: Wish<'_>) -> Result<usize, Error> {
        if releases.is_empty() {
            return Ok(0);
        }
        let packages: Vec<&Release> =
            releases.chunk_by(Release::is_of_same_package).filter_map(<[Release]>::last).collect();
        // The files first: one that outlived its release would be adopted again at the next start.
        let unlinked = packages.iter().try_for_each(|release| {
            let name = PackagesFolder::file_name(&release.facts.id, &release.facts.architecture);
            self.parts.packages.unlink(&self.parts.packages.path().join(name))
        });
        let sequences: Vec<_> = releases.iter().map(|release| release.sequence).collect();
        let audit = self.removed(releases, wish);
        let removed = unlinked
            .map_err(Error::from)
            .and_then(|()| self.remove_releases(&sequences, &audit).map_err(Error::from));
        match removed {
            Ok(freed) => self.free(origin, &freed),
            Err(error) => {
                for release in &packages {
                    // It may have done its work: then the file of one release must not come back, without the others.
                    if let Ok(None) = self.parts.catalog.link(release.sequence) {
                        continue;
                    }
                    self.relink(origin, release.sequence, &release.facts);
                }
                self.not_removed(&packages, wish, &error);
                return Err(error);
            }
        }
        let event = |release: &&Release| Event::Removed {
            id: release.facts.id.clone(),
            architecture: release.facts.architecture.clone(),
        };
        self.parts.events.events(origin, &packages.iter().map(event).collect::<Vec<_>>());
        Ok(packages.len())
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
