//! A catalog that is lost costs no bytes, also not those of packages that are not in `.packages`.

use std::{fs, sync::Arc};

use crate::{
    faulty::{Faults, FaultyBlobs, When},
    world::{World, age, package, put},
};

fn lose_catalog(world: &World) {
    for suffix in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(world.path().join(format!(".amps/catalog.db{suffix}")));
    }
}

/// A world in which this was uploaded, but the last one's file could not be made.
fn with_unlinked(packages: &[Vec<u8>]) -> World {
    let (last, before) = packages.split_last().unwrap();
    let world = World::with(before.iter().map(Vec::as_slice));
    let faults = Faults::at(usize::MAX, When::Before);
    let blobs = Arc::new(FaultyBlobs { inner: world.blobs(), faults: Arc::clone(&faults) });
    let open = world.try_open(world.catalog(), blobs).unwrap();
    faults.fail_in_turn(&[("export", When::Before)]);
    open.upload(last.as_slice()).unwrap();
    assert_eq!(faults.to_come(), 0);
    world
}

#[test]
fn a_package_whose_file_was_never_made_is_found_among_the_blobs() {
    let world = with_unlinked(&[package("a", "1"), package("b", "1")]);
    assert_eq!(world.names(), ["a_all.ampkg"]);
    lose_catalog(&world);
    let (open, events) = world.restart();
    assert_eq!(events, ["added a [all]", "added b [all]"]);
    open.assert_consistent(&world);
}

#[test]
fn the_version_that_was_uploaded_last_counts() {
    let world = with_unlinked(&[package("a", "1"), package("a", "2")]);
    age(&world.file("a_all.ampkg"), 1000);
    lose_catalog(&world);
    let (open, events) = world.restart();
    assert_eq!(events, ["added a [all]"]);
    assert_eq!(open.releases(), ["a [all] 2"]);
    open.assert_consistent(&world);
}

#[test]
fn garbage_stays_garbage() {
    let world = World::with([package("a", "2").as_slice()]);
    // Version 1 is a blob that should have been removed.
    let open = world.open();
    let old = package("a", "1");
    let mut staged = open.blobs.stage().unwrap();
    staged.write_all(&old).unwrap();
    let id = crate::world::blob_id(&old);
    staged.commit(&id).unwrap();
    let name = id.to_string();
    age(&world.path().join(".amps/blobs").join(&name[..2]).join(&name), 2000);
    drop(open);
    lose_catalog(&world);
    let (open, events) = world.restart();
    assert_eq!(events, ["added a [all]"]);
    assert_eq!(open.releases(), ["a [all] 2"]);
    open.assert_consistent(&world);
}

#[test]
fn a_younger_file_of_somebody_counts_more_than_a_blob() {
    let world = with_unlinked(&[package("a", "1"), package("a", "2")]);
    fs::remove_file(world.file("a_all.ampkg")).unwrap();
    put(world.file("a_all.ampkg"), package("a", "3"));
    lose_catalog(&world);
    let (open, events) = world.restart();
    assert_eq!(events, ["added a [all]"]);
    assert_eq!(open.releases(), ["a [all] 3"]);
}
