//! Taking releases out.

use std::fs;

use amps_core::{DeviceView, Origin};

use crate::world::{World, bytes, native, package};

fn three() -> World {
    World::with([package("a", "1").as_slice(), &native("a", "1", "linux-aarch64"), &package("b", "1")])
}

#[test]
fn removes_one_architecture_or_all() {
    let world = three();
    let open = world.open();
    world.events.take();
    let remove = |id: &str, architecture: Option<&str>| {
        let architecture = architecture.map(|token| token.parse().unwrap());
        open.store.remove(&id.parse().unwrap(), architecture.as_ref(), Origin::Http).unwrap()
    };
    assert_eq!(remove("a", Some("windows_x86_64")), 0);
    assert_eq!(remove("nothing", None), 0);
    assert_eq!(world.events.take(), <[&str; 0]>::default());
    assert_eq!(remove("a", Some("all")), 1);
    assert_eq!(open.releases(), ["a [linux_arm_64] 1", "b [all] 1"]);
    open.upload(package("a", "2").as_slice()).unwrap();
    world.events.take();
    assert_eq!(remove("a", None), 2);
    assert_eq!(world.events.take(), ["removed a [all]", "removed a [linux_arm_64]"]);
    assert_eq!(open.releases(), ["b [all] 1"]);
    assert_eq!(world.names(), ["b_all.ampkg"]);
    open.assert_consistent(&world);
}

#[test]
fn a_name_is_an_id_or_an_id_with_an_architecture() {
    for (name, gone) in [
        ("a", vec!["removed a [all]", "removed a [linux_arm_64]"]),
        ("a_all", vec!["removed a [all]", "removed a_all [all]"]),
        ("a_linux_arm_64", vec!["removed a [linux_arm_64]"]),
        ("a_all_all", vec!["removed a_all [all]"]),
        ("a_", vec![]),
        ("", vec![]),
        ("a_linux", vec![]),
        ("A", vec![]),
        ("a_all.ampkg", vec![]),
    ] {
        let world = three();
        let open = world.open();
        open.upload(package("a_all", "1").as_slice()).unwrap();
        world.events.take();
        assert_eq!(open.store.remove_named(name, Origin::RemoveFolder).unwrap(), gone.len(), "{name}");
        assert_eq!(world.events.take(), gone, "{name}");
        open.assert_consistent(&world);
    }
}

#[test]
fn what_is_being_read_stays_readable() {
    let world = three();
    let open = world.open();
    let (id, view) = ("b".parse().unwrap(), DeviceView::default());
    let package_b = open.store.package(&id, &view).unwrap().unwrap();
    let icon = open.store.icon(&id, &view).unwrap().unwrap();
    open.store.remove(&id, None, Origin::Http).unwrap();
    assert!(open.store.package(&id, &view).unwrap().is_none());
    assert_eq!(bytes(&*package_b.blob), package("b", "1"));
    assert_eq!(bytes(&*icon.blob), b"icon of b 1");
}

#[test]
fn a_removed_package_does_not_come_back() {
    let world = three();
    world.open().store.remove(&"a".parse().unwrap(), None, Origin::Http).unwrap();
    let (open, events) = world.restart();
    assert_eq!(events, ["added b [all]"]);
    open.assert_consistent(&world);
}

#[test]
fn a_file_that_is_gone_already_does_not_matter() {
    let world = three();
    let open = world.open();
    fs::remove_file(world.file("b_all.ampkg")).unwrap();
    assert_eq!(open.store.remove(&"b".parse().unwrap(), None, Origin::Http).unwrap(), 1);
    open.assert_consistent(&world);
}

#[test]
fn a_file_that_cannot_be_removed_keeps_all_releases() {
    let world = three();
    let open = world.open();
    let before = open.releases();
    // The second file of two is in the way.
    let file = world.file("a_linux_arm_64.ampkg");
    fs::remove_file(&file).unwrap();
    fs::create_dir_all(file.join("full")).unwrap();
    world.events.take();
    open.store.remove(&"a".parse().unwrap(), None, Origin::Http).unwrap_err();
    assert_eq!(open.releases(), before);
    assert!(!world.events.take().iter().any(|event| event.starts_with("removed")));
    assert!(world.file("a_all.ampkg").exists());
    fs::remove_dir_all(&file).unwrap();
    // Made again, not taken for deleted by its owner.
    drop(open);
    let (open, _) = world.restart();
    assert_eq!(open.releases(), before);
    open.assert_consistent(&world);
}
