//! What the store says about releases.

use amps_catalog::SqliteCatalog;
use amps_core::{
    Catalog, Sequence,
    accounts::{AccountError, CategoryId, MAX_BRIEF_BYTES, MAX_DESCRIPTION_BYTES, StoreEntry, VendorId},
};

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
