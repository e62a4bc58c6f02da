//! A disk and a catalog that fail at every single step of an upload that brings what the store is to say.

use amps_catalog::SqliteCatalog;
use amps_core::{
    Error, Security, Timestamp,
    accounts::{
        Categories as _, NewCategory, NewUser, NewVendor, PasswordHash, StoreEntries as _, StoreEntry,
        Users as _, Vendors as _,
    },
};
use amps_testkit::PackageBuilder;

use crate::{
    faults::open_with,
    faulty::{Faults, When},
    world::{Open, World, from},
};

/// The catalog of a world, as another process would open it.
fn catalog(world: &World) -> SqliteCatalog {
    SqliteCatalog::open(&world.path().join(".amps/catalog.db")).unwrap()
}

/// A world with a category and a vendor, and an entry that names them.
fn world(password: &PasswordHash) -> (World, StoreEntry) {
    let world = World::keeping_all();
    drop(world.open());
    let accounts = catalog(&world);
    let user =
        NewUser { name: "ada".parse().unwrap(), password: password.clone(), is_active: true, is_staff: true };
    accounts.create_user(&user, Timestamp(0)).unwrap();
    let category = NewCategory { name: "tools".parse().unwrap(), position: None, icon: None };
    let vendor = NewVendor { name: "V".parse().unwrap(), user: user.name, certificate: None };
    let entry = StoreEntry {
        category: accounts.create_category(&category).unwrap(),
        vendor: accounts.create_vendor(&vendor).unwrap(),
        brief_description: "before".into(),
        description: String::new(),
    };
    (world, entry)
}

fn upload(open: &Open, package: &[u8], entry: &StoreEntry) -> Result<(), Error> {
    let staged = open.store.stage_for_deployment(package, "a test", Security::Off)?;
    open.store.publish_staged(staged.with_entry(entry.clone()).unwrap(), &from()).map(drop)
}

/// What is said about each release, by version.
fn said(world: &World, open: &Open) -> Vec<(String, Option<String>)> {
    let (catalog, releases) = (catalog(world), open.catalog.releases().unwrap());
    let said = |sequence| catalog.store_entry(sequence).unwrap().map(|entry| entry.brief_description);
    releases.iter().map(|release| (release.facts.version.clone(), said(release.sequence))).collect()
}

#[test]
fn there_is_never_a_release_without_what_is_said_about_it() {
    let package = |version: &str, program: &[u8]| {
        PackageBuilder::hello().version(version).file("more", program).build()
    };
    let old = package("1", b"old");
    // It takes long.
    let password = PasswordHash::create(&"open sesame".into()).unwrap();
    // A new one, and one in place of the old one.
    for new in [package("2", b"new"), package("1", b"new")] {
        for when in [When::Before, When::After] {
            let mut is_done = false;
            for call in 1.. {
                let (world, before) = world(&password);
                upload(&world.open(), &old, &before).unwrap();
                let after = StoreEntry { brief_description: "after".into(), ..before };
                let faults = Faults::at(call, when);
                let Ok(open) = open_with(&world, &faults) else { continue };
                let done = upload(&open, &new, &after);
                drop(open);
                let open = world.open();
                open.assert_consistent(&world);
                let found = said(&world, &open);
                let words: Vec<_> = found.iter().filter_map(|(_, word)| word.as_deref()).collect();
                let what = format!("{:?} failed, call {call}, {when:?} its work: {found:?}", faults.failed());
                assert_eq!(words.len(), found.len(), "{what}");
                assert!(done.is_err() || words.contains(&"after"), "{what}");
                assert!(done.is_ok() || when == When::After || words == ["before"], "{what}");
                if faults.failed().is_none() {
                    is_done = true;
                    break;
                }
            }
            assert!(is_done);
        }
    }
}
