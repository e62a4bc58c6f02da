//! Several releases of one package beside each other, and the file in `.packages`, which is that of the last one.

use std::fs;

use amps_core::{LinkState, Origin, ReleasesKept, Sequence, UploadResult};
use amps_testkit::PackageBuilder;

use crate::world::{Open, World, age, blob_id, fixture, garble, overwrite, package, put};

/// A package with tags.
fn tagged(id: &str, version: &str, tags: &str) -> Vec<u8> {
    PackageBuilder::hello().id(id).version(version).header_line(&format!("extra: {{ tags: {tags} }}")).build()
}

/// A closed world with versions 1, 2 and 3 of `a`, the last one for other devices, and `b`.
fn four() -> World {
    World::keeping_all().after([
        package("a", "1").as_slice(),
        &package("b", "1"),
        &package("a", "2"),
        &tagged("a", "3", "[qt:6]"),
    ])
}

fn sequence(open: &Open, version: &str) -> Sequence {
    let releases = open.catalog.releases().unwrap();
    let is_it = |id: &str, found: &str| id == "a" && found == version;
    releases.iter().find(|found| is_it(found.facts.id.as_str(), &found.facts.version)).unwrap().sequence
}

#[test]
fn what_differs_stands_beside_and_the_last_one_is_shown() {
    let world = World::keeping_all();
    let open = world.open();
    let (one, two, other) = (package("a", "1"), package("a", "2"), tagged("a", "1", "[qt:5]"));
    for (bytes, result, expected) in [
        (&one, UploadResult::Added, &["1"][..]),
        (&two, UploadResult::Updated, &["1", "2"]),
        (&two, UploadResult::Unchanged, &["1", "2"]),
        (&other, UploadResult::Updated, &["1", "2", "1"]),
        // The same version with the same tags: it is replaced, and shown again.
        (&one, UploadResult::Updated, &["2", "1", "1"]),
        (&one, UploadResult::Unchanged, &["2", "1", "1"]),
        (
            &PackageBuilder::hello().id("a").version("2").name("Two").build(),
            UploadResult::Updated,
            &["1", "1", "2"],
        ),
    ] {
        assert_eq!(open.upload(bytes.as_slice()).unwrap().result, result);
        assert_eq!(world.events.take(), [format!("{result:?} a [all]").to_lowercase()]);
        let listing = open.store.listing().unwrap();
        let versions = listing.releases().iter().map(|found| &*found.facts.version);
        assert_eq!(versions.collect::<Vec<_>>(), expected);
        let shown: Vec<_> = listing.latest().map(|found| found.sequence).collect();
        assert_eq!(shown, [listing.releases().last().unwrap().sequence]);
        assert_eq!(open.download("a").unwrap(), *bytes);
        open.assert_consistent(&world);
    }
}

#[test]
fn a_restart_changes_nothing() {
    let world = four();
    let before = world.open().snapshot(&world);
    for _ in 0..2 {
        let (open, events) = world.restart();
        assert_eq!(events, ["added a [all]", "added b [all]"]);
        assert_eq!(open.snapshot(&world), before);
    }
}

#[test]
fn an_older_release_is_damaged_no_more_once_it_comes_again() {
    let world = four();
    let open = world.open();
    let one = package("a", "1");
    let name = blob_id(&one).to_string();
    let blob = world.path().join(".amps/blobs").join(&name[..2]).join(&name);
    overwrite(&blob, &vec![b'x'; one.len()]);
    open.upload(one.as_slice()).unwrap();
    assert_eq!(open.download("a").unwrap(), one);
    open.assert_consistent(&world);
}

#[test]
fn removing_a_package_removes_all_its_releases() {
    let world = four();
    let open = world.open();
    world.events.take();
    assert_eq!(open.store.remove(&"a".parse().unwrap(), None, Origin::Http).unwrap(), 1);
    assert_eq!(world.events.take(), ["removed a [all]"]);
    assert_eq!(open.releases(), ["b [all] 1"]);
    open.assert_consistent(&world);
    assert_eq!(open.store.remove_named("b_all", Origin::Http).unwrap(), 1);
    open.assert_consistent(&world);
}

#[test]
fn when_the_last_one_is_removed_alone_the_one_before_takes_its_place() {
    let world = four();
    let open = world.open();
    world.events.take();
    let remove = |version| open.store.remove_release(sequence(&open, version), Origin::Http).unwrap();
    assert!(remove("2"));
    assert_eq!(
        world.events.take(),
        <[&str; 0]>::default(),
        "nobody who is shown one release sees a difference"
    );
    assert_eq!(open.download("a").unwrap(), tagged("a", "3", "[qt:6]"));
    open.assert_consistent(&world);
    assert!(remove("3"));
    assert_eq!(world.events.take(), ["updated a [all]"]);
    assert_eq!(open.download("a").unwrap(), package("a", "1"));
    open.assert_consistent(&world);
    let last = sequence(&open, "1");
    assert!(remove("1"));
    assert_eq!(world.events.take(), ["removed a [all]"]);
    open.assert_consistent(&world);
    assert!(!open.store.remove_release(last, Origin::Http).unwrap());
    drop(open);
    assert_eq!(world.restart().1, ["added b [all]"]);
}

#[test]
fn a_deleted_file_takes_all_releases_with_it() {
    let world = four();
    fs::remove_file(world.file("a_all.ampkg")).unwrap();
    let (open, events) = world.restart();
    assert_eq!(events, ["removed a [all]", "added b [all]"]);
    assert_eq!(open.releases(), ["b [all] 1"]);
    open.assert_consistent(&world);
}

#[test]
fn a_file_replaced_by_another_version_replaces_the_last_release_only() {
    let new = package("a", "4");
    for overwritten in [false, true] {
        let world = four();
        let file = world.file("a_all.ampkg");
        if overwritten {
            // This is the blob of version 3, too.
            overwrite(&file, &new);
        } else {
            fs::remove_file(&file).unwrap();
            put(&file, &new);
        }
        let (open, events) = world.restart();
        assert_eq!(events, ["added b [all]", "updated a [all]"]);
        assert_eq!(open.releases(), ["a [all] 1", "a [all] 2", "a [all] 4", "b [all] 1"]);
        assert_eq!(open.download("a").unwrap(), new);
        open.assert_consistent(&world);
    }
}

#[test]
fn a_file_replaced_by_an_older_release_makes_that_the_last_one() {
    let world = four();
    let file = world.file("a_all.ampkg");
    fs::remove_file(&file).unwrap();
    put(&file, package("a", "1"));
    let (open, _) = world.restart();
    assert_eq!(open.releases(), ["a [all] 2", "a [all] 1", "b [all] 1"]);
    open.assert_consistent(&world);
}

#[test]
fn a_file_that_was_moved_aside_is_not_lost_when_another_takes_its_name() {
    let world = four();
    fs::rename(world.file("a_all.ampkg"), world.file("copy.ampkg")).unwrap();
    age(&world.file("copy.ampkg"), 1000);
    put(world.file("a_all.ampkg"), package("a", "4"));
    let (open, _) = world.restart();
    assert_eq!(open.releases(), ["a [all] 1", "a [all] 2", "a [all] 3", "a [all] 4", "b [all] 1"]);
    open.assert_consistent(&world);
}

#[test]
fn a_file_that_was_overwritten_is_not_kept_because_of_another_one() {
    let world = four();
    // Not a version of `a`, over the blob of version 3; that comes from elsewhere.
    overwrite(&world.file("a_all.ampkg"), &package("c", "1"));
    put(world.file("new.ampkg"), package("a", "4"));
    let (open, _) = world.restart();
    assert_eq!(open.releases(), ["a [all] 1", "a [all] 2", "a [all] 4", "b [all] 1", "c [all] 1"]);
    open.assert_consistent(&world);
}

#[test]
fn garbage_in_place_of_the_file_takes_all_releases_with_it() {
    let world = four();
    overwrite(&world.file("a_all.ampkg"), b"garbage");
    let (open, events) = world.restart();
    assert_eq!(events.last().unwrap(), "removed a [all]");
    assert_eq!(open.releases(), ["b [all] 1"]);
    assert_eq!(fs::read(world.file("a_all.ampkg")).unwrap(), b"garbage");
}

#[test]
fn new_files_under_any_name_stand_beside() {
    let world = four();
    put(world.file("old.ampkg"), package("a", "0"));
    age(&world.file("old.ampkg"), 1000);
    put(world.file("new.ampkg"), package("a", "5"));
    let (open, _) = world.restart();
    assert_eq!(open.releases()[3..], ["a [all] 0", "a [all] 5", "b [all] 1"]);
    assert_eq!(world.names(), ["a_all.ampkg", "b_all.ampkg"]);
    open.assert_consistent(&world);
}

#[test]
fn a_release_whose_bytes_are_lost_goes_alone_and_somebody_is_told() {
    let world = four();
    world.blobs().remove(&blob_id(&package("a", "2"))).unwrap();
    let (open, events) = world.restart();
    assert_eq!(
        events,
        ["warned a_all.ampkg: version `2` is lost: its bytes are gone", "added a [all]", "added b [all]"]
    );
    assert_eq!(open.releases(), ["a [all] 1", "a [all] 3", "b [all] 1"]);
    open.assert_consistent(&world);
}

#[test]
fn one_that_never_had_its_file_and_lost_its_bytes_gives_way_to_the_one_before() {
    let world = four();
    let open = world.open();
    let last = sequence(&open, "3");
    open.catalog.set_link(last, LinkState::Pending { replaces: None }).unwrap();
    drop(open);
    fs::remove_file(world.file("a_all.ampkg")).unwrap();
    world.blobs().remove(&blob_id(&tagged("a", "3", "[qt:6]"))).unwrap();
    let (open, events) = world.restart();
    assert_eq!(events[0], "warned a_all.ampkg: version `3` is lost: its bytes are gone");
    assert_eq!(open.releases(), ["a [all] 1", "a [all] 2", "b [all] 1"]);
    open.assert_consistent(&world);
}

#[test]
fn blobs_that_are_all_lost_leave_what_lies_in_the_files() {
    let world = four();
    fs::remove_dir_all(world.path().join(".amps/blobs")).unwrap();
    let (open, _) = world.restart();
    assert_eq!(open.releases(), ["a [all] 3", "b [all] 1"]);
    open.assert_consistent(&world);
}

#[test]
fn a_lost_catalog_is_made_again_with_all_releases() {
    let world = four();
    let expected = world.open().releases();
    for entry in fs::read_dir(world.path().join(".amps")).unwrap().map(Result::unwrap) {
        if entry.file_name().to_string_lossy().starts_with("catalog.db") {
            fs::remove_file(entry.path()).unwrap();
        }
    }
    let (open, events) = world.restart();
    assert_eq!(open.releases(), expected, "{events:?}");
    assert_eq!(open.download("a").unwrap(), tagged("a", "3", "[qt:6]"));
    open.assert_consistent(&world);
}

#[test]
fn a_store_that_keeps_one_again_waits_for_the_next_upload() {
    let mut world = four();
    world.keep = ReleasesKept::Latest;
    let before = world.open().releases();
    assert_eq!(before.len(), 4);
    assert_eq!(world.restart().1, ["added a [all]", "added b [all]"]);
    let open = world.open();
    open.upload(package("a", "4").as_slice()).unwrap();
    assert_eq!(open.releases(), ["a [all] 4", "b [all] 1"]);
    open.assert_consistent(&world);
}

#[test]
fn the_file_of_the_one_before_is_replaced_unread() {
    let world = four();
    let open = world.open();
    let last = sequence(&open, "3");
    // As when the process ends right after the catalog has removed it.
    open.catalog.remove(&[last]).unwrap();
    drop(open);
    garble(&world.file("a_all.ampkg"));
    let (open, events) = world.restart();
    assert_eq!(events, ["added a [all]", "added b [all]"]);
    assert_eq!(open.download("a").unwrap(), package("a", "2"));
    open.assert_consistent(&world);
}

#[test]
fn the_catalog_has_the_tags_of_both_maps_of_the_header() {
    let world = World::new();
    let open = world.open();
    open.upload(fixture("packages", "qt6/tags.ampkg").as_slice()).unwrap();
    let facts = &open.catalog.releases().unwrap()[0].facts;
    assert_eq!(facts.tags.as_str(), "build_target:desktop,neptune:3,qt:5.12,signed_tag");
    assert_eq!(facts.conflicts.as_str(), "legacy");
    assert_eq!(facts.malformed_tags, None);
}

#[test]
fn malformed_tags_are_no_reason_to_refuse_a_package() {
    for (mut world, warns) in [(World::new(), false), (World::keeping_all(), true)] {
        for tags in ["[qt 5]", "qt", "[5.12]", "{}", "['']"] {
            world.events.take();
            let open = world.open();
            open.upload(tagged("a", tags, tags).as_slice()).unwrap();
            let facts = open.catalog.releases().unwrap().pop().unwrap().facts;
            assert!(facts.tags.is_empty());
            let reason = facts.malformed_tags.clone().unwrap();
            assert!(reason.contains("`tags`"), "{reason}");
            let events = world.events.take();
            let warning = format!("warned a test: the deployment server will not offer it: {reason}");
            assert_eq!(events.contains(&warning), warns, "{events:?}");
            open.assert_consistent(&world);
        }
        world.keep = ReleasesKept::Latest;
    }
}
