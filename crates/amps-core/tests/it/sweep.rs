//! Blobs that nothing refers to go, but not at once.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use amps_core::{Clock, SystemClock, Timestamp};

use crate::world::{World, blob_id, from, package};

#[test]
fn takes_what_nothing_refers_to_after_an_hour() {
    let world = World::with([package("a", "1").as_slice()]);
    let open = world.open();
    let orphan = blob_id(b"orphan");
    let mut staged = open.blobs.stage().unwrap();
    staged.write_all(b"orphan").unwrap();
    staged.commit(&orphan).unwrap();
    let committed = open.blobs.list().unwrap().iter().find(|blob| blob.id == orphan).unwrap().committed;
    let hour = Duration::from_hours(1);
    for (now, swept) in [
        (committed, 0),
        (committed + hour, 0),
        // A clock that was set back makes nothing older.
        (SystemTime::UNIX_EPOCH, 0),
        (committed + hour + Duration::from_millis(1), 1),
        (committed + 2 * hour, 0),
    ] {
        assert_eq!(open.store.sweep(now).unwrap(), swept);
    }
    open.assert_consistent(&world);
    assert!(open.download("a").is_some());
}

#[test]
fn starting_sweeps() {
    let world = World::new();
    let open = world.open();
    let orphan = blob_id(b"orphan");
    let mut staged = open.blobs.stage().unwrap();
    staged.write_all(b"orphan").unwrap();
    staged.commit(&orphan).unwrap();
    drop(open);
    assert_eq!(world.open().blobs.list().unwrap().len(), 1);
    let name = orphan.to_string();
    crate::world::age(&world.path().join(".amps/blobs").join(&name[..2]).join(&name), 3700);
    drop(world.store(|parts| parts.clock = Arc::new(SystemClock)));
    assert_eq!(world.open().blobs.list().unwrap(), []);
}

#[test]
fn does_not_touch_what_is_staged() {
    let world = World::new();
    let open = world.open();
    let mut staged = open.blobs.stage().unwrap();
    staged.write_all(b"slow").unwrap();
    open.store.sweep(SystemTime::now() + Duration::from_secs(100_000)).unwrap();
    staged.commit(&blob_id(b"slow")).unwrap();
    assert_eq!(open.blobs.list().unwrap().len(), 1);
}

/// What time it is said to be.
struct At(i64);

impl Clock for At {
    fn now(&self) -> Timestamp {
        Timestamp(self.0)
    }
}

#[test]
fn whatever_the_clock_says_no_package_is_lost_and_the_last_upload_counts() {
    let world = World::new();
    // 1938, 1970, 2100, back to 2023, and times that no system has.
    for (version, seconds) in
        [-1_000_000_000, 0, 4_102_444_800, 1_700_000_000, i64::MAX, i64::MIN].into_iter().enumerate()
    {
        let store = world.store(|parts| parts.clock = Arc::new(At(seconds)));
        store.upload(package("a", &version.to_string()).as_slice(), &from()).unwrap();
        store.upload(package(&format!("b{version}"), "1").as_slice(), &from()).unwrap();
        let listing = store.listing().unwrap();
        assert_eq!(listing.releases().len(), version + 2, "{seconds}");
        assert_eq!(listing.releases()[0].facts.uploaded_at, Timestamp(seconds));
        drop(store);
        let open = world.open();
        assert_eq!(open.releases()[0], format!("a [all] {version}"));
        open.assert_consistent(&world);
    }
}

#[test]
fn a_jump_of_a_century_takes_nothing_from_uploads_that_are_under_way() {
    let world = World::new();
    let open = world.open();
    let (uploads, sweeps) = (40, 100);
    std::thread::scope(|scope| {
        for id in ["a", "b"] {
            let open = &open;
            scope.spawn(move || {
                for version in 0..uploads {
                    open.upload(package(id, &version.to_string()).as_slice()).unwrap();
                }
            });
        }
        for _ in 0..sweeps {
            open.store.sweep(SystemTime::now() + Duration::from_hours(24 * 365 * 100)).unwrap();
        }
    });
    open.assert_consistent(&world);
    assert_eq!(open.releases(), ["a [all] 39", "b [all] 39"]);
}
