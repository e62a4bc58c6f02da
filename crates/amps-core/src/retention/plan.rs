//! What a policy means for a list of releases.

use std::{cmp::Reverse, collections::HashMap};

use amps_arch::{DeploymentServerToken, PackageServerToken};
use amps_tags::{PackageVersion, TagList};

use super::{Because, RetentionPolicy, Survivor};
use crate::{
    clock::Timestamp,
    model::{BlobId, BlobRef, Release},
};

/// What a policy does to a list of releases.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RetentionPlan {
    /// What goes, the one that was published first before the others.
    pub removals: Vec<Removal>,
    /// What would go, but is held.
    pub spared: Vec<Spared>,
    /// What packages and icons have now.
    pub bytes_before: u64,
    /// What they have afterwards. More than the policy allows, if the rest must stay.
    pub bytes_after: u64,
}

/// A release that goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removal {
    /// The release.
    pub release: Release,
    /// Why.
    pub because: Because,
}

/// A release that would go, but stays for now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spared {
    /// The release.
    pub release: Release,
    /// Why it would go.
    pub because: Because,
    /// Why it stays.
    pub hold: Hold,
}

/// Why a release stays for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Hold {
    /// Somebody downloads it.
    Downloading,
    /// Somebody has bought it, and may still fetch it.
    Purchased,
}

impl Hold {
    /// The reason as a stable word for machines.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Downloading => "downloading",
            Self::Purchased => "purchased",
        }
    }
}

/// Decides what goes of some releases, which are ordered by id, then architecture, then number, as a catalog gives them.
///
/// First what is not among the newest versions, then what is too old, then, as long as all are too large, the release that was
/// published first. With [`Survivor::Newest`], whatever device asks sees the same as before. The same list at the same time gives
/// the same plan.
pub fn plan_retention(
    releases: &[Release],
    policy: &RetentionPolicy,
    hold_on: impl Fn(&Release) -> Option<Hold>,
    now: Timestamp,
) -> RetentionPlan {
    let mut sizes = Sizes::of(releases);
    let mut plan = RetentionPlan { bytes_before: sizes.total, ..RetentionPlan::default() };
    let standings = standings(releases);
    let mut by_number: Vec<(&Release, Standing)> = releases.iter().zip(standings).collect();
    by_number.sort_by_key(|(release, _)| release.sequence);
    let may_go = |standing: Standing| policy.survivor == Survivor::None || !standing.is_shown();
    let mut rest = Vec::new();
    for (release, standing) in by_number {
        match policy.rule(release, standing, now).map(|because| (because, hold_on(release))) {
            None if may_go(standing) => rest.push(release),
            None => {}
            Some((because, None)) => plan.remove(release, because, &mut sizes),
            Some((because, Some(hold))) => plan.spare(release, because, hold),
        }
    }
    let most = policy.total_bytes.unwrap_or(u64::MAX);
    for release in rest {
        if sizes.total <= most {
            break;
        }
        match hold_on(release) {
            None => plan.remove(release, Because::TotalBytes, &mut sizes),
            Some(hold) => plan.spare(release, Because::TotalBytes, hold),
        }
    }
    plan.removals.sort_by_key(|removal| removal.release.sequence);
    plan.bytes_after = sizes.total;
    plan
}

impl RetentionPlan {
    fn remove(&mut self, release: &Release, because: Because, sizes: &mut Sizes) {
        sizes.remove(release);
        self.removals.push(Removal { release: release.clone(), because });
    }

    fn spare(&mut self, release: &Release, because: Because, hold: Hold) {
        self.spared.push(Spared { release: release.clone(), because, hold });
    }
}

impl RetentionPolicy {
    /// By which rule a release goes, whatever the size of all.
    fn rule(&self, release: &Release, standing: Standing, now: Timestamp) -> Option<Because> {
        let is_surplus = self.versions.is_some_and(|versions| standing.newer >= versions.get());
        if is_surplus && !standing.is_shown() {
            return Some(Because::Versions);
        }
        let may_go = self.survivor == Survivor::None || !standing.is_shown();
        let age_seconds = u64::try_from(now.0.saturating_sub(release.facts.uploaded_at.0)).unwrap_or(0);
        let is_old = self.age.is_some_and(|age| age_seconds > age.as_secs());
        (is_old && may_go).then_some(Because::Age)
    }
}

/// How a release stands among those that are for the same devices.
#[derive(Clone, Copy, Default)]
struct Standing {
    /// How many are newer.
    newer: u32,
    /// Whether it is the one of its id and architecture that was published last.
    is_last: bool,
}

impl Standing {
    /// Whether some device may be shown this one, and none of the others in its stead.
    fn is_shown(self) -> bool {
        self.newer == 0 || self.is_last
    }
}

/// What decides for which devices a release is, with its id: two for which it is the same fit the same devices, in either dialect.
#[derive(PartialEq, Eq, Hash)]
struct Audience<'r> {
    architecture: &'r PackageServerToken,
    deployment_architecture: Option<&'r DeploymentServerToken>,
    tags: &'r TagList,
    conflicts: &'r TagList,
    is_malformed: bool,
}

fn standings(releases: &[Release]) -> Vec<Standing> {
    let mut standings = Vec::with_capacity(releases.len());
    for of_one_id in releases.chunk_by(|a, b| a.facts.id == b.facts.id) {
        let start = standings.len();
        standings.extend(of_one_id.chunk_by(Release::is_of_same_package).flat_map(|package| {
            let last = package.len().saturating_sub(1);
            (0..package.len()).map(move |place| Standing { newer: 0, is_last: place == last })
        }));
        let mut audiences: HashMap<Audience<'_>, Vec<(usize, &Release)>> = HashMap::new();
        for (place, release) in of_one_id.iter().enumerate() {
            let facts = &release.facts;
            let audience = Audience {
                architecture: &facts.architecture,
                deployment_architecture: facts.deployment_architecture.as_ref(),
                tags: &facts.tags,
                conflicts: &facts.conflicts,
                is_malformed: facts.malformed_tags.is_some(),
            };
            audiences.entry(audience).or_default().push((start + place, release));
        }
        for mut members in audiences.into_values() {
            // As a deployment server prefers them (`view::order`), where all else is equal.
            members.sort_by_key(|(_, release)| {
                Reverse((PackageVersion::new(&release.facts.version), release.sequence))
            });
            for (newer, (place, _)) in (0..).zip(members) {
                if let Some(standing) = standings.get_mut(place) {
                    standing.newer = newer;
                }
            }
        }
    }
    standings
}

/// The bytes of all blobs, each counted once however many releases have it.
struct Sizes {
    users: HashMap<BlobId, usize>,
    total: u64,
}

impl Sizes {
    fn of(releases: &[Release]) -> Self {
        let mut sizes = Self { users: HashMap::with_capacity(releases.len()), total: 0 };
        for blob in releases.iter().flat_map(blobs) {
            let users = sizes.users.entry(blob.id).or_default();
            *users += 1;
            if *users == 1 {
                sizes.total = sizes.total.saturating_add(blob.size_bytes);
            }
        }
        sizes
    }

    fn remove(&mut self, release: &Release) {
        for blob in blobs(release) {
            let Some(users) = self.users.get_mut(&blob.id) else { continue };
            *users -= 1;
            if *users == 0 {
                self.total = self.total.saturating_sub(blob.size_bytes);
            }
        }
    }
}

/// The blobs of a release.
fn blobs(release: &Release) -> impl Iterator<Item = BlobRef> {
    let icon = release.facts.icon.as_ref().map(|icon| icon.blob);
    [Some(release.facts.package), icon].into_iter().flatten()
}
