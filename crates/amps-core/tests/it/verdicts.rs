//! The words that say how taking a package in has ended, and what is counted on the way.

use std::io::{self, Read as _};

use amps_core::{CacheCounts, DeviceView, Origin, Provenance};

use crate::world::{World, from, package, put};

struct Broken;

impl io::Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::ErrorKind::ConnectionReset.into())
    }
}

#[test]
fn every_upload_ends_with_one_word() {
    let world = World::new();
    let open = world.open();
    let (first, second) = (package("a", "1"), package("a", "2"));
    let half = &first[..first.len() / 2];
    for (what, bytes, verdict) in [
        ("new", &*first, "added"),
        ("the same", &*first, "unchanged"),
        ("another version", &*second, "updated"),
        ("no package", &b"no package"[..], "format"),
        ("the half of one", half, "format"),
    ] {
        let uploaded = open.upload(bytes);
        assert_eq!(world.events.take_verdicts(), [(from().origin, verdict)], "{what}");
        assert_eq!(uploaded.err().map_or(verdict, |error| error.verdict()), verdict, "{what}");
    }
    open.upload(half.chain(Broken)).unwrap_err();
    assert_eq!(world.events.take_verdicts(), [(from().origin, "incomplete")]);
}

#[test]
fn an_attempt_that_fails_has_no_word_until_it_is_given_up() {
    let world = World::new();
    let open = world.open();
    let from = Provenance {
        origin: Origin::UploadFolder,
        name: "f".into(),
        by: "found in upload".into(),
        cause: Origin::UploadFolder.into(),
    };
    let error = open.store.attempt(&b"not yet"[..], &from).unwrap_err();
    assert_eq!(world.events.take_verdicts(), []);
    open.store.refused(&from, &error);
    assert_eq!(world.events.take_verdicts(), [(Origin::UploadFolder, "format")]);
}

#[test]
fn a_file_that_a_start_finds_is_one_of_the_start() {
    let world = World::new();
    drop(world.open());
    put(world.file("a_all.ampkg"), package("a", "1"));
    let _open = world.open();
    assert_eq!(world.events.take_verdicts(), [(Origin::Start, "added")]);
}

#[test]
fn blobs_that_are_open_are_hits() {
    let world = World::new();
    let open = world.open();
    open.upload(&*package("a", "1")).unwrap();
    let (id, view) = ("a".parse().unwrap(), DeviceView::default());
    assert!(open.store.package_at_hand(&id, &view, None).is_none());
    assert_eq!(open.store.counts().open_blobs, CacheCounts::default());
    for _ in 0..3 {
        open.store.package(&id, &view).unwrap().unwrap();
    }
    assert!(open.store.package_at_hand(&id, &view, None).is_some());
    assert_eq!(open.store.counts().open_blobs, CacheCounts { hits: 3, misses: 1 });
}

#[test]
fn writing_is_tried_without_a_trace() {
    let world = World::new();
    let open = world.open();
    let before = open.snapshot(&world);
    open.store.try_writing().unwrap();
    assert_eq!(open.snapshot(&world), before);
    std::fs::rename(world.path().join(".amps/staging"), world.path().join(".amps/elsewhere")).unwrap();
    open.store.try_writing().unwrap_err();
}
