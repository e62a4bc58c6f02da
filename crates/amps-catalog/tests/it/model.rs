//! Any sequence of changes has the same effect as on a map in memory.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use ampkg::PackageId;
use amps_arch::PackageServerToken;
use amps_catalog::SqliteCatalog;
use amps_core::{BlobId, Catalog, FileStamp, LinkState, Release, ReleaseDraft, Sequence, TagList};
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
        let same = self.releases.iter().find(|(_, (old, _))| identity(old) == identity(draft));
        let replaced: Vec<Sequence> =
            replaced.iter().copied().chain(same.map(|(sequence, _)| *sequence)).collect();
        let removed = self.take(&replaced);
        let mut file = file_of(&removed, &name(draft));
        if let Some((_, link)) = self.last_of(&name(draft)) {
            file = match *link {
                LinkState::Made(stamp) => Some(stamp),
                LinkState::Pending { replaces } => file.or(replaces),
            };
            *link = LinkState::Pending { replaces: None };
        }
        self.last += 1;
        self.generation += 1;
        let link = LinkState::Pending { replaces: file };
        self.releases.insert(Sequence(self.last), (draft.clone(), link));
        (Sequence(self.last), before.difference(&self.blobs()).copied().collect())
    }

    fn remove(&mut self, releases: &[Sequence]) -> Vec<BlobId> {
        let before = self.blobs();
        let removed = self.take(releases);
        for (draft, _) in &removed {
            let file = file_of(&removed, &name(draft));
            if let Some((_, link @ LinkState::Pending { replaces: None })) = self.last_of(&name(draft)) {
                *link = LinkState::Pending { replaces: file };
            }
        }
        self.generation += u64::from(!removed.is_empty());
        before.difference(&self.blobs()).copied().collect()
    }

    /// Those of the releases that are there, in the order of their numbers.
    fn take(&mut self, releases: &[Sequence]) -> Vec<(ReleaseDraft, LinkState)> {
        let sequences: BTreeSet<_> = releases.iter().collect();
        sequences.into_iter().filter_map(|sequence| self.releases.remove(sequence)).collect()
    }

    fn last_of(&mut self, wanted: &Name) -> Option<&mut (ReleaseDraft, LinkState)> {
        self.releases.values_mut().rfind(|(draft, _)| name(draft) == *wanted)
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

type Name = (PackageId, PackageServerToken);

/// What a file in `.packages` is called by.
fn name(draft: &ReleaseDraft) -> Name {
    (draft.facts.id.clone(), draft.facts.architecture.clone())
}

fn identity(draft: &ReleaseDraft) -> (Name, &str, &TagList) {
    (name(draft), &draft.facts.version, &draft.facts.tags)
}

/// The file that lies under a name, as far as these links tell: the last that was made, else the last that was to be replaced.
fn file_of(removed: &[(ReleaseDraft, LinkState)], wanted: &Name) -> Option<FileStamp> {
    let (mut made, mut pending) = (None, None);
    for (_, link) in removed.iter().filter(|(draft, _)| name(draft) == *wanted) {
        match *link {
            LinkState::Made(stamp) => made = Some(stamp),
            LinkState::Pending { replaces } => pending = replaces.or(pending),
        }
    }
    made.or(pending)
}

fn sequences() -> impl Strategy<Value = Vec<Sequence>> {
    vec((0..25_u64).prop_map(Sequence), 0..4)
}

fn drafts() -> impl Strategy<Value = ReleaseDraft> {
    let versions = prop_oneof![4 => prop::sample::select(vec!["", "1", "1.0"]).prop_map(str::to_owned), 1 => any::<String>()];
    let tags = prop::sample::select(vec!["", "qt:5", "qt:6,wifi"]);
    let texts = prop::collection::btree_map(any::<String>(), any::<String>(), 0..3);
    let names =
        (prop::sample::select(vec!["a", "A", "b", "a.b"]), prop::sample::select(vec!["all", "linux_arm_64"]));
    (names, 0..6_u8, prop::option::of(0..6_u8), versions, tags, texts).prop_map(
        |((id, architecture), package, icon, version, tags, names)| {
            let mut draft = draft(id, architecture, package);
            draft.facts.version.clone_from(&version);
            draft.facts.tags = tags.parse().unwrap();
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
            let expected: Vec<Release> = model.releases().into_iter().filter(same).collect();
            prop_assert_eq!(catalog.latest(id, architecture).unwrap(), expected.last().cloned());
            prop_assert_eq!(catalog.releases_of(id, architecture).unwrap(), expected);
        }
    }
}
