//! Catalogs that are looked at, copied, and made ready for another place.

use std::{fs, path::Path};

use amps_catalog::{SqliteCatalog, SqliteFiles};
use amps_core::{
    Catalog as _, CatalogError, LinkState, Sequence, Timestamp,
    audit::{Action, AuditResult, Cause, NewAuditEntry},
    care::{CatalogCare as _, CatalogFiles as _},
};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::drafts::{draft, full, stamp};

fn names(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

/// A catalog with two releases, one of which has a file.
fn catalog() -> (TempDir, SqliteCatalog) {
    let folder = tempfile::tempdir().unwrap();
    let catalog = SqliteCatalog::open(&folder.path().join("catalog.db")).unwrap();
    let first = catalog.publish(&full(), &[]).unwrap().sequence;
    catalog.set_link(first, LinkState::Made(stamp(1))).unwrap();
    catalog.publish(&draft("a", "all", 1), &[]).unwrap();
    (folder, catalog)
}

#[test]
fn a_copy_has_what_was_there_and_is_one_file() {
    let (folder, catalog) = catalog();
    let before = names(folder.path());
    let path = folder.path().join("copy.db");
    let copy = SqliteFiles.look(&folder.path().join("catalog.db")).unwrap().copy_to(&path).unwrap();
    catalog.publish(&draft("b", "all", 1), &[]).unwrap();
    assert_eq!(copy.generation().unwrap(), 2);
    assert_eq!(
        copy.releases().unwrap(),
        catalog
            .releases()
            .unwrap()
            .into_iter()
            .filter(|release| release.facts.id.as_str() != "b")
            .collect::<Vec<_>>()
    );
    assert_eq!(copy.links().unwrap(), catalog.links().unwrap()[..2]);
    assert!(copy.damage(10).unwrap().is_empty());
    drop(copy);
    assert_eq!(names(folder.path()), [before, vec!["copy.db".into()]].concat());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn looking_writes_nothing_and_cannot() {
    let (folder, catalog) = catalog();
    let path = folder.path().join("catalog.db");
    // With a log, and without one.
    for has_log in [true, false] {
        if !has_log {
            drop(SqliteCatalog::open(&path).unwrap());
        }
        let look = SqliteFiles.look(&path).unwrap();
        let error = look.set_link(Sequence(1), LinkState::Pending { replaces: None }).unwrap_err();
        assert!(matches!(error, CatalogError::Backend { .. }), "{error}");
        assert_eq!(look.links().unwrap(), catalog.links().unwrap());
    }
    drop(catalog);
    assert_eq!(names(folder.path()), ["catalog.db"]);
    let before = fs::read(&path).unwrap();
    assert_eq!(SqliteFiles.look(&path).unwrap().releases().unwrap().len(), 2);
    assert_eq!(names(folder.path()), ["catalog.db"]);
    assert!(fs::read(&path).unwrap() == before);
    assert!(SqliteFiles.look(&folder.path().join("missing.db")).is_err());
    assert!(!folder.path().join("missing.db").exists());
}

#[test]
fn what_only_the_log_has_is_seen_and_stays_there() {
    let (folder, _catalog) = catalog();
    let crashed = tempfile::tempdir().unwrap();
    for name in ["catalog.db", "catalog.db-wal"] {
        fs::copy(folder.path().join(name), crashed.path().join(name)).unwrap();
    }
    let files = ["catalog.db", "catalog.db-wal"].map(|name| crashed.path().join(name));
    let before = files.clone().map(|file| fs::read(file).unwrap());
    let look = SqliteFiles.look(&files[0]).unwrap();
    assert_eq!(look.releases().unwrap().len(), 2);
    assert_eq!(look.copy_to(&crashed.path().join("copy.db")).unwrap().releases().unwrap().len(), 2);
    drop(look);
    assert!(files.map(|file| fs::read(file).unwrap()) == before);
}

#[test]
fn an_older_catalog_is_looked_at_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.db");
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch(include_str!("../../src/migrations/0001_releases.sql")).unwrap();
    connection.pragma_update(None, "application_id", amps_catalog::APPLICATION_ID).unwrap();
    connection.pragma_update(None, "user_version", 1).unwrap();
    let (blob, icon) = ([7_u8; 32], [8_u8; 32]);
    connection
        .execute(
            "INSERT INTO releases (id, version, architecture, names, descriptions, categories, format_version, digest, \
             digest_fit, has_store_signature, package_blob, package_size_bytes, icon_blob, icon_size_bytes, icon_media_type, \
             uploaded_at, uploaded_by, link) VALUES ('a', '1', 'all', '{}', '{}', '[]', 2, zeroblob(32), 'both', 0, ?1, 1, ?2, 1, \
             'image/png', 0, 'x', 'pending')",
            [&blob, &icon],
        )
        .unwrap();
    drop(connection);
    let look = SqliteFiles.look(&path).unwrap();
    let version = look.schema_version().unwrap();
    assert_eq!(version.found, 1);
    assert!(version.newest > 1);
    let mut blobs: Vec<_> = look.blobs().unwrap().into_iter().map(|id| id.0.0).collect();
    blobs.sort_unstable();
    assert_eq!(blobs, [blob, icon]);
    assert_eq!(look.generation().unwrap(), 0);
    let copy = look.copy_to(&folder.path().join("copy.db")).unwrap();
    assert_eq!(copy.schema_version().unwrap(), version);
}

#[test]
fn in_another_place_no_file_counts_as_deleted() {
    let (folder, catalog) = catalog();
    let path = folder.path().join("copy.db");
    drop(catalog.copy_to(&path).unwrap());
    let entry = NewAuditEntry::new(Timestamp(1), Action::StoreRestore, &Cause::server(), AuditResult::Done);
    SqliteFiles.settle_in(&path, entry).unwrap();
    let settled = SqliteCatalog::open(&path).unwrap();
    assert_eq!(settled.releases().unwrap(), catalog.releases().unwrap());
    for (_, link) in settled.links().unwrap() {
        assert_eq!(link, LinkState::Pending { replaces: None });
    }
}

#[test]
fn damage_is_told_in_words() {
    let (folder, catalog) = catalog();
    drop(catalog);
    let path = folder.path().join("catalog.db");
    let connection = Connection::open(&path).unwrap();
    connection.pragma_update(None, "foreign_keys", false).unwrap();
    connection.execute("INSERT INTO recipes VALUES (99, 1, x'00', x'00')", []).unwrap();
    drop(connection);
    let damage = SqliteFiles.look(&path).unwrap().damage(10).unwrap();
    assert_eq!(damage, ["row 99 of recipes refers to a row of releases that is not there"]);
    assert!(SqliteFiles.look(&path).unwrap().damage(0).unwrap().is_empty());
}
