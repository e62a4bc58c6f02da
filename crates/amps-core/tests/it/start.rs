//! What a store makes of a `.packages` folder that its owner has been in while it was closed.

use std::{fs, os::unix::ffi::OsStrExt as _, os::unix::fs::MetadataExt as _};

use crate::world::{World, age, blob_id, garble, native, overwrite, package, put};

#[test]
fn an_unchanged_restart_reads_no_package() {
    let (a, b) = (package("a", "1"), native("b", "1", "linux-aarch64"));
    let world = World::with([a.as_slice(), &b]);
    // Not a byte is right any more, but neither size nor time tells: whoever reads them notices.
    garble(&world.file("a_all.ampkg"));
    garble(&world.file("b_linux_arm_64.ampkg"));
    let (open, events) = world.restart();
    assert_eq!(events, ["added a [all]", "added b [linux_arm_64]"]);
    assert_eq!(open.releases(), ["a [all] 1", "b [linux_arm_64] 1"]);
    assert_ne!(open.download("a").unwrap(), a);
}

#[test]
fn an_unchanged_restart_changes_nothing() {
    let world = World::with([package("a", "1").as_slice(), &native("b", "1", "linux-aarch64")]);
    let before = world.open().snapshot(&world);
    for _ in 0..3 {
        let (open, _) = world.restart();
        assert_eq!(open.snapshot(&world), before);
        open.assert_consistent(&world);
    }
}

#[test]
fn a_deleted_file_takes_its_release_with_it() {
    let world = World::with([package("a", "1").as_slice(), &package("b", "1")]);
    fs::remove_file(world.file("a_all.ampkg")).unwrap();
    let (open, events) = world.restart();
    assert_eq!(events, ["removed a [all]", "added b [all]"]);
    assert_eq!(open.releases(), ["b [all] 1"]);
    open.assert_consistent(&world);
    let (_, events) = world.restart();
    assert_eq!(events, ["added b [all]"]);
}

#[test]
fn a_file_replaced_by_another_version_counts() {
    let world = World::with([package("a", "1").as_slice()]);
    let file = world.file("a_all.ampkg");
    fs::remove_file(&file).unwrap();
    put(&file, package("a", "2"));
    let (open, events) = world.restart();
    assert_eq!(events, ["updated a [all]"]);
    assert_eq!(open.releases(), ["a [all] 2"]);
    open.assert_consistent(&world);
}

#[test]
fn a_file_replaced_by_another_package_counts_as_that() {
    let world = World::with([package("a", "1").as_slice()]);
    let file = world.file("a_all.ampkg");
    fs::remove_file(&file).unwrap();
    put(&file, package("b", "1"));
    let (open, events) = world.restart();
    assert_eq!(events, ["added b [all]", "removed a [all]"]);
    assert_eq!(open.releases(), ["b [all] 1"]);
    assert_eq!(world.names(), ["b_all.ampkg"]);
    open.assert_consistent(&world);
}

#[test]
fn files_that_were_swapped_are_sorted_out() {
    let world = World::with([package("a", "1").as_slice(), &package("b", "1")]);
    let (a, b, c) = (world.file("a_all.ampkg"), world.file("b_all.ampkg"), world.file("c"));
    fs::rename(&a, &c).unwrap();
    fs::rename(&b, &a).unwrap();
    fs::rename(&c, &b).unwrap();
    let (open, _) = world.restart();
    assert_eq!(open.releases(), ["a [all] 1", "b [all] 1"]);
    assert_eq!(open.download("a").unwrap(), package("a", "1"));
    open.assert_consistent(&world);
}

#[test]
fn a_file_replaced_by_garbage_stays_for_its_owner() {
    let world = World::with([package("a", "1").as_slice(), &package("b", "1")]);
    let file = world.file("a_all.ampkg");
    for garbage in [&b"garbage"[..], b"", &package("a", "2")[..100]] {
        fs::remove_file(&file).unwrap();
        put(&file, garbage);
        let (open, events) = world.restart();
        assert_eq!(events.len(), 3, "{events:?}");
        assert_eq!(events[0], "added b [all]");
        assert!(events[1].starts_with("refused a_all.ampkg: "), "{events:?}");
        assert_eq!(events[2], "removed a [all]");
        assert_eq!(open.releases(), ["b [all] 1"]);
        assert_eq!(fs::read(&file).unwrap(), garbage);
        // It is looked at at every start.
        drop(open);
        let (open, events) = world.restart();
        assert!(events[1].starts_with("refused a_all.ampkg: "), "{events:?}");
        // A good one takes its place.
        open.upload(package("a", "1").as_slice()).unwrap();
        open.assert_consistent(&world);
    }
}

#[test]
fn a_copy_over_the_hard_link_counts_too() {
    let old = package("a", "1");
    for new in [package("a", "2"), package("a", "2 and longer than before")] {
        let world = World::with([old.as_slice()]);
        let file = world.file("a_all.ampkg");
        assert!(fs::metadata(&file).unwrap().nlink() > 1, "this is about a file that is also a blob");
        overwrite(&file, &new);
        let (open, _) = world.restart();
        assert_eq!(open.download("a").unwrap(), new);
        open.assert_consistent(&world);
    }
    let world = World::with([old.as_slice()]);
    overwrite(&world.file("a_all.ampkg"), b"garbage");
    let (open, events) = world.restart();
    assert_eq!(events.last().unwrap(), "removed a [all]");
    assert_eq!(open.releases(), <[&str; 0]>::default());
    open.upload(old.as_slice()).unwrap();
    assert_eq!(open.download("a").unwrap(), old);
    open.assert_consistent(&world);
}

#[test]
fn garbage_of_the_same_size_over_the_hard_link_is_not_taken_for_the_package() {
    let bytes = package("a", "1");
    let world = World::with([bytes.as_slice()]);
    overwrite(&world.file("a_all.ampkg"), &vec![b'x'; bytes.len()]);
    let (open, events) = world.restart();
    assert!(events[0].starts_with("refused a_all.ampkg: "), "{events:?}");
    assert_eq!(events[1], "removed a [all]");
    assert!(open.download("a").is_none());
}

#[test]
fn a_touched_file_is_read_again() {
    let bytes = package("a", "1");
    let world = World::with([bytes.as_slice()]);
    let file = world.file("a_all.ampkg");
    age(&file, 1000);
    let (open, events) = world.restart();
    assert_eq!(events, ["unchanged a [all]"]);
    open.assert_consistent(&world);
    drop(open);
    let (_, events) = world.restart();
    assert_eq!(events, ["added a [all]"], "the new time was not noted");
    garble(&file);
    age(&file, 1000);
    let (open, events) = world.restart();
    assert!(events[0].starts_with("refused a_all.ampkg: "), "{events:?}");
    assert_eq!(open.releases(), <[&str; 0]>::default());
}

#[test]
fn a_renamed_file_gets_its_name_back() {
    for name in ["b_all.ampkg", "zzz.ampkg", " a .ampkg", "ä%&.ampkg", "-.ampkg", ".ampkg"] {
        let world = World::with([package("a", "1").as_slice()]);
        fs::rename(world.file("a_all.ampkg"), world.file(name)).unwrap();
        let (open, _) = world.restart();
        assert_eq!(open.releases(), ["a [all] 1"], "{name}");
        assert_eq!(world.names(), ["a_all.ampkg"], "{name}");
        open.assert_consistent(&world);
    }
}

#[test]
fn files_under_any_name_are_adopted() {
    let world = World::new();
    fs::create_dir_all(world.packages()).unwrap();
    put(world.file("download (1).ampkg"), package("a", "1"));
    put(world.file("b_linux_arm_64.ampkg"), native("b", "1", "linux-aarch64"));
    put(world.file("notes.txt"), "mine");
    let (open, mut events) = world.restart();
    events.sort();
    assert_eq!(events, ["added a [all]", "added b [linux_arm_64]"]);
    assert_eq!(world.names(), ["a_all.ampkg", "b_linux_arm_64.ampkg", "notes.txt"]);
    fs::remove_file(world.file("notes.txt")).unwrap();
    open.assert_consistent(&world);
}

#[test]
fn of_two_files_of_one_package_the_younger_one_counts() {
    // Whatever they are called; the proper name is not safe from an older file that is to be called so.
    for (older, younger) in [
        ("1.ampkg", "2.ampkg"),
        ("2.ampkg", "1.ampkg"),
        ("a_all.ampkg", "b.ampkg"),
        ("b.ampkg", "a_all.ampkg"),
    ] {
        let world = World::new();
        fs::create_dir_all(world.packages()).unwrap();
        put(world.file(older), package("a", "1"));
        put(world.file(younger), package("a", "2"));
        age(&world.file(older), 2000);
        age(&world.file(younger), 1000);
        let (open, events) = world.restart();
        assert_eq!(events, ["added a [all]", "updated a [all]"], "{older}, {younger}");
        assert_eq!(open.releases(), ["a [all] 2"], "{older}, {younger}");
        assert_eq!(world.names(), ["a_all.ampkg"], "{older}, {younger}");
        open.assert_consistent(&world);
        drop(open);
        let (_, events) = world.restart();
        assert_eq!(events, ["added a [all]"]);
    }
}

#[test]
fn of_many_files_of_one_package_none_is_overwritten_before_it_was_read() {
    let world = World::new();
    fs::create_dir_all(world.packages()).unwrap();
    for (name, version, seconds) in
        [("x.ampkg", "1", 3000), ("y.ampkg", "2", 2000), ("a_all.ampkg", "3", 1000)]
    {
        put(world.file(name), package("a", version));
        age(&world.file(name), seconds);
    }
    let (open, _) = world.restart();
    assert_eq!(open.releases(), ["a [all] 3"]);
    open.assert_consistent(&world);
}

#[test]
fn a_new_version_beside_the_old_one_takes_its_place() {
    let world = World::with([package("a", "1").as_slice()]);
    put(world.file("new.ampkg"), package("a", "2"));
    let (open, events) = world.restart();
    assert_eq!(events, ["added a [all]", "updated a [all]"]);
    assert_eq!(open.releases(), ["a [all] 2"]);
    assert_eq!(world.names(), ["a_all.ampkg"]);
    open.assert_consistent(&world);
}

#[test]
fn an_older_copy_does_not_destroy_a_changed_file() {
    let world = World::with([package("a", "1").as_slice()]);
    let (file, copy) = (world.file("a_all.ampkg"), world.file("copy.ampkg"));
    fs::rename(&file, &copy).unwrap();
    age(&copy, 1000);
    put(&file, package("a", "2"));
    let (open, _) = world.restart();
    assert_eq!(open.releases(), ["a [all] 2"]);
    assert_eq!(world.names(), ["a_all.ampkg"]);
    open.assert_consistent(&world);
}

#[test]
fn an_older_copy_does_not_destroy_a_refused_file_unseen() {
    let world = World::with([package("a", "1").as_slice()]);
    let (file, copy) = (world.file("a_all.ampkg"), world.file("copy.ampkg"));
    fs::rename(&file, &copy).unwrap();
    age(&copy, 1000);
    put(&file, "garbage");
    let (open, events) = world.restart();
    // Somebody is told that it was no package; the package is there, and its event is not a lie.
    assert!(events.iter().any(|event| event.starts_with("refused a_all.ampkg: ")), "{events:?}");
    assert_eq!(events.contains(&"removed a [all]".to_owned()), open.releases().is_empty(), "{events:?}");
}

#[test]
fn lost_blobs_are_made_again_from_the_files() {
    let (a, b) = (package("a", "1"), package("b", "1"));
    let world = World::with([a.as_slice(), &b]);
    fs::remove_dir_all(world.path().join(".amps/blobs")).unwrap();
    let (open, events) = world.restart();
    assert_eq!(events, ["unchanged a [all]", "unchanged b [all]"]);
    assert_eq!(open.releases(), ["a [all] 1", "b [all] 1"]);
    assert_eq!((open.download("a").unwrap(), open.download("b").unwrap()), (a, b));
    open.assert_consistent(&world);
}

#[test]
fn one_lost_icon_is_made_again() {
    let world = World::with([package("a", "1").as_slice()]);
    let icon = blob_id(b"icon of a 1");
    world.blobs().remove(&icon).unwrap();
    let (open, _) = world.restart();
    open.assert_consistent(&world);
    assert!(open.blobs.open(&icon).is_ok());
}

#[test]
fn lost_blobs_and_files_are_lost() {
    let world = World::with([package("a", "1").as_slice()]);
    fs::remove_dir_all(world.path().join(".amps/blobs")).unwrap();
    fs::remove_dir_all(world.packages()).unwrap();
    let (open, events) = world.restart();
    assert_eq!(events, ["removed a [all]"]);
    open.assert_consistent(&world);
}

#[test]
fn a_lost_catalog_is_made_again_from_the_files() {
    let packages = [package("a", "1"), native("a", "2", "linux-aarch64"), package("b", "1")];
    let world = World::with(packages.iter().map(Vec::as_slice));
    for entry in fs::read_dir(world.path().join(".amps")).unwrap().map(Result::unwrap) {
        if entry.file_name().to_string_lossy().starts_with("catalog.db") {
            fs::remove_file(entry.path()).unwrap();
        }
    }
    let (open, mut events) = world.restart();
    events.sort();
    assert_eq!(events, ["added a [all]", "added a [linux_arm_64]", "added b [all]"]);
    assert_eq!(open.releases(), ["a [all] 1", "a [linux_arm_64] 2", "b [all] 1"]);
    open.assert_consistent(&world);
}

#[test]
fn everything_of_ours_lost_is_made_again_from_the_files() {
    let world = World::with([package("a", "1").as_slice(), &package("b", "1")]);
    fs::remove_dir_all(world.path().join(".amps")).unwrap();
    let (open, _) = world.restart();
    assert_eq!(open.releases(), ["a [all] 1", "b [all] 1"]);
    open.assert_consistent(&world);
}

#[test]
fn a_name_that_is_no_text_is_named_and_left() {
    let world = World::with([package("a", "1").as_slice()]);
    let bad = world.packages().join(std::ffi::OsStr::from_bytes(b"caf\xe9.ampkg"));
    put(&bad, package("b", "1"));
    let (open, events) = world.restart();
    assert_eq!(open.releases(), ["a [all] 1"]);
    assert!(bad.exists());
    assert_eq!(events.len(), 2, "{events:?}");
    assert!(events[0].ends_with("/caf\u{fffd}.ampkg: it is left alone: its name is not UTF-8"), "{events:?}");
}

#[test]
fn odd_things_in_the_folder_are_left_alone() {
    let world = World::with([package("a", "1").as_slice()]);
    fs::create_dir_all(world.file("folder.ampkg")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", world.file("endless.ampkg")).unwrap();
    std::os::unix::fs::symlink(world.file("a_all.ampkg"), world.file("link.ampkg")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(world.file("pipe.ampkg")).status().unwrap().success());
    let (open, events) = world.restart();
    assert_eq!(events, ["added a [all]"]);
    assert_eq!(open.releases(), ["a [all] 1"]);
    assert_eq!(fs::read_dir(world.packages()).unwrap().count(), 5);
}

#[test]
fn what_was_staged_when_the_process_ended_is_gone() {
    let world = World::with([package("a", "1").as_slice()]);
    let open = world.open();
    let mut staged = open.blobs.stage().unwrap();
    staged.write_all(b"half").unwrap();
    // Not dropped: what a killed process leaves.
    std::mem::forget(staged);
    drop(open);
    let (open, _) = world.restart();
    open.assert_consistent(&world);
}
