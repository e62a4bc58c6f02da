//! Downloads by day, and a catalog of before that knew none.

use std::{fs, path::Path};

use amps_catalog::{APPLICATION_ID, SqliteCatalog};
use amps_core::{Catalog as _, CountedDownloads, DailyDownloads, Day, PackageId, Sequence};
use rusqlite::Connection;

fn counted(id: &str, release: u64, downloads: u64) -> CountedDownloads {
    CountedDownloads { id: id.parse().unwrap(), release: Sequence(release), downloads }
}

fn daily(day: i64, release: u64, downloads: u64) -> DailyDownloads {
    DailyDownloads { day: Day(day), release: Sequence(release), downloads }
}

fn id() -> PackageId {
    "a.b".parse().unwrap()
}

#[test]
fn downloads_of_a_day_add_up() {
    let catalog = SqliteCatalog::in_memory().unwrap();
    let generation = catalog.generation().unwrap();
    let add = |day, counted: &[CountedDownloads]| catalog.add_downloads(Day(day), counted, Day(0)).unwrap();
    add(10, &[counted("a.b", 1, 2), counted("a.b", 2, 1), counted("a.c", 3, 9)]);
    add(10, &[counted("a.b", 1, 5)]);
    add(12, &[counted("a.b", 1, 1)]);
    add(13, &[]);
    let of = |first, last| catalog.downloads_of(&id(), Day(first), Day(last)).unwrap();
    assert_eq!(of(0, 400), [daily(10, 1, 7), daily(10, 2, 1), daily(12, 1, 1)]);
    assert_eq!(of(11, 12), [daily(12, 1, 1)]);
    assert_eq!(of(13, 12), []);
    assert_eq!(catalog.generation().unwrap(), generation, "no list changes");
}

#[test]
fn what_is_too_old_is_forgotten() {
    let catalog = SqliteCatalog::in_memory().unwrap();
    for day in [10, 11, 12] {
        catalog.add_downloads(Day(day), &[counted("a.b", 1, 1)], Day(0)).unwrap();
    }
    catalog.add_downloads(Day(12), &[], Day(11)).unwrap();
    assert_eq!(catalog.downloads_of(&id(), Day(0), Day(20)).unwrap(), [daily(11, 1, 1), daily(12, 1, 1)]);
}

#[test]
fn a_catalog_that_knew_none_is_brought_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.db");
    let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/migrations");
    let mut files: Vec<_> = fs::read_dir(migrations).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let before = files.iter().take_while(|file| !file.ends_with("0009_downloads.sql"));
    let connection = Connection::open(&path).unwrap();
    let mut version = 0;
    for file in before {
        connection.execute_batch(&fs::read_to_string(file).unwrap()).unwrap();
        version += 1;
    }
    connection.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
    connection.pragma_update(None, "user_version", version).unwrap();
    let sql =
        "INSERT INTO users (name, password, is_active, is_staff, created_at) VALUES ('ada', '!', 1, 1, 7)";
    connection.execute(sql, []).unwrap();
    drop(connection);
    let catalog = SqliteCatalog::open(&path).unwrap();
    assert_eq!(amps_core::accounts::Users::users(&catalog).unwrap()[0].name.as_str(), "ada");
    catalog.add_downloads(Day(1), &[counted("a.b", 1, 1)], Day(0)).unwrap();
    assert_eq!(catalog.downloads_of(&id(), Day(0), Day(1)).unwrap(), [daily(1, 1, 1)]);
}
