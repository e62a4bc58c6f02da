//! Whether all of a database is as it should be.

use rusqlite::{Connection, ErrorCode};

use crate::{
    changes,
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
        Ok(())
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
