//! The list that every request asks for: cheap, and never out of date with what this process has done.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use amps_core::{Clock, DeviceView, Origin, Release, Sequence, Store, Timestamp};

use crate::{
    faulty::{Faults, FaultyCatalog, When},
    world::{World, from, native, package},
};

/// A clock that somebody moves by hand.
#[derive(Default)]
struct Stopwatch(AtomicU64);

impl Stopwatch {
    fn advance(&self, milliseconds: u64) {
        self.0.fetch_add(milliseconds, Ordering::SeqCst);
    }
}

impl Clock for Stopwatch {
    fn now(&self) -> Timestamp {
        Timestamp(0)
    }

    fn elapsed(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// A store whose clock and catalog are in the test's hands; its catalog works.
fn store(world: &World) -> (Store, Arc<Stopwatch>, Arc<Faults>) {
    let (clock, faults) = (Arc::new(Stopwatch::default()), Faults::at(usize::MAX, When::Before));
    let store = world.store(|parts| {
        parts.clock = Arc::clone(&clock) as Arc<dyn Clock>;
        parts.catalog =
            Arc::new(FaultyCatalog { inner: Arc::clone(&parts.catalog), faults: Arc::clone(&faults) });
    });
    (store, clock, faults)
}

fn upload(store: &Store, bytes: &[u8]) {
    store.upload(bytes, &from()).unwrap();
}

fn ids(releases: &[Release]) -> Vec<&str> {
    releases.iter().map(|release| release.facts.id.as_str()).collect()
}

#[test]
fn asks_the_catalog_for_nothing_while_nothing_changes() {
    let world = World::with([package("a", "1").as_slice()]);
    let (store, clock, faults) = store(&world);
    let first = store.listing().unwrap();
    let calls = faults.calls();
    for _ in 0..1000 {
        assert!(Arc::ptr_eq(&first, &store.listing().unwrap()));
    }
    assert_eq!(faults.calls(), calls);
    clock.advance(100);
    // Its generation, and nothing else.
    assert!(Arc::ptr_eq(&first, &store.listing().unwrap()));
    assert_eq!(faults.calls(), calls + 1);
}

#[test]
fn what_this_process_changes_is_seen_at_once() {
    let world = World::new();
    let (store, _, _) = store(&world);
    upload(&store, &package("b", "1"));
    let first = store.listing().unwrap();
    assert_eq!(ids(first.releases()), ["b"]);
    upload(&store, &package("a", "1"));
    assert_eq!(ids(store.listing().unwrap().releases()), ["a", "b"]);
    upload(&store, &package("b", "2"));
    let listing = store.listing().unwrap();
    assert_eq!(listing.of(&"b".parse().unwrap())[0].facts.version, "2");
    store.remove(&"a".parse().unwrap(), None, Origin::Http).unwrap();
    assert_eq!(ids(store.listing().unwrap().releases()), ["b"]);
    // Whoever has a list keeps it.
    assert_eq!((ids(first.releases()), &*first.releases()[0].facts.version), (vec!["b"], "1"));
    assert_eq!(ids(listing.releases()), ["a", "b"]);
}

#[test]
fn what_another_process_changes_is_seen_after_a_tenth_of_a_second() {
    let world = World::with([package("a", "1").as_slice(), &package("b", "1")]);
    let (store, clock, _) = store(&world);
    assert_eq!(store.listing().unwrap().releases().len(), 2);
    world.catalog().remove(&[Sequence(1)]).unwrap();
    for (milliseconds, expected) in [(0, 2), (99, 2), (1, 1), (1000, 1)] {
        clock.advance(milliseconds);
        assert_eq!(store.listing().unwrap().releases().len(), expected, "{milliseconds} ms later");
    }
}

#[test]
fn a_package_that_another_process_replaced_is_looked_for_again() {
    let world = World::with([package("a", "1").as_slice()]);
    let (store, _, _) = store(&world);
    store.listing().unwrap();
    let other = world.open();
    other.upload(package("a", "2").as_slice()).unwrap();
    let found = store.package(&"a".parse().unwrap(), &DeviceView::default()).unwrap().unwrap();
    assert_eq!(found.release.facts.version, "2");
}

#[test]
fn is_what_the_catalog_says_after_any_change() {
    let world = World::new();
    let (store, clock, _) = store(&world);
    let other = world.catalog();
    let mut held = Vec::new();
    for round in 0..60 {
        let id = format!("a{}", round * 7 % 11);
        match round % 5 {
            0 => drop(store.remove(&id.parse().unwrap(), None, Origin::Http).unwrap()),
            1 => upload(&store, &native(&id, &round.to_string(), "linux-aarch64")),
            2 => {
                let last = other.releases().unwrap().pop().map(|release| release.sequence);
                other.remove(&last.into_iter().collect::<Vec<_>>()).unwrap();
                clock.advance(100);
            }
            _ => upload(&store, &package(&id, &round.to_string())),
        }
        let listing = store.listing().unwrap();
        assert_eq!(listing.releases(), other.releases().unwrap(), "round {round}");
        assert_eq!(listing.generation(), other.generation().unwrap());
        if round % 3 == 0 {
            held.push(listing);
        }
    }
}

#[test]
fn a_change_reads_only_what_has_changed() {
    let world = World::with([package("a", "1").as_slice(), &package("b", "1")]);
    let (store, _, _) = store(&world);
    let facts = |store: &Store, place: usize| Arc::clone(&store.listing().unwrap().releases()[place].facts);
    let before = facts(&store, 1);
    upload(&store, &package("a", "2"));
    assert!(Arc::ptr_eq(&before, &facts(&store, 1)), "`b` was read again");
}

#[test]
fn while_the_catalog_fails_the_list_of_before_counts_and_somebody_is_told_once() {
    let world = World::with([package("a", "1").as_slice()]);
    let (store, clock, faults) = store(&world);
    let before = store.listing().unwrap();
    world.events.take();
    faults.fail_always(true);
    for _ in 0..3 {
        clock.advance(100);
        assert!(Arc::ptr_eq(&before, &store.listing().unwrap()));
    }
    assert!(store.package(&"a".parse().unwrap(), &DeviceView::default()).unwrap().is_some());
    let expected = "warned catalog: lists are as they were before it failed: the catalog cannot generation: no space is left";
    assert_eq!(world.events.take(), [expected]);
    faults.fail_always(false);
    clock.advance(100);
    store.listing().unwrap();
    faults.fail_always(true);
    clock.advance(100);
    store.listing().unwrap();
    assert_eq!(world.events.take(), [expected]);
}

#[test]
fn an_old_list_is_not_given_out_for_a_new_one() {
    let world = World::with([package("a", "1").as_slice()]);
    let (store, _, faults) = store(&world);
    store.listing().unwrap();
    upload(&store, &package("b", "1"));
    faults.fail_always(true);
    assert!(store.listing().is_err());
    faults.fail_always(false);
    assert_eq!(ids(store.listing().unwrap().releases()), ["a", "b"]);
}
