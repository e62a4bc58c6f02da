//! One data directory, one server.

use std::{fs, path::Path};

use amps_core::{DataDir, Error};

use crate::world::{World, lock};

#[test]
fn keeps_a_second_store_out_until_the_first_is_gone() {
    let world = World::new();
    let first = lock(&world).unwrap();
    for _ in 0..2 {
        let error = lock(&world).unwrap_err();
        let Error::Locked { pid, .. } = &error else { panic!("{error:?}") };
        assert_eq!(*pid, std::process::id().to_string());
    }
    // Under another name too.
    let alias = world.path().join("alias");
    std::os::unix::fs::symlink(world.path(), &alias).unwrap();
    assert!(matches!(DataDir::open(&alias), Err(Error::Locked { .. })));
    drop(first);
    lock(&world).unwrap();
}

#[test]
fn of_many_at_once_one_has_it() {
    let world = World::new();
    for _ in 0..50 {
        let got: Vec<Option<DataDir>> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| lock(&world).ok())).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(got.iter().flatten().count(), 1);
        assert!(world.path().join(".lock").exists());
    }
}

#[test]
fn a_name_that_names_nothing_makes_nothing() {
    let before = fs::read_dir(".").unwrap().count();
    let error = DataDir::open(Path::new("")).unwrap_err();
    assert!(matches!(error, Error::Io { .. }), "{error:?}");
    assert_eq!(fs::read_dir(".").unwrap().count(), before);
}

#[test]
fn a_file_is_no_directory() {
    let world = World::new();
    let file = world.path().join("file");
    fs::write(&file, "mine").unwrap();
    let error = DataDir::open(&file).unwrap_err();
    assert!(error.to_string().contains("file"), "{error}");
    assert_eq!(fs::read(&file).unwrap(), b"mine");
}
