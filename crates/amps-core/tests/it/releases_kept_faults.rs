//! A disk and a catalog that fail at every single step, while several releases of a package are kept.

use std::fs;

use amps_core::Origin;

use crate::{
    faults::{at_every_call, open_with},
    faulty::{Faults, When},
    world::{World, age, overwrite, package, put},
};

fn three() -> World {
    World::keeping_all().after([package("a", "1").as_slice(), &package("a", "2"), &package("b", "1")])
}

#[test]
fn an_upload_beside_others_happens_wholly_or_not_at_all() {
    for (version, after) in [
        ("3", ["a [all] 1", "a [all] 2", "a [all] 3", "b [all] 1"].as_slice()),
        ("1", &["a [all] 2", "a [all] 1", "b [all] 1"]),
    ] {
        let bytes = package("a", version);
        let before = ["a [all] 1", "a [all] 2", "b [all] 1"];
        at_every_call(three, |open| open.upload(bytes.as_slice()).map(drop), &before, after);
    }
}

#[test]
fn a_removal_of_one_of_several_happens_wholly_or_not_at_all() {
    let before = ["a [all] 1", "a [all] 2", "b [all] 1"];
    for (version, after) in [("1", ["a [all] 2", "b [all] 1"]), ("2", ["a [all] 1", "b [all] 1"])] {
        at_every_call(
            three,
            |open| {
                let listing = open.store.listing()?;
                let release = listing.releases().iter().find(|found| found.facts.version == version).unwrap();
                open.store.remove_release(release.sequence, Origin::Http).map(drop)
            },
            &before,
            &after,
        );
    }
}

#[test]
fn a_removal_of_all_happens_wholly_or_not_at_all() {
    at_every_call(
        three,
        |open| open.store.remove(&"a".parse().unwrap(), None, Origin::Http).map(drop),
        &["a [all] 1", "a [all] 2", "b [all] 1"],
        &["b [all] 1"],
    );
}

/// Makes a world that gives a start something to do, and says what.
type Disorder = (&'static str, fn() -> World);

const WORLDS: [Disorder; 6] = [
    ("deleted", || {
        let world = three();
        fs::remove_file(world.file("a_all.ampkg")).unwrap();
        world
    }),
    ("replaced", || {
        let world = three();
        fs::remove_file(world.file("a_all.ampkg")).unwrap();
        put(world.file("a_all.ampkg"), package("a", "3"));
        world
    }),
    ("overwritten by another package, with a new version elsewhere", || {
        let world = three();
        overwrite(&world.file("a_all.ampkg"), &package("c", "1 and some more than before"));
        put(world.file("new.ampkg"), package("a", "3"));
        world
    }),
    ("an older copy, and a new file", || {
        let world = three();
        fs::rename(world.file("a_all.ampkg"), world.file("copy.ampkg")).unwrap();
        age(&world.file("copy.ampkg"), 1000);
        put(world.file("a_all.ampkg"), package("a", "3"));
        world
    }),
    ("blobs lost", || {
        let world = three();
        fs::remove_dir_all(world.path().join(".amps/blobs")).unwrap();
        world
    }),
    ("catalog lost", || {
        let world = three();
        // The first version must be older than the file of the second to the clock of the file system, too.
        age(&blob_file(&world, &package("a", "1")), 1000);
        fs::remove_file(world.path().join(".amps/catalog.db")).unwrap();
        world
    }),
];

fn blob_file(world: &World, bytes: &[u8]) -> std::path::PathBuf {
    let name = crate::world::blob_id(bytes).to_string();
    world.path().join(".amps/blobs").join(&name[..2]).join(name)
}

#[test]
fn a_start_that_fails_loses_nothing_for_the_next_one() {
    for (name, make) in WORLDS {
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
                let before = world.events.take();
                let (open, after) = world.restart();
                let what = format!(
                    "{name}: `{step}` failed, call {call}, {when:?} its work: {before:?}, then {after:?}"
                );
                assert_eq!(open.releases(), expected, "{what}");
                assert_eq!(world.names(), files, "{what}");
                open.assert_consistent(&world);
            }
        }
    }
}
