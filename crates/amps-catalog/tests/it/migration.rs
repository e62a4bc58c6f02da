//! A catalog of the version that knew no tags is brought up to date.

use std::{fs, path::Path};

use amps_catalog::{APPLICATION_ID, SqliteCatalog};
use amps_core::{Catalog, LinkState, Sequence};
use rusqlite::{Connection, params};

use crate::drafts::{draft, stamp};

/// What one release of the old version is to have.
struct Old {
    id: &'static str,
    version: &'static str,
    extra: &'static str,
    extra_signed: Option<&'static str>,
}

/// A file as version 3 left it: made by the same statements, which no later version has changed.
fn version_3(path: &Path, releases: &[Old]) {
    let connection = Connection::open(path).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/migrations");
    for name in ["0001_releases", "0002_recipes", "0003_changes"] {
        connection.execute_batch(&fs::read_to_string(folder.join(format!("{name}.sql"))).unwrap()).unwrap();
    }
    connection.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
    connection.pragma_update(None, "user_version", 3).unwrap();
    for (number, old) in (1_u8..).zip(releases) {
        let sql = "INSERT INTO releases (id, version, architecture, names, descriptions, categories, format_version, \
            digest, digest_fit, has_store_signature, package_blob, package_size_bytes, uploaded_at, uploaded_by, link, \
            link_device, link_inode, link_size_bytes, link_modified_ns) \
            VALUES (?1, ?2, 'all', '{}', '{}', '[]', 1, ?3, 'both', 0, ?4, 0, 0, '', 'made', 1, ?5, ?5, -5)";
        connection.execute(sql, params![old.id, old.version, [0_u8; 32], [number; 32], number]).unwrap();
        let sql = "INSERT INTO documents (sequence, manifest, extra, extra_signed) VALUES (?1, '{}', ?2, ?3)";
        connection.execute(sql, params![number, old.extra, old.extra_signed]).unwrap();
        connection.execute("UPDATE store SET generation = ?1", [number]).unwrap();
        connection.execute("INSERT INTO changes VALUES (?1, ?1)", [number]).unwrap();
    }
}

fn old(id: &'static str, extra: &'static str, extra_signed: Option<&'static str>) -> Old {
    Old { id, version: "", extra, extra_signed }
}

#[test]
fn releases_get_their_tags_from_their_documents() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.db");
    version_3(
        &path,
        &[
            old("a", "{}", None),
            // The package `tags` of the fixtures, as that version wrote it.
            old(
                "b",
                r#"{"conflicts":["legacy"],"tags":["qt:5.12","QT:5.12.0","build_target:desktop"]}"#,
                Some(r#"{"tags":["neptune:3","signed_tag"]}"#),
            ),
            old("c", "null", None),
            old("d", r#"{"tags":["qt 5"]}"#, None),
        ],
    );
    let (catalog, aside) = SqliteCatalog::open_or_set_aside(&path).unwrap();
    assert!(aside.is_none());
    let found: Vec<_> = catalog
        .releases()
        .unwrap()
        .iter()
        .map(|release| &release.facts)
        .map(|facts| (facts.tags.to_string(), facts.conflicts.to_string(), facts.malformed_tags.clone()))
        .collect();
    let none = String::new;
    assert_eq!(found[0], (none(), none(), None));
    let tags = "build_target:desktop,neptune:3,qt:5.12,signed_tag";
    assert_eq!(found[1], (tags.to_owned(), "legacy".to_owned(), None));
    for (place, reason) in [
        (2, "`extra` of the header cannot be read: "),
        (3, "`tags` of the header are malformed: tag `qt 5` has the character ` ` in its name"),
    ] {
        let (tags, conflicts, malformed) = &found[place];
        assert_eq!((tags.as_str(), conflicts.as_str()), ("", ""));
        assert!(malformed.as_ref().unwrap().starts_with(reason), "{malformed:?}");
    }
    // Everything else is as it was, and whoever has a list reads it again.
    let mut expected = draft("a", "all", 1).facts;
    expected.digest = ampkg::Digest([0; 32]);
    assert_eq!(*catalog.releases().unwrap()[0].facts, expected);
    assert_eq!(catalog.links().unwrap()[3], (Sequence(4), LinkState::Made(stamp(4))));
    assert_eq!(catalog.generation().unwrap(), 5);
    assert_eq!(catalog.changes_since(4).unwrap(), None);
}

#[test]
fn of_two_of_the_same_the_last_one_counts() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.db");
    let version = |version| Old { version, ..old("a", r#"{"tags":["qt"]}"#, None) };
    version_3(&path, &[version("1"), version("2"), version("1")]);
    let catalog = SqliteCatalog::open(&path).unwrap();
    let found: Vec<_> = catalog.releases().unwrap().iter().map(|release| release.sequence.0).collect();
    assert_eq!(found, [2, 3]);
    assert_eq!(catalog.documents(Sequence(1)).unwrap(), None);
}

#[test]
fn one_that_was_never_changed_stays_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.db");
    version_3(&path, &[]);
    assert_eq!(SqliteCatalog::open(&path).unwrap().generation().unwrap(), 0);
}
