//! Where the files in `.packages` stand.

use amps_catalog::SqliteCatalog;
use amps_core::{Catalog, FileStamp, LinkState, Sequence};

use crate::drafts::{draft, stamp};

const NOTHING: LinkState = LinkState::Pending { replaces: None };

fn replaces(stamp: FileStamp) -> LinkState {
    LinkState::Pending { replaces: Some(stamp) }
}

fn publish(catalog: &SqliteCatalog, architecture: &str, replaced: &[Sequence]) -> Sequence {
    catalog.publish(&draft("a", architecture, 1), replaced).unwrap().sequence
}

fn link(catalog: &SqliteCatalog, sequence: Sequence) -> LinkState {
    let links = catalog.links().unwrap();
    links.into_iter().find(|(found, _)| *found == sequence).unwrap().1
}

#[test]
fn a_link_begins_pending_and_comes_back_as_noted() {
    let catalog = SqliteCatalog::in_memory().unwrap();
    let first = publish(&catalog, "all", &[]);
    let second = publish(&catalog, "z", &[]);
    assert_eq!(catalog.links().unwrap(), [(first, NOTHING), (second, NOTHING)]);
    let extreme = FileStamp {
        device: u64::MAX,
        inode: 1 << 63,
        size_bytes: i64::MAX.cast_unsigned(),
        modified_ns: i64::MIN,
    };
    for state in [LinkState::Made(extreme), LinkState::Made(stamp(1)), replaces(stamp(2)), NOTHING] {
        catalog.set_link(first, state).unwrap();
        assert_eq!(catalog.links().unwrap(), [(first, state), (second, NOTHING)]);
    }
    let too_large = FileStamp { size_bytes: 1 << 63, ..extreme };
    assert_eq!(
        catalog.set_link(first, LinkState::Made(too_large)).unwrap_err().to_string(),
        "the catalog cannot note a link"
    );
    assert_eq!(link(&catalog, first), NOTHING);
}

#[test]
fn a_link_of_a_release_that_is_gone_is_passed_over() {
    let catalog = SqliteCatalog::in_memory().unwrap();
    for sequence in [1, u64::MAX] {
        catalog.set_link(Sequence(sequence), LinkState::Made(stamp(1))).unwrap();
    }
    assert_eq!(catalog.links().unwrap(), []);
}

#[test]
fn what_was_made_is_what_is_replaced() {
    let catalog = SqliteCatalog::in_memory().unwrap();
    let first = publish(&catalog, "all", &[]);
    catalog.set_link(first, LinkState::Made(stamp(1))).unwrap();
    let second = publish(&catalog, "all", &[first]);
    assert_eq!(link(&catalog, second), replaces(stamp(1)));
    // The file of the first is still there: the link of the second was never made.
    let third = publish(&catalog, "all", &[second]);
    assert_eq!(link(&catalog, third), replaces(stamp(1)));
    // The same again takes its place without being told.
    let fourth = publish(&catalog, "all", &[]);
    assert_eq!(catalog.links().unwrap(), [(fourth, replaces(stamp(1)))]);
}

#[test]
fn the_last_one_of_several_has_the_file() {
    let catalog = SqliteCatalog::in_memory().unwrap();
    let publish = |version: &str, replaced: &[Sequence]| {
        let mut draft = draft("a", "all", 1);
        draft.facts.version = version.into();
        catalog.publish(&draft, replaced).unwrap().sequence
    };
    let links = || catalog.links().unwrap();
    let (first, second) = (publish("1", &[]), publish("2", &[]));
    assert_eq!(links(), [(first, NOTHING), (second, NOTHING)]);
    catalog.set_link(second, LinkState::Made(stamp(2))).unwrap();
    let third = publish("3", &[]);
    assert_eq!(links(), [(first, NOTHING), (second, NOTHING), (third, replaces(stamp(2)))]);
    // Never made: what lies there is still that of the second.
    let fourth = publish("4", &[]);
    assert_eq!(links()[2..], [(third, NOTHING), (fourth, replaces(stamp(2)))]);
    catalog.set_link(fourth, LinkState::Made(stamp(4))).unwrap();
    // One that goes from their middle leaves the file alone.
    catalog.remove(&[third]).unwrap();
    assert_eq!(links(), [(first, NOTHING), (second, NOTHING), (fourth, LinkState::Made(stamp(4)))]);
    catalog.remove(&[fourth]).unwrap();
    assert_eq!(links(), [(first, NOTHING), (second, replaces(stamp(4)))]);
    catalog.remove(&[second]).unwrap();
    assert_eq!(links(), [(first, replaces(stamp(4)))]);
    // The old version again, with another one that goes.
    let fifth = publish("5", &[]);
    catalog.set_link(fifth, LinkState::Made(stamp(5))).unwrap();
    let again = publish("1", &[]);
    assert_eq!(links(), [(fifth, NOTHING), (again, replaces(stamp(5)))]);
    let other = catalog.publish(&draft("a", "z", 1), &[]).unwrap().sequence;
    catalog.set_link(again, LinkState::Made(stamp(6))).unwrap();
    catalog.remove(&[again, other]).unwrap();
    assert_eq!(links(), [(fifth, replaces(stamp(6)))]);
}

#[test]
fn another_architecture_has_another_file() {
    let catalog = SqliteCatalog::in_memory().unwrap();
    let all = publish(&catalog, "all", &[]);
    let native = publish(&catalog, "linux_arm_64", &[]);
    catalog.set_link(all, LinkState::Made(stamp(1))).unwrap();
    catalog.set_link(native, LinkState::Made(stamp(2))).unwrap();
    let new = publish(&catalog, "all", &[all, native]);
    assert_eq!(catalog.links().unwrap(), [(new, replaces(stamp(1)))]);
}
