//! Tokens: added, listed, revoked, forgotten.

use std::fs;

use amps_catalog::{APPLICATION_ID, SqliteCatalog};
use amps_core::{
    Catalog, Timestamp,
    accounts::{
        AccessToken, AccessTokens, ApiToken, MAX_ACCESS_TOKENS, NewAccessToken, PackageScope, Quotas, Roles,
        TokenHash, Users as _,
    },
};
use rusqlite::{Connection, params};

use crate::accounts::{NOW, on_both, user};

fn token(name: &str, roles: &str, patterns: &[&str]) -> NewAccessToken {
    NewAccessToken {
        name: name.parse().unwrap(),
        roles: roles.parse().unwrap(),
        scope: PackageScope::new(patterns.iter().map(|text| text.parse().unwrap()).collect()).unwrap(),
        quotas: Quotas::default(),
        expires_at: None,
    }
}

fn hash() -> TokenHash {
    ApiToken::generate().unwrap().hash()
}

fn known(token: &NewAccessToken, revoked_at: Option<Timestamp>) -> AccessToken {
    let NewAccessToken { name, roles, scope, quotas, expires_at } = token.clone();
    AccessToken { name, roles, scope, quotas, created_at: NOW, expires_at, revoked_at }
}

#[test]
fn a_token_comes_back_as_it_was() {
    on_both(|catalog| {
        let tokens: &dyn AccessTokens = &catalog;
        let all = token("ci", "upload,remove", &["org.example.*", "a'b?"]);
        let car = NewAccessToken { expires_at: Some(Timestamp(NOW.0 + 9)), ..token("car", "read", &[]) };
        let (ci_hash, car_hash) = (hash(), hash());
        tokens.create_access_token(&ci_hash, &all, NOW).unwrap();
        tokens.create_access_token(&car_hash, &car, NOW).unwrap();
        let expected = [(car_hash, known(&car, None)), (ci_hash, known(&all, None))];
        assert_eq!(tokens.access_tokens().unwrap(), expected);
    });
}

#[test]
fn a_name_is_used_once() {
    on_both(|catalog| {
        let tokens: &dyn AccessTokens = &catalog;
        tokens.create_access_token(&hash(), &token("ci", "read", &[]), NOW).unwrap();
        tokens.revoke_access_token(&"ci".parse().unwrap(), NOW).unwrap();
        let before = (tokens.access_tokens().unwrap(), tokens.access_generation().unwrap());
        let error = tokens.create_access_token(&hash(), &token("ci", "admin", &[]), NOW).unwrap_err();
        assert_eq!(error.to_string(), "there is a token with the name `ci` already");
        let error = tokens.revoke_access_token(&"cj".parse().unwrap(), NOW).unwrap_err();
        assert_eq!(error.to_string(), "there is no token with the name `cj`");
        assert_eq!((tokens.access_tokens().unwrap(), tokens.access_generation().unwrap()), before);
    });
}

#[test]
fn revoking_is_noted_once() {
    on_both(|catalog| {
        let tokens: &dyn AccessTokens = &catalog;
        let (new, name) = (token("ci", "read", &[]), "ci".parse().unwrap());
        tokens.create_access_token(&hash(), &new, NOW).unwrap();
        assert!(tokens.revoke_access_token(&name, NOW).unwrap());
        assert!(!tokens.revoke_access_token(&name, Timestamp(NOW.0 + 1)).unwrap());
        assert_eq!(tokens.access_tokens().unwrap()[0].1, known(&new, Some(NOW)));
    });
}

#[test]
fn changes_of_tokens_are_seen_by_others_and_leave_the_packages_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.db");
    let (ours, other) = (SqliteCatalog::open(&path).unwrap(), SqliteCatalog::open(&path).unwrap());
    assert_eq!(ours.access_generation().unwrap(), 0);
    other.create_access_token(&hash(), &token("ci", "read", &[]), NOW).unwrap();
    assert_eq!(ours.access_generation().unwrap(), 1);
    other.revoke_access_token(&"ci".parse().unwrap(), NOW).unwrap();
    assert_eq!(ours.access_generation().unwrap(), 2);
    assert_eq!(ours.generation().unwrap(), 0);
}

#[test]
fn when_there_are_too_many_the_one_that_ended_first_goes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.db");
    let catalog = SqliteCatalog::open(&path).unwrap();
    let mut connection = Connection::open(&path).unwrap();
    let transaction = connection.transaction().unwrap();
    for number in 0..MAX_ACCESS_TOKENS {
        let sql = "INSERT INTO access_tokens (token_hash, name, roles, packages, created_at, expires_at, revoked_at) \
            VALUES (randomblob(32), 't' || ?1, 'read', '[]', 0, ?2, ?3)";
        // 5 has expired at 50, 6 was revoked at 40 and would expire at 60, 7 has been revoked at 45.
        let ends = match number {
            5 => (Some(50), None),
            6 => (Some(60), Some(40)),
            7 => (None, Some(45)),
            8 => (Some(NOW.0 + 1), None),
            _ => (None, None),
        };
        transaction.execute(sql, params![number.cast_signed(), ends.0, ends.1]).unwrap();
    }
    transaction.commit().unwrap();
    for (new, gone) in [("a", "t6"), ("b", "t7"), ("c", "t5")] {
        catalog.create_access_token(&hash(), &token(new, "read", &[]), NOW).unwrap();
        let names: Vec<_> = catalog.access_tokens().unwrap();
        assert_eq!(names.len() as u64, MAX_ACCESS_TOKENS);
        assert!(names.iter().all(|(_, token)| token.name.as_str() != gone), "{gone}");
    }
    let error = catalog.create_access_token(&hash(), &token("d", "read", &[]), NOW).unwrap_err();
    assert_eq!(error.to_string(), "there are 10000 tokens that are valid already, and there may not be more");
}

#[test]
fn what_cannot_be_a_token_is_damage() {
    for (column, value) in [
        ("roles", "'root'"),
        ("roles", "'read,'"),
        ("packages", "'[\"a b\"]'"),
        ("packages", "'[1]'"),
        ("packages", "json_array()  || ''"),
        ("name", "'a b'"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("catalog.db");
        let catalog = SqliteCatalog::open(&path).unwrap();
        catalog.create_access_token(&hash(), &token("ci", "read", &["a"]), NOW).unwrap();
        let sql = format!("UPDATE access_tokens SET {column} = {value}");
        Connection::open(&path).unwrap().execute(&sql, []).unwrap();
        let tokens = catalog.access_tokens();
        if value.starts_with("json_array") {
            // The same test with something that can be, so that it is known to test something.
            assert!(tokens.unwrap()[0].1.scope.is_all());
            continue;
        }
        let error = tokens.unwrap_err().to_string();
        assert!(error.starts_with(&format!("the catalog is damaged: access_tokens.{column} is ")), "{error}");
    }
}

#[test]
fn a_catalog_of_the_version_before_gets_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.db");
    let connection = Connection::open(&path).unwrap();
    let migrations = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/migrations");
    for name in
        ["0001_releases", "0002_recipes", "0003_changes", "0004_tags", "0005_identities", "0006_accounts"]
    {
        let sql = fs::read_to_string(migrations.join(format!("{name}.sql"))).unwrap();
        connection.execute_batch(&sql).unwrap();
    }
    connection.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
    connection.pragma_update(None, "user_version", 6).unwrap();
    let sql =
        "INSERT INTO users (name, password, is_active, is_staff, created_at) VALUES ('ada', '!x', 1, 1, 7)";
    connection.execute(sql, []).unwrap();
    connection.execute("UPDATE store SET generation = 3", []).unwrap();
    connection.execute("INSERT INTO changes VALUES (3, 0)", []).unwrap();
    drop(connection);
    let catalog = SqliteCatalog::open(&path).unwrap();
    assert_eq!(catalog.users().unwrap()[0].name, user("ada").name);
    assert_eq!((catalog.generation().unwrap(), catalog.access_generation().unwrap()), (3, 0));
    assert_eq!(catalog.access_tokens().unwrap(), []);
    catalog.create_access_token(&hash(), &token("ci", "admin", &[]), NOW).unwrap();
    let roles: Roles = SqliteCatalog::open(&path).unwrap().access_tokens().unwrap()[0].1.roles;
    assert_eq!(roles.to_string(), "admin");
}
