//! Any sequence of changes has the same effect as on a map in memory.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use amps_catalog::SqliteCatalog;
use amps_core::{BlobId, Catalog, FileStamp, LinkState, Release, ReleaseDraft, Sequence};
use proptest::{collection::vec, prelude::*};

use crate::drafts::{draft, stamp, with_icon};

#[derive(Clone, Debug)]
enum Change {
    Publish { draft: Box<ReleaseDraft>, replaced: Vec<Sequence> },
    Remove(Vec<Sequence>),
    SetLink(Sequence, LinkState),
}

/// The simplest catalog that can be.
#[derive(Default)]
struct Model {
    releases: BTreeMap<Sequence, (ReleaseDraft, LinkState)>,
    last: u64,
    generation: u64,
}

impl Model {
    fn blobs(&self) -> BTreeSet<BlobId> {
        let blobs = self.releases.values().flat_map(|(draft, _)| {
            let icon = draft.facts.icon.as_ref().map(|icon| icon.blob.id);
            [Some(draft.facts.package.id), icon]
        });
        blobs.flatten().collect()
    }

    fn publish(&mut self, draft: &ReleaseDraft, replaced: &[Sequence]) -> (Sequence, Vec<BlobId>) {
        let before = self.blobs();
        let name = |draft: &ReleaseDraft| (draft.facts.id.clone(), draft.facts.architecture.clone());
        let (mut made, mut pending): (Option<FileStamp>, Option<FileStamp>) = (None, None);
        for sequence in replaced.iter().collect::<BTreeSet<_>>() {
            match self.releases.remove(sequence) {
                Some((old, link)) if name(&old) == name(draft) => match link {
                    LinkState::Made(stamp) => made = Some(stamp),
                    LinkState::Pending { replaces } => pending = replaces.or(pending),
                },
                _ => {}
            }
        }
        self.last += 1;
        self.generation += 1;
        let link = LinkState::Pending { replaces: made.or(pending) };
        self.releases.insert(Sequence(self.last), (draft.clone(), link));
        (Sequence(self.last), before.difference(&self.blobs()).copied().collect())
    }

    fn remove(&mut self, releases: &[Sequence]) -> Vec<BlobId> {
        let before = (self.blobs(), self.releases.len());
        self.releases.retain(|sequence, _| !releases.contains(sequence));
        self.generation += u64::from(self.releases.len() < before.1);
        before.0.difference(&self.blobs()).copied().collect()
    }

    fn releases(&self) -> Vec<Release> {
        let releases = self.releases.iter();
        let mut releases: Vec<Release> = releases
            .map(|(sequence, (draft, _))| Release {
                sequence: *sequence,
                facts: Arc::new(draft.facts.clone()),
            })
            .collect();
        releases.sort_by(|a, b| {
            let key = |release: &Release| {
                (release.facts.id.clone(), release.facts.architecture.clone(), release.sequence)
            };
            key(a).cmp(&key(b))
        });
        releases
    }

    fn links(&self) -> Vec<(Sequence, LinkState)> {
        self.releases.iter().map(|(sequence, (_, link))| (*sequence, *link)).collect()
    }
}

fn sequences() -> impl Strategy<Value = Vec<Sequence>> {
    vec((0..25_u64).prop_map(Sequence), 0..4)
}

fn drafts() -> impl Strategy<Value = ReleaseDraft> {
    let texts = prop::collection::btree_map(any::<String>(), any::<String>(), 0..3);
    let names =
        (prop::sample::select(vec!["a", "A", "b", "a.b"]), prop::sample::select(vec!["all", "linux_arm_64"]));
    (names, 0..6_u8, prop::option::of(0..6_u8), any::<String>(), texts).prop_map(
        |((id, architecture), package, icon, version, names)| {
            let mut draft = draft(id, architecture, package);
            draft.facts.version.clone_from(&version);
            draft.facts.names = names;
            draft.documents.manifest = version;
            icon.map_or(draft.clone(), |icon| with_icon(draft, icon))
        },
    )
}

fn changes() -> impl Strategy<Value = Change> {
    let link = prop_oneof![
        (0..9_u64).prop_map(|number| LinkState::Made(stamp(number))),
        prop::option::of(0..9_u64).prop_map(|number| LinkState::Pending { replaces: number.map(stamp) }),
    ];
    prop_oneof![
        5 => (drafts(), sequences())
            .prop_map(|(draft, replaced)| Change::Publish { draft: Box::new(draft), replaced }),
        2 => sequences().prop_map(Change::Remove),
        2 => ((0..25_u64).prop_map(Sequence), link).prop_map(|(sequence, link)| Change::SetLink(sequence, link)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn behaves_like_a_map(changes in vec(changes(), 1..30)) {
        let catalog = SqliteCatalog::in_memory().unwrap();
        let mut model = Model::default();
        let mut lists = vec![(0, Vec::new())];
        for change in changes {
            match change {
                Change::Publish { draft, replaced } => {
                    let done = catalog.publish(&draft, &replaced).unwrap();
                    prop_assert_eq!((done.sequence, done.freed), model.publish(&draft, &replaced));
                }
                Change::Remove(releases) => {
                    prop_assert_eq!(catalog.remove(&releases).unwrap(), model.remove(&releases));
                }
                Change::SetLink(sequence, link) => {
                    catalog.set_link(sequence, link).unwrap();
                    if let Some((_, state)) = model.releases.get_mut(&sequence) {
                        *state = link;
                    }
                }
            }
            prop_assert_eq!(catalog.releases().unwrap(), model.releases());
            prop_assert_eq!(catalog.links().unwrap(), model.links());
            prop_assert_eq!(catalog.blobs().unwrap().into_iter().collect::<BTreeSet<_>>(), model.blobs());
            prop_assert_eq!(catalog.generation().unwrap(), model.generation);
            lists.push((model.generation, model.releases()));
        }
        // From every list there was, the changes lead to the last one.
        for (generation, mut list) in lists {
            let changes = catalog.changes_since(generation).unwrap().unwrap();
            list.retain(|release| !changes.removed.contains(&release.sequence));
            list.extend(changes.added);
            list.sort_by_key(|release| release.sequence);
            let mut expected = model.releases();
            expected.sort_by_key(|release| release.sequence);
            prop_assert_eq!((changes.generation, list), (model.generation, expected));
        }
        for (sequence, (draft, _)) in &model.releases {
            prop_assert_eq!(catalog.documents(*sequence).unwrap(), Some(draft.documents.clone()));
            let (id, architecture) = (&draft.facts.id, &draft.facts.architecture);
            let same = |other: &Release| other.facts.id == *id && other.facts.architecture == *architecture;
            let expected = model.releases().into_iter().rfind(same);
            prop_assert_eq!(catalog.latest(id, architecture).unwrap(), expected);
        }
    }
}
