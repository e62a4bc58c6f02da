//! Whose database a file is, and in which version.

use std::path::Path;

use amps_core::CatalogError;
use rusqlite::{Connection, TransactionBehavior};

use crate::{
    error::{Fault, OpenError},
    fill_tags::fill_tags,
};

/// By what SQLite and `file` tell a catalog from the database of another application: `amps` in ASCII, in the header's
/// field for that (sqlite.org/fileformat2.html, "Application ID").
pub const APPLICATION_ID: i32 = 0x616d_7073;

/// Version n of the schema is what the first n of these make. One that was released is never changed.
const MIGRATIONS: &[Migration] = &[
    Migration::sql(include_str!("migrations/0001_releases.sql")),
    Migration::sql(include_str!("migrations/0002_recipes.sql")),
    Migration::sql(include_str!("migrations/0003_changes.sql")),
    Migration { sql: include_str!("migrations/0004_tags.sql"), then: fill_tags },
    Migration::sql(include_str!("migrations/0005_identities.sql")),
    Migration::sql(include_str!("migrations/0006_accounts.sql")),
    Migration::sql(include_str!("migrations/0007_access_tokens.sql")),
    Migration::sql(include_str!("migrations/0008_audit.sql")),
    Migration::sql(include_str!("migrations/0009_downloads.sql")),
    Migration::sql(include_str!("migrations/0010_quotas.sql")),
];

/// A step from one version to the next.
struct Migration {
    sql: &'static str,
    /// What SQL cannot do, afterwards.
    then: fn(&Connection) -> Result<(), Fault>,
}

impl Migration {
    const fn sql(sql: &'static str) -> Self {
        Self { sql, then: |_| Ok(()) }
    }
}

/// Refuses a database that is not a catalog, or one of a later version, without writing to it.
pub(crate) fn check(connection: &Connection, path: &Path) -> Result<(), Fault> {
    // One transaction, and so one state of the file: another process may be about to migrate it.
    let transaction = connection.unchecked_transaction()?;
    version(&transaction, path, MIGRATIONS).map(drop)
}

/// The schema version of a database, and the newest one.
pub(crate) fn versions(connection: &Connection) -> Result<(i64, i64), Fault> {
    let found = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    Ok((found, newest(MIGRATIONS)))
}

/// Brings a database that [`check`] accepts to the newest version, in one step.
pub(crate) fn migrate(connection: &mut Connection, path: &Path) -> Result<(), Fault> {
    apply(connection, path, MIGRATIONS)
}

fn apply(connection: &mut Connection, path: &Path, migrations: &[Migration]) -> Result<(), Fault> {
    // The lock first: of two processes that start together, one migrates.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version = version(&transaction, path, migrations)?;
    let missing = migrations.get(version..).unwrap_or_default();
    if missing.is_empty() {
        return Ok(());
    }
    for migration in missing {
        transaction.execute_batch(migration.sql)?;
        (migration.then)(&transaction)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", newest(migrations))?;
    Ok(transaction.commit()?)
}

fn newest(migrations: &[Migration]) -> i64 {
    i64::try_from(migrations.len()).unwrap_or(i64::MAX)
}

/// How many migrations a catalog has seen; an empty file has seen none.
fn version(connection: &Connection, path: &Path, migrations: &[Migration]) -> Result<usize, Fault> {
    let number = |pragma| connection.pragma_query_value(None, pragma, |row| row.get::<_, i32>(0));
    let (application, found) = (number("application_id")?, number("user_version")?);
    let objects: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if application != APPLICATION_ID && (application, found, objects) != (0, 0, 0) {
        return Err(OpenError::Foreign { path: path.to_owned(), found: application }.into());
    }
    match usize::try_from(found) {
        Ok(version) if version <= migrations.len() => Ok(version),
        Ok(_) => Err(CatalogError::TooNew { found: found.into(), known: newest(migrations) }.into()),
        Err(_) => Err(Fault::damaged("the schema version", found.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Migration = Migration::sql("CREATE TABLE one (x INTEGER) STRICT;");
    const TWO: Migration = Migration::sql("CREATE TABLE two (x INTEGER) STRICT; INSERT INTO two VALUES (2);");
    const BROKEN: Migration =
        Migration::sql("CREATE TABLE three (x INTEGER) STRICT; CREATE TABLE one (x INTEGER) STRICT;");

    fn tables(connection: &Connection) -> Vec<String> {
        let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
        let mut statement = connection.prepare(sql).unwrap();
        let names = statement.query_map([], |row| row.get(0)).unwrap();
        names.collect::<Result<_, _>>().unwrap()
    }

    fn apply_to(connection: &mut Connection, migrations: &[Migration]) -> Result<i32, Fault> {
        apply(connection, Path::new("test.db"), migrations)?;
        Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
    }

    #[test]
    fn only_missing_migrations_are_applied() {
        let mut connection = Connection::open_in_memory().unwrap();
        assert_eq!(apply_to(&mut connection, &[ONE]).unwrap(), 1);
        assert_eq!(tables(&connection), ["one"]);
        assert_eq!(apply_to(&mut connection, &[ONE, TWO]).unwrap(), 2);
        assert_eq!(apply_to(&mut connection, &[ONE, TWO]).unwrap(), 2);
        assert_eq!(tables(&connection), ["one", "two"]);
    }

    #[test]
    fn a_migration_that_fails_changes_nothing() {
        let mut connection = Connection::open_in_memory().unwrap();
        apply_to(&mut connection, &[ONE]).unwrap();
        assert!(matches!(apply_to(&mut connection, &[ONE, TWO, BROKEN]), Err(Fault::Sqlite(_))));
        assert_eq!(tables(&connection), ["one"]);
        assert_eq!(apply_to(&mut connection, &[ONE, TWO]).unwrap(), 2);
    }

    #[test]
    fn a_newer_schema_is_refused() {
        let mut connection = Connection::open_in_memory().unwrap();
        apply_to(&mut connection, &[ONE, TWO]).unwrap();
        let fault = apply_to(&mut connection, &[ONE]).unwrap_err();
        assert!(matches!(fault, Fault::Catalog(CatalogError::TooNew { found: 2, known: 1 })), "{fault:?}");
        connection.pragma_update(None, "user_version", -1).unwrap();
        let fault = apply_to(&mut connection, &[ONE]).unwrap_err();
        assert!(matches!(fault, Fault::Catalog(CatalogError::Damaged { .. })), "{fault:?}");
    }

    #[test]
    fn every_file_of_migrations_is_applied() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/migrations");
        let mut files: Vec<_> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        let texts: Vec<_> = files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect();
        assert_eq!(texts, MIGRATIONS.iter().map(|migration| migration.sql).collect::<Vec<_>>());
    }
}
