//! The number that grows with every change, for everybody.

use std::thread;

use amps_catalog::SqliteCatalog;
use amps_core::{Catalog, Changes, LinkState, Sequence};
use rusqlite::Connection;

use crate::drafts::{draft, stamp};

#[test]
fn grows_with_changes_only() {
    let catalog = SqliteCatalog::in_memory().unwrap();
    let check = |expected| assert_eq!(catalog.generation().unwrap(), expected);
    check(0);
    let first = catalog.publish(&draft("a", "all", 1), &[]).unwrap().sequence;
    check(1);
    catalog.set_link(first, LinkState::Made(stamp(1))).unwrap();
    check(1);
    let second = catalog.publish(&draft("a", "all", 2), &[first]).unwrap().sequence;
    check(2);
    catalog.remove(&[first, Sequence(77)]).unwrap();
    catalog.remove(&[]).unwrap();
    check(2);
    catalog.remove(&[second]).unwrap();
    check(3);
}

#[test]
fn two_catalogs_on_one_file_see_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.db");
    let one = SqliteCatalog::open(&path).unwrap();
    let other = SqliteCatalog::open(&path).unwrap();
    assert_eq!((one.generation().unwrap(), other.generation().unwrap()), (0, 0));
    let first = one.publish(&draft("a", "all", 1), &[]).unwrap().sequence;
    assert_eq!(other.generation().unwrap(), 1);
    assert_eq!(other.releases().unwrap(), one.releases().unwrap());
    other.remove(&[first]).unwrap();
    assert_eq!(one.generation().unwrap(), 2);
    assert_eq!(one.releases().unwrap(), []);
}

#[test]
fn threads_and_catalogs_take_turns() {
    const THREADS: u64 = 6;
    const EACH: u64 = 20;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.db");
    // Also the opening: all of them find an empty file and want to migrate it.
    thread::scope(|scope| {
        for number in 0..THREADS {
            let path = &path;
            scope.spawn(move || {
                let catalog = SqliteCatalog::open(path).unwrap();
                for version in 0..EACH {
                    let before = catalog.generation().unwrap();
                    let mut draft = draft(&format!("a{number}"), "all", 1);
                    draft.facts.version = version.to_string();
                    catalog.publish(&draft, &[]).unwrap();
                    assert!(catalog.generation().unwrap() > before);
                    assert!(catalog.releases().unwrap().is_sorted_by_key(|release| release.facts.id.clone()));
                }
            });
        }
    });
    let catalog = SqliteCatalog::open(&path).unwrap();
    assert_eq!(catalog.generation().unwrap(), THREADS * EACH);
    let sequences: Vec<u64> = catalog.links().unwrap().iter().map(|(sequence, _)| sequence.0).collect();
    assert_eq!(sequences, (1..=THREADS * EACH).collect::<Vec<_>>());
    thread::scope(|scope| {
        for number in 0..THREADS {
            let catalog = &catalog;
            scope.spawn(move || {
                for _ in 0..EACH {
                    catalog.publish(&draft(&format!("b{number}"), "all", 1), &[]).unwrap();
                    catalog.releases().unwrap();
                }
            });
        }
    });
    assert_eq!(catalog.generation().unwrap(), 2 * THREADS * EACH);
}

#[test]
fn changes_are_known_for_a_thousand_generations() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.db");
    let catalog = SqliteCatalog::open(&path).unwrap();
    let mut last = Sequence(0);
    for number in 0..1005_u16 {
        last =
            catalog.publish(&draft("a", "all", u8::try_from(number % 7).unwrap()), &[last]).unwrap().sequence;
    }
    assert_eq!(catalog.changes_since(4).unwrap(), None);
    assert_eq!(catalog.changes_since(5).unwrap().unwrap().added.len(), 1);
    assert_eq!(catalog.changes_since(1004).unwrap().unwrap().removed, [Sequence(1004)]);
    let none = Changes { generation: 1005, removed: vec![], added: vec![] };
    assert_eq!(catalog.changes_since(1005).unwrap(), Some(none));
    // One that never was: the file was put back from a copy.
    assert_eq!(catalog.changes_since(1006).unwrap(), None);
    assert_eq!(catalog.changes_since(u64::MAX).unwrap(), None);
    // A gap, as a version leaves that knows nothing of this table.
    Connection::open(&path).unwrap().execute("DELETE FROM changes WHERE generation = 500", []).unwrap();
    assert_eq!(catalog.changes_since(499).unwrap(), None);
    assert!(catalog.changes_since(500).unwrap().is_some());
}
