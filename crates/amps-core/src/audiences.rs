//! Of each release what decides which devices a deployment server shows it to, worked out once for all of them.
//!
//! [`crate::visible`] decides the same from the releases themselves, and can say why; here a list of a hundred thousand is
//! decided in a few milliseconds, because no release is touched and no text read.

use std::{collections::HashMap, sync::Arc};

use amps_arch::DeploymentServerToken;
use amps_tags::{KnownTag, Stated, Vocabulary};

use crate::{
    model::Release,
    view::{DeploymentDevice, order},
};

/// What decides, for each release of a list in its order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Audiences {
    rows: Vec<Audience>,
    /// Tags and conflicts of the rows. Those of releases that are gone stay until there are too many of them.
    tags: Vec<KnownTag>,
    unused_tags: usize,
    vocabulary: Arc<Vocabulary>,
    architectures: Arc<HashMap<DeploymentServerToken, usize>>,
}

#[derive(Clone, Copy, Debug)]
struct Audience {
    /// The number of its architecture; none if no device may see it: it has no architecture, or malformed tags.
    architecture: Option<usize>,
    /// Where its tags begin, with its conflicts behind them.
    start: usize,
    tags: usize,
    conflicts: usize,
    /// Among those of its id: 0 goes before all others.
    place: usize,
    is_first_of_id: bool,
}

impl Audiences {
    /// What decides of all releases of a list, which are ordered by id.
    pub(crate) fn of(releases: &[Release]) -> Self {
        let mut audiences = Self::default();
        for release in releases {
            let row = audiences.learn(release);
            audiences.rows.push(row);
        }
        let mut start = 0;
        for of_one_id in releases.chunk_by(|a, b| a.facts.id == b.facts.id) {
            audiences.place(start, of_one_id);
            start += of_one_id.len();
        }
        audiences
    }

    fn learn(&mut self, release: &Release) -> Audience {
        let facts = &release.facts;
        let start = self.tags.len();
        let vocabulary = Arc::make_mut(&mut self.vocabulary);
        self.tags.extend(vocabulary.learn(&facts.tags));
        let tags = self.tags.len() - start;
        self.tags.extend(vocabulary.learn(&facts.conflicts));
        let conflicts = self.tags.len() - start - tags;
        let architecture = facts.deployment_architecture.as_ref().filter(|_| facts.malformed_tags.is_none());
        let architecture = architecture.map(|architecture| self.number_of(architecture));
        Audience { architecture, start, tags, conflicts, place: 0, is_first_of_id: true }
    }

    fn number_of(&mut self, architecture: &DeploymentServerToken) -> usize {
        if let Some(number) = self.architectures.get(architecture) {
            return *number;
        }
        let number = self.architectures.len();
        Arc::make_mut(&mut self.architectures).insert(architecture.clone(), number);
        number
    }

    /// Puts the releases of one id into their order; `start` is where they begin. To be called when one came or went.
    pub(crate) fn place(&mut self, start: usize, of_one_id: &[Release]) {
        let mut best_first: Vec<(usize, &Release)> = of_one_id.iter().enumerate().collect();
        best_first.sort_by(|(_, a), (_, b)| order(b, a).0);
        for (place, (at, _)) in best_first.into_iter().enumerate() {
            if let Some(row) = self.rows.get_mut(start + at) {
                row.place = place;
                row.is_first_of_id = at == 0;
            }
        }
    }

    /// A release has come into the list.
    pub(crate) fn insert(&mut self, at: usize, release: &Release) {
        let row = self.learn(release);
        self.rows.insert(at, row);
    }

    /// Some have gone; told of each whether it stays.
    pub(crate) fn retain(&mut self, stays: impl Iterator<Item = bool>) {
        let (mut stays, unused) = (stays, &mut self.unused_tags);
        self.rows.retain(|row| {
            let stays = stays.next().unwrap_or(true);
            *unused += if stays { 0 } else { row.tags + row.conflicts };
            stays
        });
    }

    /// Whether most of it is about releases that are gone: then it had better be made anew.
    pub(crate) fn is_mostly_unused(&self) -> bool {
        self.unused_tags > self.tags.len() / 2
    }

    /// The places in the list of the releases that a device may see.
    pub(crate) fn visible(&self, device: &DeploymentDevice) -> Vec<usize> {
        let mut runs = vec![false; self.architectures.len()];
        for (architecture, number) in &*self.architectures {
            if let Some(runs) = runs.get_mut(*number) {
                *runs = device.runs(architecture);
            }
        }
        let stated = Stated { tags: &device.tags, conflicts: &device.conflicts };
        let verdicts = self.vocabulary.verdicts(device.rule, stated);
        let fits = |row: &Audience| {
            let runs = row.architecture.is_some_and(|number| runs.get(number) == Some(&true));
            let tags = self.tags.get(row.start..).unwrap_or_default();
            let (tags, rest) = tags.split_at_checked(row.tags).unwrap_or_default();
            runs && verdicts.fits(tags, rest.get(..row.conflicts).unwrap_or_default())
        };
        let mut visible = Vec::new();
        let mut best: Option<(usize, &Audience)> = None;
        for (at, row) in self.rows.iter().enumerate() {
            if row.is_first_of_id {
                visible.extend(best.take().map(|(at, _)| at));
            }
            if best.is_none_or(|(_, best)| row.place < best.place) && fits(row) {
                best = Some((at, row));
            }
        }
        visible.extend(best.map(|(at, _)| at));
        visible
    }
}
