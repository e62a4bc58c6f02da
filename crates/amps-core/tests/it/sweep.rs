//! Blobs that nothing refers to go, but not at once.

use std::time::{Duration, SystemTime};

use crate::world::{World, blob_id, package};

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
