//! Letting releases go that nobody will want any more.

use std::collections::HashSet;

use super::{Listing, Store, audit::Wish};
use crate::{
    audit::Cause,
    error::Error,
    event::{Event, Origin},
    model::{Release, Sequence},
    retention::{Hold, Removal, RetentionPlan, RetentionPolicy, plan_retention},
};

/// Releases that are removed at once: an upload waits for so many at most.
const AT_ONCE: usize = 128;

impl Store {
    /// What a policy does to the store at this moment. `purchased` are the releases that somebody has bought and may still fetch.
    pub fn retention_plan(
        &self,
        policy: &RetentionPolicy,
        purchased: &HashSet<Sequence>,
    ) -> Result<RetentionPlan, Error> {
        let listing = self.listing()?;
        let held = |release: &Release| self.hold(release, purchased);
        Ok(plan_retention(listing.releases(), policy, held, self.parts.clock.now()))
    }

    /// Does it. Returns what was planned, with what has really gone: what others have removed or begun to download in the meantime is
    /// not there.
    ///
    /// Each release that goes is an [`Event::Retired`]; what that changes for devices is told as other removals are. If it fails
    /// in the middle, what has gone is gone, and the next time does the rest.
    pub fn retain(
        &self,
        policy: &RetentionPolicy,
        purchased: &HashSet<Sequence>,
    ) -> Result<RetentionPlan, Error> {
        self.retain_because(policy, purchased, &Origin::Retention.into())
    }

    /// The same with more to say about whose wish it is.
    pub fn retain_because(
        &self,
        policy: &RetentionPolicy,
        purchased: &HashSet<Sequence>,
        cause: &Cause,
    ) -> Result<RetentionPlan, Error> {
        if policy.is_everything() {
            return Ok(RetentionPlan::default());
        }
        let held = |release: &Release| self.hold(release, purchased);
        let now = self.parts.clock.now();
        let plan_for = |listing: &Listing| plan_retention(listing.releases(), policy, held, now);
        let listing = self.listing()?;
        let (mut generation, mut plan) = (listing.generation(), plan_for(&listing));
        drop(listing);
        let bytes_before = plan.bytes_before;
        let mut retired = Vec::new();
        while !plan.removals.is_empty() {
            let _change = self.change();
            let listing = self.listing()?;
            if listing.generation() != generation {
                // What was superfluous may be the newest one by now.
                plan = plan_for(&listing);
            }
            let next: Vec<Removal> = plan.removals.drain(..plan.removals.len().min(AT_ONCE)).collect();
            let free: Vec<Removal> =
                next.into_iter().filter(|removal| held(&removal.release).is_none()).collect();
            let last = last_of_package(&listing, &free);
            drop(listing); // so that it is changed and not copied
            self.retire(&free, &last, cause)?;
            retired.extend(free);
            generation = self.listing()?.generation();
        }
        plan.removals = retired;
        Ok(RetentionPlan { bytes_before, ..plan })
    }

    /// Removes some releases; `last` are those of them that have a file in `.packages`. Call it under the lock.
    fn retire(&self, removals: &[Removal], last: &HashSet<Sequence>, cause: &Cause) -> Result<(), Error> {
        let wish = |removal: &Removal| Wish { cause, because: Some(removal.because) };
        let (shown, quiet): (Vec<&Removal>, Vec<&Removal>) =
            removals.iter().partition(|removal| last.contains(&removal.release.sequence));
        let sequences: Vec<Sequence> = quiet.iter().map(|removal| removal.release.sequence).collect();
        if !sequences.is_empty() {
            let audit = quiet.iter().flat_map(|removal| self.removed([&removal.release], wish(removal)));
            let freed = self.remove_releases(&sequences, &audit.collect::<Vec<_>>())?;
            self.free(Origin::Retention, &freed);
            let events: Vec<Event> = quiet.into_iter().map(event).collect();
            self.parts.events.events(Origin::Retention, &events);
        }
        // Their file is another one's from now on, or nobody's.
        for removal in shown {
            self.take_out_release(removal.release.sequence, Origin::Retention, wish(removal))?;
            self.event(Origin::Retention, &event(removal));
        }
        Ok(())
    }

    fn hold(&self, release: &Release, purchased: &HashSet<Sequence>) -> Option<Hold> {
        if purchased.contains(&release.sequence) {
            return Some(Hold::Purchased);
        }
        self.at_hand.is_read(&release.facts.package.id).then_some(Hold::Downloading)
    }
}

/// Those of some releases that were published last of their id and architecture.
fn last_of_package(listing: &Listing, removals: &[Removal]) -> HashSet<Sequence> {
    let is_last = |release: &Release| {
        let of_package = listing.of(&release.facts.id).iter().rev();
        let mut of_package = of_package.filter(|other| other.is_of_same_package(release));
        of_package.next().is_some_and(|last| last.sequence == release.sequence)
    };
    removals.iter().map(|removal| &removal.release).filter(|it| is_last(it)).map(|it| it.sequence).collect()
}

fn event(removal: &Removal) -> Event {
    let facts = &removal.release.facts;
    Event::Retired {
        id: facts.id.clone(),
        version: facts.version.clone(),
        architecture: facts.architecture.clone(),
        because: removal.because,
    }
}
