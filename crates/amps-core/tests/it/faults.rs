//! A disk and a catalog that fail, at every single step.

use std::{fs, sync::Arc};

use amps_core::{BlobStore, Catalog, Error, LinkState, Origin};

use crate::{
    faulty::{Faults, FaultyBlobs, FaultyCatalog, When},
    world::{Open, World, age, look, native, package, put},
};

/// Opens a store in which a call fails.
pub(crate) fn open_with(world: &World, faults: &Arc<Faults>) -> Result<Open, Error> {
    let catalog: Arc<dyn Catalog> =
        Arc::new(FaultyCatalog { inner: world.catalog(), faults: Arc::clone(faults) });
    let blobs: Arc<dyn BlobStore> =
        Arc::new(FaultyBlobs { inner: world.blobs(), faults: Arc::clone(faults) });
    world.try_open(catalog, blobs)
}

/// How many calls opening a world takes.
fn calls_to_open(world: &World) -> usize {
    let faults = Faults::at(usize::MAX, When::Before);
    open_with(world, &faults).unwrap();
    faults.calls()
}

/// Does something to a fresh copy of a world, once for every call that can fail, until none does. The store then has the releases
/// from `before` or those from `after`, and whoever did it knows which.
pub(crate) fn at_every_call(
    make: impl Fn() -> World,
    act: impl Fn(&Open) -> Result<(), Error>,
    before: &[&str],
    after: &[&str],
) {
    for when in [When::Before, When::After] {
        let skipped = calls_to_open(&make());
        for call in skipped + 1.. {
            let world = make();
            let looks = look(&world);
            let faults = Faults::at(call, when);
            let open = open_with(&world, &faults).unwrap();
            let done = act(&open);
            drop(open);
            let Some(step) = faults.failed() else {
                done.unwrap();
                assert!(call > skipped + 3, "hardly anything was called");
                break;
            };
            let what = format!("`{step}` failed, call {}, {when:?} its work", call - skipped);
            if done.is_err() && when == When::Before {
                assert_eq!(look(&world), looks, "{what}");
            }
            let open = world.open();
            open.assert_consistent(&world);
            let releases = open.releases();
            match (done, when) {
                (Ok(()), _) => assert_eq!(releases, after, "{what}"),
                (Err(_), When::Before) => assert_eq!(releases, before, "{what}"),
                // Nobody can know whether what gave no answer has done its work.
                (Err(_), When::After) => {
                    assert!(releases == before || releases == after, "{what}: {releases:?}");
                }
            }
            drop(open);
            assert_eq!(world.open().releases(), releases, "{what}");
        }
    }
}

#[test]
fn an_upload_happens_wholly_or_not_at_all() {
    let (old, new) = (package("a", "1"), package("a", "2"));
    for (there, before) in [(vec![], &[][..]), (vec![&*old], &["a [all] 1"]), (vec![&*new], &["a [all] 2"])] {
        let upload = |open: &Open| open.upload(new.as_slice()).map(drop);
        at_every_call(|| World::with(there.clone()), upload, before, &["a [all] 2"]);
    }
}

#[test]
fn a_removal_happens_wholly_or_not_at_all() {
    let packages = [package("a", "1"), native("a", "2", "linux-aarch64"), package("b", "1")];
    at_every_call(
        || World::with(packages.iter().map(Vec::as_slice)),
        |open| open.store.remove(&"a".parse().unwrap(), None, Origin::Http).map(drop),
        &["a [all] 1", "a [linux_arm_64] 2", "b [all] 1"],
        &["b [all] 1"],
    );
}

#[test]
fn a_refusal_is_a_refusal_whatever_fails() {
    let bytes = crate::world::fixture("packages", "bad/tampered-file.ampkg");
    let make = || World::with([package("a", "1").as_slice()]);
    for call in calls_to_open(&make()) + 1.. {
        let world = make();
        let before = look(&world);
        let faults = Faults::at(call, When::Before);
        let open = open_with(&world, &faults).unwrap();
        open.upload(bytes.as_slice()).unwrap_err();
        drop(open);
        assert_eq!(look(&world), before);
        if faults.failed().is_none() {
            break;
        }
    }
}

/// Makes a world that gives a start something to do, and says what.
type Disorder = (&'static str, fn() -> World);

fn worlds_in_disorder() -> Vec<Disorder> {
    fn two() -> World {
        World::with([package("a", "1").as_slice(), &package("b", "1")])
    }
    fn without(world: &World, folder: &str) {
        fs::remove_dir_all(world.path().join(folder)).unwrap();
    }
    vec![
        ("deleted", || {
            let world = two();
            fs::remove_file(world.file("a_all.ampkg")).unwrap();
            world
        }),
        ("replaced", || {
            let world = two();
            fs::remove_file(world.file("a_all.ampkg")).unwrap();
            put(world.file("a_all.ampkg"), package("a", "2"));
            world
        }),
        ("became another package", || {
            let world = two();
            fs::remove_file(world.file("a_all.ampkg")).unwrap();
            put(world.file("a_all.ampkg"), package("c", "1"));
            world
        }),
        ("became garbage", || {
            let world = two();
            fs::remove_file(world.file("a_all.ampkg")).unwrap();
            put(world.file("a_all.ampkg"), "garbage");
            world
        }),
        ("swapped", || {
            let world = two();
            fs::rename(world.file("a_all.ampkg"), world.file("c")).unwrap();
            fs::rename(world.file("b_all.ampkg"), world.file("a_all.ampkg")).unwrap();
            fs::rename(world.file("c"), world.file("b_all.ampkg")).unwrap();
            world
        }),
        ("added", || {
            let world = two();
            put(world.file("any name.ampkg"), package("a", "2"));
            put(world.file("another.ampkg"), package("c", "1"));
            world
        }),
        ("an older copy, and a new file", || {
            let world = two();
            fs::rename(world.file("a_all.ampkg"), world.file("copy.ampkg")).unwrap();
            age(&world.file("copy.ampkg"), 1000);
            put(world.file("a_all.ampkg"), package("a", "2"));
            world
        }),
        ("touched", || {
            let world = two();
            age(&world.file("a_all.ampkg"), 1000);
            world
        }),
        ("blobs lost", || {
            let world = two();
            without(&world, ".amps/blobs");
            world
        }),
        ("files and blobs lost", || {
            let world = two();
            without(&world, ".amps/blobs");
            without(&world, ".packages");
            world
        }),
        ("everything but the files lost", || {
            let world = two();
            without(&world, ".amps");
            world
        }),
        ("catalog lost, and a package that is only a blob", || {
            let world = two();
            let (sequence, _) = world.catalog().links().unwrap()[0];
            world.catalog().set_link(sequence, LinkState::Pending { replaces: None }).unwrap();
            fs::remove_file(world.file("a_all.ampkg")).unwrap();
            fs::remove_file(world.path().join(".amps/catalog.db")).unwrap();
            world
        }),
        ("never linked", || {
            let world = two();
            let catalog = world.catalog();
            let (sequence, _) = catalog.links().unwrap()[0];
            catalog.set_link(sequence, LinkState::Pending { replaces: None }).unwrap();
            fs::remove_file(world.file("a_all.ampkg")).unwrap();
            world
        }),
    ]
}

#[test]
fn a_start_that_fails_loses_nothing_for_the_next_one() {
    for (name, make) in worlds_in_disorder() {
        let world = make();
        let expected = world.open().releases();
        let files = world.names();
        for when in [When::Before, When::After] {
            for call in 1.. {
                let world = make();
                let faults = Faults::at(call, when);
                let opened = open_with(&world, &faults).map(drop);
                let Some(step) = faults.failed() else {
                    opened.unwrap();
                    break;
                };
                let what = format!("{name}: `{step}` failed, call {call}, {when:?} its work");
                let open = world.open();
                assert_eq!(open.releases(), expected, "{what}");
                assert_eq!(world.names(), files, "{what}");
                if name != "became garbage" {
                    open.assert_consistent(&world);
                }
            }
        }
    }
}

#[test]
fn an_update_after_an_update_that_went_wrong_does_not_go_back() {
    const STEPS: [&str; 4] = ["link", "export", "set_link", "publish"];
    let versions = ["1", "2", "3"].map(|version| package("a", version));
    for first in ["export", "set_link"] {
        for (second, third) in STEPS.iter().flat_map(|second| STEPS.map(|third| (*second, third))) {
            for when in [When::Before, When::After] {
                let world = World::new();
                let faults = Faults::at(usize::MAX, When::Before);
                let open = open_with(&world, &faults).unwrap();
                // Whatever comes: the file of version 1 was made or not, and nobody noted it.
                faults.fail_in_turn(&[(first, when), (second, when), (third, when)]);
                let mut possible = vec![];
                for version in &versions {
                    let done = open.upload(version.as_slice());
                    if done.is_ok() {
                        possible.clear();
                    }
                    if done.is_ok() || when == When::After {
                        possible.push(Some(version.clone()));
                    }
                }
                assert!(faults.to_come() < 2, "`{second}` was not called");
                drop(open);
                let open = world.open();
                let what = format!("`{first}`, `{second}`, `{third}` failed, {when:?} their work");
                assert!(possible.contains(&open.download("a")), "{what}: {:?}", open.releases());
                open.assert_consistent(&world);
            }
        }
    }
}
