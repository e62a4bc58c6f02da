//! Finding releases while they change.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use amps_core::{DeviceView, Origin};

use crate::world::{World, bytes, package};

#[test]
fn a_listing_is_kept_until_the_catalog_changes() {
    let world = World::with([package("a", "1").as_slice()]);
    let open = world.open();
    let first = open.store.listing().unwrap();
    assert!(Arc::ptr_eq(&first, &open.store.listing().unwrap()));
    open.upload(package("b", "1").as_slice()).unwrap();
    let second = open.store.listing().unwrap();
    assert!(second.generation() > first.generation());
    assert_eq!((first.releases().len(), second.releases().len()), (1, 2));
    assert_eq!(second.of(&"b".parse().unwrap()).len(), 1);
    assert_eq!(second.of(&"c".parse().unwrap()).len(), 0);
}

#[test]
fn a_package_whose_bytes_are_lost_is_an_error_not_a_loop() {
    let world = World::with([package("a", "1").as_slice()]);
    let open = world.open();
    std::fs::remove_dir_all(world.path().join(".amps/blobs")).unwrap();
    let found = open.store.package(&"a".parse().unwrap(), &DeviceView::default());
    assert!(matches!(found.err().unwrap(), amps_core::Error::Blob(_)));
}

#[test]
fn a_package_that_somebody_has_copied_over_is_an_error_until_it_is_uploaded_again() {
    let world = World::with([package("a", "1").as_slice()]);
    let open = world.open();
    crate::world::overwrite(&world.file("a_all.ampkg"), b"another file");
    let found = open.store.package(&"a".parse().unwrap(), &DeviceView::default());
    let error = amps_core::chain(&found.err().unwrap());
    assert!(error.contains("was changed: found 12 bytes: expected"), "{error}");
    open.upload(package("a", "1").as_slice()).unwrap();
    assert_eq!(open.download("a").unwrap(), package("a", "1"));
}

#[test]
fn a_reader_never_sees_a_package_half_replaced() {
    let world = World::with([package("a", "0").as_slice()]);
    let open = world.open();
    let done = AtomicBool::new(false);
    let versions: Vec<Vec<u8>> = (0..3).map(|version| package("a", &version.to_string())).collect();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let id = "a".parse().unwrap();
                while !done.load(Ordering::Relaxed) {
                    // Gone for a moment is fine, an error is not.
                    if let Some(package) = open.store.package(&id, &DeviceView::default()).unwrap() {
                        let found = bytes(&*package.blob);
                        assert!(versions.contains(&found));
                        assert_eq!(crate::world::blob_id(&found), package.release.facts.package.id);
                    }
                    let _ = open.store.icon(&id, &DeviceView::default()).unwrap();
                }
            });
        }
        for round in 0..150 {
            open.upload(versions[round % 3].as_slice()).unwrap();
            if round % 4 == 0 {
                open.store.remove(&"a".parse().unwrap(), None, Origin::Http).unwrap();
            }
        }
        done.store(true, Ordering::Relaxed);
    });
    open.assert_consistent(&world);
}
