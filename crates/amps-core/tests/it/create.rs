//! Making packages of folders, and taking them in.

use std::fs;

use amps_core::{CreateOptions, Limits, create_package, inspect};

use crate::world::{World, tree};

fn folder(world: &World) -> std::path::PathBuf {
    let folder = world.path().join("source");
    fs::create_dir_all(folder.join("sub")).unwrap();
    fs::write(
        folder.join("info.yaml"),
        "formatType: am-package\nformatVersion: 1\n---\nid: made\nicon: icon.png\nname: { en: Made }\n\
         applications:\n- { id: made, code: main.qml, runtime: qml }\n",
    )
    .unwrap();
    fs::write(folder.join("icon.png"), "icon").unwrap();
    fs::write(folder.join("main.qml"), "Item {}").unwrap();
    fs::write(folder.join("sub/file"), "x").unwrap();
    folder
}

#[test]
fn what_was_made_is_taken_in() {
    let world = World::new();
    let made = world.path().join("made.ampkg");
    let created = create_package(&made, &folder(&world), CreateOptions::default()).unwrap();
    assert_eq!(created.skipped.len(), 0);
    let bytes = fs::read(&made).unwrap();
    let inspection = inspect(bytes.as_slice(), &Limits::default()).unwrap();
    assert_eq!(inspection.problems, <[&str; 0]>::default());
    assert_eq!(inspection.warnings, <[&str; 0]>::default());
    assert_eq!(inspection.digest.stated, created.digest);
    let open = world.open();
    open.upload(bytes.as_slice()).unwrap();
    open.assert_consistent(&world);
}

#[test]
fn a_failure_leaves_what_was_there() {
    let world = World::new();
    let source = folder(&world);
    let made = world.path().join("made.ampkg");
    fs::write(&made, "mine").unwrap();
    fs::remove_file(source.join("main.qml")).unwrap();
    let before = tree(world.path());
    create_package(&made, &source, CreateOptions::default()).unwrap_err();
    assert_eq!(tree(world.path()), before);
    create_package(&source, &source, CreateOptions::default()).unwrap_err();
    assert_eq!(tree(world.path()), before);
    create_package(&world.path().join("nowhere/made.ampkg"), &source, CreateOptions::default()).unwrap_err();
    assert_eq!(tree(world.path()), before);
}
