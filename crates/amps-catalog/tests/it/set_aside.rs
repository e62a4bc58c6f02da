//! A damaged catalog is kept under another name, and a new one takes its place; one that just cannot be used is left alone.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use amps_catalog::SqliteCatalog;
use amps_core::{Catalog, CatalogError};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::drafts::{draft, full};

/// A catalog with some releases, as a process leaves it that was killed: the last ones are in the write-ahead log only.
fn killed() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let (path, open) = (folder.path().join("catalog.db"), folder.path().join("open.db"));
    let catalog = SqliteCatalog::open(&open).unwrap();
    catalog.publish(&full(), &[]).unwrap();
    for number in 0..60 {
        catalog.publish(&draft(&format!("a{number}"), "all", number), &[]).unwrap();
    }
    Connection::open(&open).unwrap().query_row("PRAGMA wal_checkpoint", [], |_| Ok(())).unwrap();
    catalog.publish(&draft("last", "all", 61), &[]).unwrap();
    for suffix in ["", "-wal", "-shm"] {
        fs::copy(
            folder.path().join(format!("open.db{suffix}")),
            folder.path().join(format!("catalog.db{suffix}")),
        )
        .unwrap();
    }
    drop(catalog);
    fs::remove_file(open).unwrap();
    (folder, path)
}

/// The files in a folder but the index of a log, which says nothing of its own, and logs that are empty.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let named =
        entries.map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap()));
    named
        .filter(|(name, bytes)| !(name.ends_with("-shm") || name.ends_with("-wal") && bytes.is_empty()))
        .collect()
}

/// Opening sets the file aside as it was and makes a catalog that works. Returns what is said about it.
fn is_set_aside(folder: &Path, path: &Path, number: usize) -> String {
    let before = files(folder);
    let (catalog, aside) = SqliteCatalog::open_or_set_aside(path).unwrap();
    let aside = aside.expect("it was not found to be damaged");
    assert_eq!(aside.path, folder.join(format!("catalog.db.damaged-{number}")));
    assert_eq!((catalog.releases().unwrap().len(), catalog.generation().unwrap()), (0, 0));
    catalog.publish(&full(), &[]).unwrap();
    drop(catalog);
    let mut after = files(folder);
    after.remove("catalog.db").expect("there is no new one");
    let moved = before.into_iter().map(|(name, bytes)| match name.strip_prefix("catalog.db") {
        Some(suffix) if !suffix.starts_with('.') => (format!("catalog.db.damaged-{number}{suffix}"), bytes),
        _ => (name, bytes),
    });
    assert!(after == moved.collect(), "not every byte was kept");
    let (_, again) = SqliteCatalog::open_or_set_aside(path).unwrap();
    assert!(again.is_none(), "the new one is damaged too");
    aside.to_string()
}

#[test]
fn one_that_is_whole_stays() {
    let (folder, path) = killed();
    let (catalog, aside) = SqliteCatalog::open_or_set_aside(&path).unwrap();
    assert!(aside.is_none());
    assert_eq!(catalog.releases().unwrap().len(), 62);
    drop(catalog);
    assert_eq!(files(folder.path()).keys().collect::<Vec<_>>(), ["catalog.db"]);
}

#[test]
fn files_that_are_no_database_are_set_aside() {
    for content in [&b"garbage"[..], &[0xa5; 5000], b"SQLite format 3\0", &[0; 4096]] {
        let (folder, path) = killed();
        fs::write(&path, content).unwrap();
        let text = is_set_aside(folder.path(), &path, 1);
        assert!(text.contains("catalog.db.damaged-1` now, and a new one is made"), "{text}");
        assert!(
            text.ends_with(
                "lost is when and by whom they were uploaded, and every user, vendor and category"
            ),
            "{text}"
        );
    }
}

#[test]
fn truncated_ones_are_set_aside() {
    let length = usize::try_from(fs::metadata(killed().1).unwrap().len()).unwrap();
    for kept in [0, 100, 4096, length / 2, length - 4096, length - 1] {
        let (folder, path) = killed();
        let whole = fs::read(&path).unwrap();
        // The log has the newest pages; without it the file must do.
        fs::write(&path, &whole[..kept]).unwrap();
        if kept > 0 {
            fs::remove_file(folder.path().join("catalog.db-wal")).unwrap();
        }
        is_set_aside(folder.path(), &path, 1);
    }
}

#[test]
fn every_page_that_is_garbage_is_found() {
    let (folder, path) = killed();
    drop(SqliteCatalog::open(&path).unwrap());
    let whole = fs::read(&path).unwrap();
    for page in 0..whole.len() / 4096 {
        let mut damaged = whole.clone();
        damaged[page * 4096..(page + 1) * 4096].fill(0xa5);
        fs::write(&path, &damaged).unwrap();
        is_set_aside(folder.path(), &path, page + 1);
    }
}

#[test]
fn what_cannot_be_read_as_what_it_is_is_found() {
    for change in [
        "UPDATE releases SET id = 'a/b' WHERE sequence = 7",
        "UPDATE releases SET names = '{\"en\":1}' WHERE sequence = 7",
        "UPDATE releases SET link_inode = NULL, link_device = 1 WHERE sequence = 7",
        "DELETE FROM store",
        "DROP TABLE documents",
        "DROP TABLE changes",
        "ALTER TABLE releases DROP COLUMN uploaded_by",
    ] {
        let (folder, path) = killed();
        let connection = Connection::open(&path).unwrap();
        connection.pragma_update(None, "ignore_check_constraints", true).unwrap();
        connection.execute_batch(change).unwrap();
        drop(connection);
        is_set_aside(folder.path(), &path, 1);
    }
}

#[test]
fn a_log_that_is_garbage_costs_only_what_it_had() {
    for (name, expected) in [("catalog.db-wal", 61), ("catalog.db-shm", 62)] {
        for garbage in [vec![0xa5; 40_000], vec![], vec![0; 40_000]] {
            let (folder, path) = killed();
            fs::write(folder.path().join(name), &garbage).unwrap();
            let (catalog, aside) = SqliteCatalog::open_or_set_aside(&path).unwrap();
            assert!(aside.is_none());
            assert_eq!(catalog.releases().unwrap().len(), expected, "{name}");
            catalog.publish(&full(), &[]).unwrap();
        }
    }
}

#[test]
fn what_says_nothing_about_the_file_leaves_it_alone() {
    // Of a later version.
    let (folder, path) = killed();
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 1000).unwrap();
    let before = files(folder.path());
    let error = SqliteCatalog::open_or_set_aside(&path).unwrap_err();
    assert!(matches!(error, CatalogError::TooNew { .. }), "{error:?}");
    // Another application's.
    Connection::open(&path).unwrap().pragma_update(None, "application_id", 1).unwrap();
    SqliteCatalog::open_or_set_aside(&path).unwrap_err();
    assert_eq!(files(folder.path()).keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>());
    // No file at all.
    let (folder, path) = killed();
    fs::remove_file(&path).unwrap();
    fs::remove_file(folder.path().join("catalog.db-wal")).unwrap();
    fs::create_dir(&path).unwrap();
    let error = SqliteCatalog::open_or_set_aside(&path).unwrap_err();
    assert!(matches!(error, CatalogError::Backend { .. }), "{error:?}");
    assert!(path.is_dir());
}
