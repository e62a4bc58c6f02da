//! What tokens with quotas bring in a day: counted, refused, forgotten.

use std::{fs, path::Path, sync::Barrier, thread};

use amps_catalog::{APPLICATION_ID, SqliteCatalog};
use amps_core::{
    Timestamp,
    accounts::{
        AccessTokens as _, ApiToken, MAX_QUOTA, NewAccessToken, PackageScope, Quotas, TokenName, Usage,
    },
};
use rusqlite::Connection;

use crate::accounts::on_both;

const NOON: Timestamp = Timestamp(10 * 86_400 + 43_200);
const NEXT_MIDNIGHT: Timestamp = Timestamp(11 * 86_400);

fn add(
    catalog: &SqliteCatalog,
    name: &str,
    uploads_per_day: Option<u64>,
    bytes_per_day: Option<u64>,
) -> TokenName {
    let new = NewAccessToken {
        name: name.parse().unwrap(),
        roles: "upload".parse().unwrap(),
        scope: PackageScope::default(),
        quotas: Quotas { uploads_per_day, bytes_per_day },
        expires_at: None,
    };
    catalog.create_access_token(&ApiToken::generate().unwrap().hash(), &new, NOON).unwrap();
    new.name
}

fn rows(path: &Path) -> i64 {
    let sql = "SELECT count(*) FROM token_usage";
    Connection::open(path).unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
}

#[test]
fn both_quotas_are_inclusive_and_what_is_refused_is_not_counted() {
    on_both(|catalog| {
        let name = add(&catalog, "ci", Some(3), Some(10));
        let count = |bytes| catalog.count_upload(&name, bytes, NOON).unwrap();
        assert_eq!(count(4), Ok(Usage { uploads: 1, bytes: 4 }));
        let message = "the token has 11 bytes today with this upload: expected at most 10";
        assert_eq!(count(7).unwrap_err().to_string(), message);
        assert_eq!(count(6), Ok(Usage { uploads: 2, bytes: 10 }));
        assert_eq!(count(0), Ok(Usage { uploads: 3, bytes: 10 }));
        let message = "the token has 4 uploads today with this upload: expected at most 3";
        assert_eq!(count(0).unwrap_err().to_string(), message);
        assert_eq!(catalog.usage(NOON).unwrap()[&name], Usage { uploads: 3, bytes: 10 });
        let error = catalog.count_upload(&"cj".parse().unwrap(), 1, NOON).unwrap_err();
        assert_eq!(error.to_string(), "there is no token with the name `cj`");
    });
}

#[test]
fn a_quota_comes_back_as_it_was_up_to_the_largest() {
    on_both(|catalog| {
        add(&catalog, "ci", Some(MAX_QUOTA), Some(1));
        let expected = Quotas { uploads_per_day: Some(MAX_QUOTA), bytes_per_day: Some(1) };
        assert_eq!(catalog.access_tokens().unwrap()[0].1.quotas, expected);
    });
}

#[test]
fn a_new_day_begins_with_nothing_and_forgets_the_one_before() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.db");
    let catalog = SqliteCatalog::open(&path).unwrap();
    let (one, other) = (add(&catalog, "a", Some(1), None), add(&catalog, "b", None, Some(9)));
    let before_midnight = Timestamp(NEXT_MIDNIGHT.0 - 1);
    catalog.count_upload(&one, 5, NOON).unwrap().unwrap();
    catalog.count_upload(&other, 9, NOON).unwrap().unwrap();
    catalog.count_upload(&one, 0, before_midnight).unwrap().unwrap_err();
    catalog.count_upload(&other, 1, before_midnight).unwrap().unwrap_err();
    assert_eq!(rows(&path), 2);
    assert!(catalog.usage(NEXT_MIDNIGHT).unwrap().is_empty());
    catalog.count_upload(&one, 5, NEXT_MIDNIGHT).unwrap().unwrap();
    assert_eq!(rows(&path), 1);
    // Another process that is started now has it, too.
    drop(catalog);
    let catalog = SqliteCatalog::open(&path).unwrap();
    catalog.count_upload(&one, 0, NEXT_MIDNIGHT).unwrap().unwrap_err();
    assert_eq!(catalog.usage(NEXT_MIDNIGHT).unwrap()[&one], Usage { uploads: 1, bytes: 5 });
}

#[test]
fn of_many_at_once_as_many_are_counted_as_there_is_room_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.db");
    let name = add(&SqliteCatalog::open(&path).unwrap(), "ci", Some(3), None);
    let together = Barrier::new(6);
    let counted = thread::scope(|scope| {
        let threads: Vec<_> = (0..6)
            .map(|_| {
                scope.spawn(|| {
                    // As good as another process: it shares nothing but the file.
                    let catalog = SqliteCatalog::open(&path).unwrap();
                    together.wait();
                    catalog.count_upload(&name, 1, NOON).unwrap().is_ok()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).filter(|is| *is).count()
    });
    assert_eq!(counted, 3);
}

#[test]
fn tokens_of_the_version_before_have_no_quotas() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.db");
    let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/migrations");
    let mut files: Vec<_> = fs::read_dir(migrations).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let connection = Connection::open(&path).unwrap();
    for file in files.iter().take(9) {
        connection.execute_batch(&fs::read_to_string(file).unwrap()).unwrap();
    }
    connection.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
    connection.pragma_update(None, "user_version", 9).unwrap();
    let sql = "INSERT INTO access_tokens (token_hash, name, roles, packages, created_at) \
        VALUES (randomblob(32), 'old', 'upload', '[\"a.*\"]', 7)";
    connection.execute(sql, []).unwrap();
    drop(connection);
    let catalog = SqliteCatalog::open(&path).unwrap();
    let tokens = catalog.access_tokens().unwrap();
    let old = &tokens[0].1;
    assert_eq!((old.name.as_str(), old.created_at, tokens.len()), ("old", Timestamp(7), 1));
    assert!(old.quotas.are_none() && !old.scope.is_all());
    let new = add(&catalog, "new", Some(1), None);
    catalog.count_upload(&new, 1, NOON).unwrap().unwrap();
    catalog.count_upload(&new, 1, NOON).unwrap().unwrap_err();
}
