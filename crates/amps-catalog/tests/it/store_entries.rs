//! What the store says about releases.

use std::collections::BTreeMap;

use amps_catalog::SqliteCatalog;
use amps_core::{
    Catalog, CatalogError, ReleaseDraft, Sequence,
    accounts::{AccountError, CategoryId, MAX_BRIEF_BYTES, MAX_DESCRIPTION_BYTES, StoreEntry, VendorId},
    chain,
};
use rusqlite::Connection;

use crate::{
    accounts::{AsAccounts as _, NOW, category, on_both, user, vendor},
    drafts::draft,
};

/// A catalog with a category and a vendor, and an entry that names them.
fn entry(catalog: &SqliteCatalog) -> StoreEntry {
    let accounts = catalog.as_accounts();
    accounts.create_user(&user("joe"), NOW).unwrap();
    StoreEntry {
        category: accounts.create_category(&category("C")).unwrap(),
        vendor: accounts.create_vendor(&vendor("V", "joe")).unwrap(),
        brief_description: "it's \"brief\"".into(),
        description: "<b>'; DROP TABLE store_entries; --</b>\0".into(),
    }
}

fn publish(catalog: &SqliteCatalog, package: u8, replaced: &[Sequence]) -> Sequence {
    // Each has a version of its own, or it would take the place of the one before.
    let mut draft = draft("a", "all", package);
    draft.facts.version = package.to_string();
    catalog.publish(&draft, replaced).unwrap().sequence
}

#[test]
fn an_entry_comes_back_and_is_replaced() {
    on_both(|catalog| {
        let accounts = catalog.as_accounts();
        let entry = entry(&catalog);
        let (first, second) = (publish(&catalog, 1, &[]), publish(&catalog, 2, &[]));
        let before = catalog.generation().unwrap();
        accounts.set_store_entry(second, &entry).unwrap();
        assert_eq!(catalog.generation().unwrap(), before + 1);
        assert_eq!(accounts.store_entry(second).unwrap(), Some(entry.clone()));
        assert_eq!(accounts.store_entry(first).unwrap(), None);
        let other = StoreEntry { description: "other".into(), ..entry.clone() };
        accounts.set_store_entry(second, &other).unwrap();
        accounts.set_store_entry(first, &entry).unwrap();
        let listed = |entry: &StoreEntry| StoreEntry { description: String::new(), ..entry.clone() };
        assert_eq!(accounts.store_entries().unwrap(), [(first, listed(&entry)), (second, listed(&other))]);
        assert_eq!(accounts.store_entry(second).unwrap(), Some(other));
    });
}

#[test]
fn a_release_takes_over_what_was_said_about_the_one_it_replaces() {
    on_both(|catalog| {
        let accounts = catalog.as_accounts();
        let entry = entry(&catalog);
        let first = publish(&catalog, 1, &[]);
        accounts.set_store_entry(first, &entry).unwrap();
        let silent = publish(&catalog, 2, &[]);
        let third = publish(&catalog, 3, &[silent, first]);
        assert_eq!(accounts.store_entry(third).unwrap(), Some(entry));
        assert_eq!(accounts.store_entry(first).unwrap(), None);
        // One beside it does not.
        let beside = publish(&catalog, 4, &[]);
        assert_eq!(accounts.store_entry(beside).unwrap(), None);
        catalog.remove(&[third]).unwrap();
        assert_eq!(accounts.store_entries().unwrap(), []);
    });
}

#[test]
fn what_is_not_there_is_not_spoken_of() {
    on_both(|catalog| {
        let accounts = catalog.as_accounts();
        let entry = entry(&catalog);
        let release = publish(&catalog, 1, &[]);
        let gone = |release, entry: &StoreEntry| match accounts.set_store_entry(release, entry) {
            Err(AccountError::Gone { what }) => what,
            other => panic!("{other:?}"),
        };
        for strange in [0, 99, u64::MAX] {
            assert_eq!(gone(Sequence(strange), &entry), "release");
            assert_eq!(
                gone(release, &StoreEntry { category: CategoryId(strange), ..entry.clone() }),
                "category"
            );
            assert_eq!(gone(release, &StoreEntry { vendor: VendorId(strange), ..entry.clone() }), "vendor");
            assert_eq!(accounts.store_entry(Sequence(strange)).unwrap(), None);
        }
        assert_eq!(accounts.store_entries().unwrap(), []);
    });
}

#[test]
fn texts_are_bounded() {
    let catalog = SqliteCatalog::in_memory().unwrap();
    let accounts = catalog.as_accounts();
    let entry = entry(&catalog);
    let release = publish(&catalog, 1, &[]);
    let of = |brief, long| StoreEntry {
        brief_description: "b".repeat(brief),
        description: "d".repeat(long),
        ..entry.clone()
    };
    accounts.set_store_entry(release, &of(MAX_BRIEF_BYTES, MAX_DESCRIPTION_BYTES)).unwrap();
    for (wrong, message) in [
        (of(MAX_BRIEF_BYTES + 1, 1), "the short description has 4097 bytes, expected at most 4096"),
        (of(1, MAX_DESCRIPTION_BYTES + 1), "the description has 262145 bytes, expected at most 262144"),
    ] {
        assert_eq!(accounts.set_store_entry(release, &wrong).unwrap_err().to_string(), message);
    }
}

/// A release and what is said about it.
fn said(package: u8, entry: &StoreEntry) -> ReleaseDraft {
    let mut draft = draft("a", "all", package);
    draft.facts.version = package.to_string();
    draft.entry = Some(entry.clone());
    draft
}

#[test]
fn a_release_comes_with_what_is_said_about_it() {
    on_both(|catalog| {
        let accounts = catalog.as_accounts();
        let entry = entry(&catalog);
        let before = catalog.generation().unwrap();
        let first = catalog.publish(&said(1, &entry), &[]).unwrap().sequence;
        assert_eq!(catalog.generation().unwrap(), before + 1);
        assert_eq!(accounts.store_entry(first).unwrap(), Some(entry.clone()));
        // It goes before what was said about the one that is replaced.
        let other = StoreEntry { description: "other".into(), ..entry };
        let second = catalog.publish(&said(2, &other), &[first]).unwrap().sequence;
        assert_eq!(accounts.store_entry(second).unwrap(), Some(other));
    });
}

#[test]
fn a_release_whose_category_or_vendor_is_gone_is_not_published() {
    on_both(|catalog| {
        let entry = entry(&catalog);
        let first = catalog.publish(&said(1, &entry), &[]).unwrap().sequence;
        let state = || (catalog.releases().unwrap(), catalog.generation().unwrap(), catalog.blobs().unwrap());
        let before = state();
        for (what, wrong) in [
            ("category", StoreEntry { category: CategoryId(99), ..entry.clone() }),
            ("vendor", StoreEntry { vendor: VendorId(u64::MAX), ..entry.clone() }),
        ] {
            let error = catalog.publish(&said(2, &wrong), &[first]).unwrap_err();
            assert!(matches!(error, CatalogError::Gone { what: found } if found == what), "{error:?}");
            assert_eq!(state(), before);
        }
        assert_eq!(catalog.as_accounts().store_entry(first).unwrap(), Some(entry));
    });
}

#[test]
fn a_failure_between_a_release_and_what_is_said_about_it_leaves_neither() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.db");
    let catalog = SqliteCatalog::open(&path).unwrap();
    let entry = entry(&catalog);
    let first = catalog.publish(&said(1, &entry), &[]).unwrap().sequence;
    let before = (catalog.releases().unwrap(), catalog.generation().unwrap(), catalog.links().unwrap());
    let other = Connection::open(&path).unwrap();
    let fail = "CREATE TRIGGER fail BEFORE INSERT ON store_entries BEGIN SELECT RAISE(FAIL, 'no room'); END";
    other.execute_batch(fail).unwrap();
    let error = chain(&catalog.publish(&said(2, &entry), &[first]).unwrap_err());
    assert!(error.starts_with("the catalog cannot publish a release: no room"), "{error}");
    let after = (catalog.releases().unwrap(), catalog.generation().unwrap(), catalog.links().unwrap());
    assert_eq!(after, before);
    assert_eq!(catalog.as_accounts().store_entry(first).unwrap(), Some(entry.clone()));
    other.execute_batch("DROP TRIGGER fail").unwrap();
    let second = catalog.publish(&said(2, &entry), &[first]).unwrap().sequence;
    assert_eq!(catalog.as_accounts().store_entry(second).unwrap(), Some(entry));
}

#[test]
fn what_has_changed_since_any_generation_leads_to_what_is_said_now() {
    on_both(|catalog| {
        let accounts = catalog.as_accounts();
        let entry = entry(&catalog);
        let brief = |text: &str| StoreEntry { brief_description: text.into(), ..entry.clone() };
        let first = publish(&catalog, 1, &[]);
        let mut states = Vec::new();
        let note = |states: &mut Vec<_>| {
            let entries: BTreeMap<_, _> = accounts.store_entries().unwrap().into_iter().collect();
            states.push((catalog.generation().unwrap(), entries));
        };
        note(&mut states);
        accounts.set_store_entry(first, &brief("1")).unwrap();
        note(&mut states);
        let second = catalog.publish(&said(2, &brief("2")), &[]).unwrap().sequence;
        accounts.create_category(&category("another")).unwrap();
        note(&mut states);
        let third = publish(&catalog, 3, &[first]);
        note(&mut states);
        accounts.set_store_entry(third, &brief("3")).unwrap();
        note(&mut states);
        catalog.remove(&[second]).unwrap();
        note(&mut states);
        let (now, last) = states.last().unwrap().clone();
        assert_eq!(last.len(), 1);
        for (generation, mut entries) in states {
            let changes = accounts.store_entries_since(generation).unwrap().unwrap();
            assert_eq!(changes.generation, now);
            assert!(generation < now || changes.entries.is_empty());
            for (release, entry) in changes.entries {
                match entry {
                    Some(entry) => entries.insert(release, entry),
                    None => entries.remove(&release),
                };
            }
            assert_eq!(entries, last, "since {generation}");
        }
        for unknown in [now + 1, u64::MAX] {
            assert_eq!(accounts.store_entries_since(unknown).unwrap(), None);
        }
    });
}
