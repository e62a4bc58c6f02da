//! A file that is not what it should be: errors, never panics.

use std::{error::Error, fs, path::Path};

use amps_catalog::SqliteCatalog;
use amps_core::{Catalog, CatalogError, LinkState, Sequence};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::drafts::{draft, full, stamp};

/// A catalog with a few releases, as a file that nobody has open.
fn catalog_file() -> (TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.db");
    let catalog = SqliteCatalog::open(&path).unwrap();
    let first = catalog.publish(&full(), &[]).unwrap().sequence;
    catalog.set_link(first, LinkState::Made(stamp(1))).unwrap();
    for number in 0..40 {
        catalog.publish(&draft(&format!("a{number}"), "all", number), &[]).unwrap();
    }
    (folder, path)
}

/// Calls everything there is; returns the first error. Reading comes first.
fn use_all(path: &Path) -> Result<(), CatalogError> {
    let catalog = SqliteCatalog::open(path)?;
    let calls: [&dyn Fn() -> Result<(), CatalogError>; 9] = [
        &|| catalog.generation().map(drop),
        &|| catalog.releases().map(drop),
        &|| catalog.latest(&full().facts.id, &full().facts.architecture).map(drop),
        &|| catalog.documents(Sequence(1)).map(drop),
        &|| catalog.links().map(drop),
        &|| catalog.blobs().map(drop),
        &|| catalog.set_link(Sequence(2), LinkState::Made(stamp(3))),
        &|| catalog.publish(&full(), &[Sequence(1), Sequence(3)]).map(drop),
        &|| catalog.remove(&(0..50).map(Sequence).collect::<Vec<_>>()).map(drop),
    ];
    // All of them, whatever the first has said.
    calls.map(|call| call()).into_iter().collect()
}

#[test]
fn a_value_that_does_not_parse_is_named() {
    for (change, column, value) in [
        ("releases SET id = 'a/b'", "releases.id", "a/b"),
        ("releases SET id = ''", "releases.id", ""),
        ("releases SET id = CAST(x'ff' AS TEXT)", "releases.id", "not UTF-8"),
        ("releases SET architecture = 'Linux X'", "releases.architecture", "Linux X"),
        ("releases SET deployment_architecture = 'é'", "releases.deployment_architecture", "é"),
        ("releases SET version = CAST(x'80' AS TEXT)", "releases.version", "not UTF-8"),
        ("releases SET names = '[]'", "releases.names", "[]"),
        ("releases SET names = '{\"en\":1}'", "releases.names", r#"{\"en\":1}"#),
        ("releases SET descriptions = '{'", "releases.descriptions", "{"),
        (
            "releases SET categories = printf('%.200c', '[')",
            "releases.categories",
            &format!("{}…", "[".repeat(80)),
        ),
        ("releases SET format_version = 4294967298", "releases.format_version", "4294967298"),
        ("releases SET digest = x'00'", "releases.digest", "1 bytes"),
        ("releases SET digest_fit = char(27) || 'qt7'", "releases.digest_fit", r"\u{1b}qt7"),
        ("releases SET developer_serial = NULL", "releases.developer_serial", "null"),
        ("releases SET developer_not_before = NULL", "releases.developer_not_before", "null"),
        ("releases SET developer_fingerprint = x''", "releases.developer_fingerprint", "0 bytes"),
        ("releases SET has_store_signature = 2", "releases.has_store_signature", "2"),
        ("releases SET package_blob = zeroblob(31)", "releases.package_blob", "31 bytes"),
        ("releases SET package_size_bytes = -1", "releases.package_size_bytes", "-1"),
        ("releases SET icon_size_bytes = NULL", "releases.icon_size_bytes", "null"),
        ("releases SET icon_media_type = NULL", "releases.icon_media_type", "null"),
        ("releases SET link = 'broken'", "releases.link", "broken"),
        ("releases SET link_device = NULL", "releases.link_device", "null"),
        ("releases SET link_inode = NULL", "releases.link_inode", "null"),
        ("releases SET link_size_bytes = -2", "releases.link_size_bytes", "-2"),
        ("documents SET manifest = CAST(x'c3' AS TEXT)", "documents.manifest", "not UTF-8"),
        ("store SET generation = -1", "store.generation", "-1"),
    ] {
        let (_folder, path) = catalog_file();
        let connection = Connection::open(&path).unwrap();
        connection.pragma_update(None, "ignore_check_constraints", true).unwrap();
        let of = if change.starts_with("store") { "" } else { " WHERE sequence = 1" };
        assert_eq!(connection.execute(&format!("UPDATE {change}{of}"), []).unwrap(), 1, "{change}");
        drop(connection);
        match use_all(&path).unwrap_err() {
            CatalogError::Damaged { what, found } => assert_eq!((what, &*found), (column, value), "{change}"),
            other => panic!("{change}: {other:?}"),
        }
    }
}

#[test]
fn a_value_of_another_type_is_named() {
    let (_folder, path) = catalog_file();
    // The types are those of the schema: another schema, another type.
    let connection = Connection::open(&path).unwrap();
    connection
        .execute_batch(
            "CREATE TABLE loose AS SELECT * FROM releases; PRAGMA foreign_keys = OFF; DROP TABLE releases;
            ALTER TABLE loose RENAME TO releases; UPDATE releases SET uploaded_by = 1.5, uploaded_at = 'now'
            WHERE sequence = 1",
        )
        .unwrap();
    drop(connection);
    let error = use_all(&path).unwrap_err();
    assert_eq!(error.to_string(), "the catalog is damaged: releases.uploaded_at is `now`");
}

#[test]
fn a_row_that_is_missing_is_damage() {
    let (_folder, path) = catalog_file();
    Connection::open(&path).unwrap().execute("DELETE FROM store", []).unwrap();
    assert_eq!(
        use_all(&path).unwrap_err().to_string(),
        "the catalog is damaged: store.generation is `missing`"
    );
    let catalog = SqliteCatalog::open(&path).unwrap();
    let before = catalog.releases().unwrap();
    let error = catalog.publish(&draft("new", "all", 1), &[Sequence(1)]).unwrap_err();
    assert_eq!(error.to_string(), "the catalog is damaged: store is `0 rows`");
    assert_eq!(catalog.releases().unwrap(), before);
}

#[test]
fn no_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.db");
    for content in [&b"garbage"[..], &[0xa5; 5000], b"SQLite format 3\0", &[0; 4096]] {
        fs::write(&path, content).unwrap();
        let error = use_all(&path).unwrap_err();
        assert_eq!(error.to_string(), "the catalog cannot open its database");
        assert!(error.source().is_some());
        assert_eq!(fs::read(&path).unwrap(), content, "it was written to");
    }
}

#[test]
fn a_truncated_file_gives_errors() {
    let (_folder, path) = catalog_file();
    let whole = fs::read(&path).unwrap();
    // At every page, and within the first one; to SQLite, a file of one byte is an empty one.
    let lengths = (4096..whole.len()).step_by(4096).chain((2..4096).step_by(97));
    for length in lengths {
        fs::write(&path, &whole[..length]).unwrap();
        assert!(use_all(&path).is_err(), "{length} of {}", whole.len());
    }
}

#[test]
fn a_damaged_file_gives_no_panic() {
    let (folder, path) = catalog_file();
    let whole = fs::read(&path).unwrap();
    let mut errors = 0;
    // A prime, so that every place within a page has its turn.
    for position in (0..whole.len()).step_by(499) {
        let mut damaged = whole.clone();
        damaged[position..whole.len().min(position + 8)].iter_mut().for_each(|byte| *byte ^= 0xff);
        fs::write(&path, damaged).unwrap();
        for log in ["catalog.db-wal", "catalog.db-shm"] {
            let _ = fs::remove_file(folder.path().join(log));
        }
        errors += usize::from(use_all(&path).is_err());
    }
    assert!(errors > 0);
}
