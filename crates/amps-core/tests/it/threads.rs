//! Many threads that change the same few packages.

use std::time::SystemTime;

use amps_core::{DeviceView, Origin};

use crate::world::{World, native, package};

/// Numbers without a pattern that matters (Knuth's MMIX generator).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }
}

#[test]
fn the_store_is_consistent_after_everything_at_once() {
    let world = World::new();
    let open = world.open();
    let ids = ["a", "b", "c"];
    let packages: Vec<Vec<u8>> = ids
        .iter()
        .flat_map(|id| {
            [
                package(id, "1"),
                package(id, "2"),
                native(id, "1", "linux-aarch64"),
                native(id, "2", "linux-aarch64"),
            ]
        })
        .collect();
    std::thread::scope(|scope| {
        for seed in 0..6 {
            let (open, packages) = (&open, &packages);
            scope.spawn(move || {
                let mut random = Random(seed);
                for _ in 0..40 {
                    let id = ids[random.below(3)].parse().unwrap();
                    match random.below(8) {
                        0..4 => {
                            let bytes = &packages[random.below(packages.len())];
                            let upload = open.upload(bytes.as_slice()).unwrap();
                            assert!(ids.contains(&upload.id.as_str()));
                        }
                        4 => drop(open.store.remove(&id, None, Origin::Http).unwrap()),
                        5 => {
                            let architecture = "linux_arm_64".parse().unwrap();
                            open.store.remove(&id, Some(&architecture), Origin::Http).unwrap();
                        }
                        6 => drop(open.store.sweep(SystemTime::now()).unwrap()),
                        _ => {
                            if let Some(found) = open.store.package(&id, &DeviceView::default()).unwrap() {
                                assert!(packages.contains(&crate::world::bytes(&*found.blob)));
                            }
                        }
                    }
                }
            });
        }
    });
    open.assert_consistent(&world);
    let events = world.events.take();
    assert!(
        !events.iter().any(|event| event.starts_with("warned") || event.starts_with("refused")),
        "{events:?}"
    );
    let count = |word: &str| events.iter().filter(|event| event.starts_with(word)).count();
    assert_eq!(count("added") - count("removed"), open.releases().len());
    let before = open.releases();
    drop(open);
    let (open, _) = world.restart();
    assert_eq!(open.releases(), before);
    open.assert_consistent(&world);
}

#[test]
fn of_the_same_package_at_once_one_is_added() {
    let world = World::new();
    let open = world.open();
    let bytes = package("a", "1");
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| open.upload(bytes.as_slice()).unwrap());
        }
    });
    let mut events = world.events.take();
    events.sort();
    assert_eq!(events[0], "added a [all]");
    assert!(events[1..].iter().all(|event| event == "unchanged a [all]"), "{events:?}");
    open.assert_consistent(&world);
}
