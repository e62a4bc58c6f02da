//! Whether all of a database is as it should be.

use rusqlite::{Connection, ErrorCode};

use crate::{
    audit, changes,
    columns::Columns,
    error::{Fault, code},
    link,
    query::all,
    release,
};

/// Checks that the pages of a database hang together and that its rows obey the schema.
pub(crate) fn check_pages(connection: &Connection) -> Result<(), Fault> {
    // Not `integrity_check`: that also compares every index with its table, which takes several times as long.
    let found = all(connection, "PRAGMA quick_check(1)", [], |row| Columns::new(row).text("quick_check"))?;
    match found.as_slice() {
        [word] if word == "ok" => Ok(()),
        _ => Err(Fault::damaged("quick_check", found.join("; "))),
    }
}

/// What is wrong with a database, in words of SQLite, at most so many of them: pages, rows, indices, and rows that refer to others.
pub(crate) fn damage(connection: &Connection, limit: u32) -> Result<Vec<String>, Fault> {
    let sql = format!("PRAGMA integrity_check({limit})");
    let mut found = all(connection, &sql, [], |row| Columns::new(row).text("integrity_check"))?;
    found.retain(|line| line != "ok");
    let dangling = all(connection, "PRAGMA foreign_key_check", [], |row| {
        let columns = &mut Columns::new(row);
        let table = columns.text("foreign_key_check.table")?;
        let number = columns.optional_integer("foreign_key_check.rowid")?;
        let parent = columns.text("foreign_key_check.parent")?;
        let row = number.map_or_else(|| "a row".to_owned(), |number| format!("row {number}"));
        Ok(format!("{row} of {table} refers to a row of {parent} that is not there"))
    })?;
    found.extend(dangling);
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(found)
}

/// Checks that every row can be read that a store needs for its start. The tables are there by now, whatever version made them.
pub(crate) fn check_rows(connection: &Connection) -> Result<(), Fault> {
    let check = || {
        changes::generation(connection)?;
        let sql = format!("SELECT {} FROM releases", release::COLUMNS);
        each(connection, &sql, |row| release::read(row).map(drop))?;
        each(connection, &format!("SELECT {} FROM releases", link::COLUMNS), |row| {
            link::read(&mut Columns::new(row)).map(drop)
        })?;
        // What is there only for a moment or is made again when it is missing: enough if there are such columns.
        for sql in [
            "SELECT manifest, extra, extra_signed FROM documents LIMIT 1",
            "SELECT keep_bytes, glue, rem FROM recipes LIMIT 1",
            "SELECT generation, sequence FROM changes LIMIT 1",
            "SELECT users.name, vendors.name FROM users, vendors LIMIT 1",
            "SELECT name FROM categories, store_entries LIMIT 1",
            "SELECT sessions.token_hash, purchases.token_hash FROM sessions, purchases LIMIT 1",
        ] {
            each(connection, sql, |_| Ok(()))?;
        }
        audit::columns(connection)
    };
    check().map_err(|fault| match fault {
        // `SQLITE_ERROR`: there is no such table or column.
        Fault::Sqlite(error) if code(&error) == Some(ErrorCode::Unknown) => {
            Fault::damaged("the schema", error.to_string())
        }
        fault => fault,
    })
}

fn each(
    connection: &Connection,
    sql: &str,
    check: impl Fn(&rusqlite::Row<'_>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        check(row)?;
    }
    Ok(())
}
