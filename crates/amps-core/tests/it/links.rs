//! What a process that ended between two steps has left: releases whose files are still to be made.

use std::fs;

use amps_core::{LinkState, PackagesFolder, Sequence};

use crate::world::{World, package, put};

/// A world with version 2 of `a` in the catalog, as it is when the process ends right after that.
fn cut_off(before: Option<&str>) -> World {
    let world = World::new();
    let open = world.open();
    let file = world.file("a_all.ampkg");
    let folder = PackagesFolder::open(world.packages()).unwrap();
    let mut old = None;
    if let Some(version) = before {
        open.upload(package("a", version).as_slice()).unwrap();
        // The old one's bytes survive the upload of the new one.
        fs::rename(&file, world.path().join("old")).unwrap();
        old = folder.stamp(&world.path().join("old")).unwrap();
    }
    open.upload(package("a", "2").as_slice()).unwrap();
    fs::remove_file(&file).unwrap();
    if before.is_some() {
        fs::rename(world.path().join("old"), &file).unwrap();
    }
    let (sequence, _) = open.catalog.links().unwrap()[0];
    open.catalog.set_link(sequence, LinkState::Pending { replaces: old }).unwrap();
    drop(open);
    world
}

fn sequence(world: &World) -> Sequence {
    world.catalog().links().unwrap()[0].0
}

#[test]
fn a_file_that_was_never_made_is_made() {
    let world = cut_off(None);
    let (open, events) = world.restart();
    assert_eq!(events, ["added a [all]"]);
    assert_eq!(open.releases(), ["a [all] 2"]);
    open.assert_consistent(&world);
}

#[test]
fn the_file_of_the_release_before_is_replaced_unread() {
    let world = cut_off(Some("1"));
    crate::world::garble(&world.file("a_all.ampkg"));
    let (open, events) = world.restart();
    assert_eq!(events, ["added a [all]"]);
    assert_eq!(open.releases(), ["a [all] 2"]);
    open.assert_consistent(&world);
}

#[test]
fn a_file_that_was_made_but_not_noted_is_found_unchanged() {
    let world = World::with([package("a", "2").as_slice()]);
    world.catalog().set_link(sequence(&world), LinkState::Pending { replaces: None }).unwrap();
    let (open, events) = world.restart();
    assert_eq!(events, ["unchanged a [all]"]);
    open.assert_consistent(&world);
}

#[test]
fn a_file_that_somebody_put_there_meanwhile_counts() {
    for before in [None, Some("1")] {
        let world = cut_off(before);
        let file = world.file("a_all.ampkg");
        let _ = fs::remove_file(&file);
        put(&file, package("a", "3"));
        let (open, events) = world.restart();
        assert_eq!(events, ["updated a [all]"]);
        assert_eq!(open.releases(), ["a [all] 3"]);
        open.assert_consistent(&world);
    }
}

#[test]
fn without_its_bytes_a_release_whose_file_was_never_made_is_lost() {
    let world = cut_off(None);
    fs::remove_dir_all(world.path().join(".amps/blobs")).unwrap();
    let (open, events) = world.restart();
    assert_eq!(events, ["removed a [all]"]);
    open.assert_consistent(&world);
}

#[test]
fn without_its_bytes_the_release_before_counts_again() {
    let world = cut_off(Some("1"));
    fs::remove_dir_all(world.path().join(".amps/blobs")).unwrap();
    let (open, events) = world.restart();
    assert_eq!(events, ["updated a [all]"]);
    assert_eq!(open.releases(), ["a [all] 1"]);
    open.assert_consistent(&world);
}

#[test]
fn a_process_that_ended_between_file_and_catalog_has_removed() {
    let world = World::with([package("a", "1").as_slice()]);
    // `remove` takes the file first.
    fs::remove_file(world.file("a_all.ampkg")).unwrap();
    let (open, events) = world.restart();
    assert_eq!(events, ["removed a [all]"]);
    open.assert_consistent(&world);
}

#[test]
fn a_blob_without_a_release_is_no_package() {
    let world = World::with([package("a", "1").as_slice()]);
    let open = world.open();
    let bytes = package("b", "1");
    let mut staged = open.blobs.stage().unwrap();
    staged.write_all(&bytes).unwrap();
    staged.commit(&crate::world::blob_id(&bytes)).unwrap();
    drop(open);
    let (open, events) = world.restart();
    assert_eq!(events, ["added a [all]"]);
    assert_eq!(open.releases(), ["a [all] 1"]);
    open.assert_consistent(&world);
}

#[test]
fn what_lies_in_the_way_of_a_link_does_not_cost_the_release() {
    for obstacle in [&b"garbage"[..], &package("b", "1")] {
        let world = cut_off(None);
        put(world.file("a_all.ampkg"), obstacle);
        let (open, events) = world.restart();
        assert_eq!(events.last().unwrap(), "added a [all]");
        assert_eq!(open.releases()[0], "a [all] 2");
        open.assert_consistent(&world);
    }
}
