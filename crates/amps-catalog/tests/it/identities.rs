//! A release is unique by id, version, architecture and tags; whatever differs in one of them stands beside.

use amps_catalog::SqliteCatalog;
use amps_core::{Catalog, ReleaseDraft};

use crate::drafts::{blob, draft};

fn tagged(version: &str, tags: &str, package: u8) -> ReleaseDraft {
    let mut draft = draft("a", "all", package);
    draft.facts.version = version.into();
    draft.facts.tags = tags.parse().unwrap();
    draft
}

#[test]
fn the_same_identity_is_replaced() {
    let catalog = SqliteCatalog::in_memory().unwrap();
    let first = catalog.publish(&tagged("1", "qt:5,wifi", 1), &[]).unwrap().sequence;
    // The same set of tags in other words; conflicts are no part of it.
    let mut again = tagged("1", "WIFI,qt:5.12,qt:5", 2);
    again.facts.conflicts = "legacy".parse().unwrap();
    let second = catalog.publish(&again, &[]).unwrap();
    assert_eq!(second.freed, [blob(1)]);
    let releases = catalog.releases().unwrap();
    assert_eq!(releases.iter().map(|release| release.sequence).collect::<Vec<_>>(), [second.sequence]);
    assert_eq!(catalog.documents(first).unwrap(), None);
    let changes = catalog.changes_since(1).unwrap().unwrap();
    assert_eq!((changes.removed, changes.added), (vec![first], releases));
}

#[test]
fn what_differs_stands_beside() {
    let catalog = SqliteCatalog::in_memory().unwrap();
    let mut drafts = vec![
        tagged("1", "", 1),
        tagged("1.0", "", 2),
        tagged("1", "qt", 3),
        tagged("1", "qt:5", 4),
        draft("a", "linux_arm_64", 5),
        draft("A", "all", 6),
    ];
    for draft in &drafts {
        assert_eq!(catalog.publish(draft, &[]).unwrap().freed, []);
    }
    assert_eq!(catalog.releases().unwrap().len(), drafts.len());
    let of = catalog.releases_of(&"a".parse().unwrap(), &"all".parse().unwrap()).unwrap();
    drafts.truncate(4);
    assert!(of.iter().map(|release| &*release.facts).eq(drafts.iter().map(|draft| &draft.facts)));
    let none = catalog.releases_of(&"b".parse().unwrap(), &"all".parse().unwrap()).unwrap();
    assert_eq!(none, []);
}

#[test]
fn malformed_tags_come_back_with_their_reason() {
    let catalog = SqliteCatalog::in_memory().unwrap();
    let mut draft = draft("a", "all", 1);
    draft.facts.malformed_tags = Some("`tags` are a map".into());
    catalog.publish(&draft, &[]).unwrap();
    assert_eq!(*catalog.releases().unwrap()[0].facts, draft.facts);
    // Malformed tags are not known.
    draft.facts.tags = "qt".parse().unwrap();
    assert!(catalog.publish(&draft, &[]).is_err());
}
