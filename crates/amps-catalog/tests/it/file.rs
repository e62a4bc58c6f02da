//! The file: made, opened again, refused.

use std::{fs, path::Path};

use amps_catalog::{APPLICATION_ID, OpenError, SqliteCatalog};
use amps_core::{Catalog, CatalogError, LinkState};
use rusqlite::Connection;

use crate::drafts::{full, stamp};

fn integer(path: &Path, pragma: &str) -> i64 {
    let connection = Connection::open(path).unwrap();
    connection.pragma_query_value(None, pragma, |row| row.get(0)).unwrap()
}

/// Opening fails, and leaves the file as it is.
fn refuse(path: &Path) -> CatalogError {
    let before = fs::read(path).unwrap();
    let error = SqliteCatalog::open(path).unwrap_err();
    assert_eq!(fs::read(path).unwrap(), before);
    error
}

fn refuse_as_foreign(path: &Path, id: i32) {
    let CatalogError::Backend { action: "open its database", source } = refuse(path) else {
        panic!("expected another error")
    };
    match source.downcast_ref() {
        Some(OpenError::Foreign { found, .. }) => assert_eq!(*found, id),
        _ => panic!("{source}"),
    }
    assert!(source.to_string().contains(&format!("is {id:#010x}, expected 0x616d7073")), "{source}");
}

#[test]
fn a_catalog_is_there_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.db");
    let catalog = SqliteCatalog::open(&path).unwrap();
    let sequence = catalog.publish(&full(), &[]).unwrap().sequence;
    catalog.set_link(sequence, LinkState::Made(stamp(1))).unwrap();
    let before = catalog.releases().unwrap();
    drop(catalog);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "a write-ahead log was left behind");
    let catalog = SqliteCatalog::open(&path).unwrap();
    assert_eq!(catalog.releases().unwrap(), before);
    assert_eq!(catalog.documents(sequence).unwrap(), Some(full().documents));
    assert_eq!(catalog.links().unwrap(), [(sequence, LinkState::Made(stamp(1)))]);
    assert_eq!(catalog.generation().unwrap(), 1);
    assert_eq!(catalog.remove(&[sequence]).unwrap().len(), 2);
}

#[test]
fn a_process_that_ends_too_early_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.db");
    let catalog = SqliteCatalog::open(&path).unwrap();
    catalog.publish(&full(), &[]).unwrap();
    // What lies there while it is open is what a crash would leave.
    let copy = folder.path().join("copy.db");
    fs::copy(&path, &copy).unwrap();
    fs::copy(folder.path().join("catalog.db-wal"), folder.path().join("copy.db-wal")).unwrap();
    let copy = SqliteCatalog::open(&copy).unwrap();
    assert_eq!(copy.releases().unwrap(), catalog.releases().unwrap());
}

#[test]
fn the_file_says_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.db");
    // An empty file is as good as none.
    fs::write(&path, "").unwrap();
    drop(SqliteCatalog::open(&path).unwrap());
    assert_eq!(integer(&path, "application_id"), i64::from(APPLICATION_ID));
    assert_eq!(integer(&path, "user_version"), newest());
    let head = fs::read(&path).unwrap();
    assert_eq!(&head[68..72], b"amps");
}

/// The version that the migrations lead to.
fn newest() -> i64 {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/migrations");
    i64::try_from(fs::read_dir(folder).unwrap().count()).unwrap()
}

#[test]
fn a_strange_name_is_a_name() {
    let folder = tempfile::tempdir().unwrap();
    for name in [":memory:", "file:a?mode=memory", "a b%20'\"é"] {
        let path = folder.path().join(name);
        drop(SqliteCatalog::open(&path).unwrap());
        assert!(path.is_file(), "{name}");
    }
    assert!(SqliteCatalog::open(Path::new("")).is_err());
    assert!(SqliteCatalog::open(folder.path()).is_err());
    assert!(SqliteCatalog::open(&folder.path().join("missing/catalog.db")).is_err());
}

#[test]
fn a_newer_catalog_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.db");
    drop(SqliteCatalog::open(&path).unwrap());
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 1000).unwrap();
    let error = refuse(&path);
    let CatalogError::TooNew { found: 1000, known } = error else { panic!("{error:?}") };
    assert_eq!(known, newest());
}

#[test]
fn another_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.db");
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch("CREATE TABLE releases (x)").unwrap();
    refuse_as_foreign(&path, 0);
    connection.pragma_update(None, "application_id", 0x0f05_5112).unwrap();
    refuse_as_foreign(&path, 0x0f05_5112);
    // Even without tables it has an owner.
    connection.execute_batch("DROP TABLE releases; PRAGMA user_version = 1").unwrap();
    refuse_as_foreign(&path, 0x0f05_5112);
    connection.pragma_update(None, "application_id", 0).unwrap();
    refuse_as_foreign(&path, 0);
}
