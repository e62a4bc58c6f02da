//! Letting releases go: from the catalog, the blobs and `.packages`, and never what somebody wants.

use std::{collections::HashSet, num::NonZero};

use amps_core::{
    Because, Hold, RetentionPlan, RetentionPolicy, Sequence, Survivor, Timestamp,
    accounts::{Accounts as _, DownloadToken, NewUser, PasswordHash, Purchase, Purchases as _, Users as _},
};

use crate::world::{Open, World, package};

fn keeping(versions: u32) -> RetentionPolicy {
    RetentionPolicy { versions: NonZero::new(versions), ..RetentionPolicy::default() }
}

fn up_to(bytes: u64) -> RetentionPolicy {
    RetentionPolicy { total_bytes: Some(bytes), survivor: Survivor::None, ..RetentionPolicy::default() }
}

/// Versions 1 to 4 of `a`, 1 of `b`, and 5 of `a`.
fn world() -> World {
    let packages: Vec<Vec<u8>> = (1..5).map(|version| package("a", &version.to_string())).collect();
    World::keeping_all()
        .after(packages.iter().map(Vec::as_slice))
        .after([package("b", "1").as_slice(), &package("a", "5")])
}

fn retain(open: &Open, policy: &RetentionPolicy) -> RetentionPlan {
    open.store.retain(policy, &HashSet::new()).unwrap()
}

fn number(open: &Open, version: &str) -> Sequence {
    let is_it = |id: &str, found: &str| id == "a" && found == version;
    let releases = open.catalog.releases().unwrap();
    releases.iter().find(|found| is_it(found.facts.id.as_str(), &found.facts.version)).unwrap().sequence
}

#[test]
fn older_versions_go_and_their_bytes_with_them() {
    let world = world();
    let open = world.open();
    world.events.take();
    let planned = open.store.retention_plan(&keeping(2), &HashSet::new()).unwrap();
    assert_eq!(world.events.take(), <[&str; 0]>::default(), "planning changes nothing");
    let done = retain(&open, &keeping(2));
    assert_eq!(done, planned);
    assert_eq!(done.removals.len(), 3);
    assert!(done.removals.iter().all(|removal| removal.because == Because::Versions));
    assert_eq!(world.events.take(), ["retired a [all] 1", "retired a [all] 2", "retired a [all] 3"]);
    assert_eq!(open.releases(), ["a [all] 4", "a [all] 5", "b [all] 1"]);
    assert_eq!(open.download("a").unwrap(), package("a", "5"));
    open.assert_consistent(&world);
    assert_eq!(retain(&open, &keeping(2)).removals, []);
    drop(open);
    assert_eq!(world.restart().1, ["added a [all]", "added b [all]"]);
}

#[test]
fn the_store_never_has_more_than_it_may_if_nothing_is_held() {
    let world = world();
    let open = world.open();
    world.events.take();
    let most = (package("b", "1").len() + package("a", "5").len() + 100) as u64;
    let done = retain(&open, &up_to(most));
    assert!(done.bytes_before > most && done.bytes_after <= most);
    assert_eq!(open.releases(), ["a [all] 5", "b [all] 1"]);
    open.assert_consistent(&world);
    let bytes: u64 = open.blobs.list().unwrap().iter().map(|blob| blob.size_bytes).sum();
    assert_eq!(bytes, done.bytes_after);
    world.events.take();
    retain(&open, &up_to(0));
    assert_eq!(
        world.events.take(),
        ["removed b [all]", "retired b [all] 1", "removed a [all]", "retired a [all] 5"]
    );
    assert_eq!(open.blobs.list().unwrap(), []);
    open.assert_consistent(&world);
}

#[test]
fn what_is_being_downloaded_stays_until_it_is_done() {
    let world = world();
    let open = world.open();
    let release = open.store.release(number(&open, "1")).unwrap().unwrap();
    let download = open.store.package_of(&release, None, amps_core::Security::Off).unwrap();
    let done = retain(&open, &keeping(1));
    assert_eq!((done.removals.len(), done.spared.len()), (3, 1));
    assert_eq!(done.spared[0].hold, Hold::Downloading);
    assert_eq!(open.releases(), ["a [all] 1", "a [all] 5", "b [all] 1"]);
    drop(download);
    retain(&open, &keeping(1));
    assert_eq!(open.releases(), ["a [all] 5", "b [all] 1"]);
    open.assert_consistent(&world);
}

#[test]
fn the_newest_one_is_held_open_for_the_next_device_and_that_is_no_download() {
    let world = world();
    let open = world.open();
    assert!(open.download("b").is_some());
    retain(&open, &up_to(0));
    assert_eq!(open.releases(), <[&str; 0]>::default());
    open.assert_consistent(&world);
}

#[test]
fn what_somebody_has_bought_stays_until_it_expires() {
    let world = world();
    let open = world.open();
    let catalog = amps_catalog::SqliteCatalog::open(&world.path().join(".amps/catalog.db")).unwrap();
    let user = NewUser {
        name: "ada".parse().unwrap(),
        password: PasswordHash::of_none(),
        is_active: true,
        is_staff: false,
    };
    let user = catalog.create_user(&user, Timestamp(0)).unwrap();
    let release = number(&open, "2");
    let purchase = Purchase { user, device: None, release, expires_at: Timestamp(600) };
    catalog.create_purchase(&DownloadToken::generate().unwrap().hash(), &purchase, Timestamp(0)).unwrap();
    let purchased = catalog.purchased(Timestamp(599)).unwrap();
    assert_eq!(purchased, HashSet::from([release]));
    let done = open.store.retain(&keeping(1), &purchased).unwrap();
    assert_eq!((done.spared.len(), done.spared[0].hold), (1, Hold::Purchased));
    assert_eq!(open.releases(), ["a [all] 2", "a [all] 5", "b [all] 1"]);
    assert_eq!(catalog.purchased(Timestamp(600)).unwrap(), HashSet::new());
    let _ = catalog.remove_expired(Timestamp(600)).unwrap();
    retain(&open, &keeping(1));
    assert_eq!(open.releases(), ["a [all] 5", "b [all] 1"]);
    open.assert_consistent(&world);
}

#[test]
fn the_one_before_takes_the_place_of_one_that_is_shown() {
    let world = world();
    let open = world.open();
    let held = open.store.release(number(&open, "4")).unwrap().unwrap();
    let _download = open.store.package_of(&held, None, amps_core::Security::Off).unwrap();
    world.events.take();
    retain(&open, &up_to(0));
    let events = world.events.take();
    assert_eq!(&events[events.len() - 2..], ["updated a [all]", "retired a [all] 5"]);
    assert_eq!(open.releases(), ["a [all] 4"]);
    assert_eq!(open.download("a").unwrap(), package("a", "4"));
    open.assert_consistent(&world);
}

#[test]
fn more_than_go_at_once_all_go() {
    let world = World::keeping_all();
    let open = world.open();
    for version in 1..140 {
        open.upload(package("a", &version.to_string()).as_slice()).unwrap();
    }
    assert_eq!(retain(&open, &keeping(2)).removals.len(), 137);
    assert_eq!(open.releases(), ["a [all] 138", "a [all] 139"]);
    open.assert_consistent(&world);
}
