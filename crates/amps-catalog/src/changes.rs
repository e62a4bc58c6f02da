//! What each generation has changed.

use amps_core::{Changes, Sequence};
use rusqlite::Connection;

use crate::{
    columns::Columns,
    error::Fault,
    query::{all, one},
    release,
};

/// How many generations back it is known what changed. Whoever comes later reads the whole list, so it need not be many; a burst
/// of uploads between two look-ups should fit.
const KEPT_GENERATIONS: i64 = 1000;

/// The generation of the catalog.
pub(crate) fn generation(connection: &Connection) -> Result<u64, Fault> {
    let sql = "SELECT generation FROM store";
    let generation = one(connection, sql, [], |row| Columns::new(row).number("store.generation"))?;
    generation.ok_or_else(|| Fault::damaged("store.generation", "missing"))
}

/// Begins the next generation, in which these releases were added or removed, or something else is said about them.
pub(crate) fn grow(connection: &Connection, touched: &[i64]) -> Result<(), Fault> {
    let sql = "UPDATE store SET generation = generation + 1 RETURNING generation";
    // All rows: the statement is done when the last one was read.
    let generations = all(connection, sql, [], |row| Columns::new(row).integer("store.generation"))?;
    let [generation] = *generations else {
        return Err(Fault::damaged("store", format!("{} rows", generations.len())));
    };
    let mut note =
        connection.prepare_cached("INSERT OR IGNORE INTO changes (generation, sequence) VALUES (?1, ?2)")?;
    for sequence in touched {
        note.execute([generation, *sequence])?;
    }
    connection
        .prepare_cached("DELETE FROM changes WHERE generation <= ?1")?
        .execute([generation - KEPT_GENERATIONS])?;
    Ok(())
}

/// The generation of now, if it is known what has changed since another one. Call it in the transaction that then looks at that.
pub(crate) fn known_since(transaction: &Connection, before: u64) -> Result<Option<Since>, Fault> {
    let generation = generation(transaction)?;
    let Some(passed) = generation.checked_sub(before) else { return Ok(None) };
    let Ok(first) = i64::try_from(before) else { return Ok(None) };
    let sql = "SELECT count(DISTINCT generation) FROM changes WHERE generation > ?1";
    let noted: Option<u64> =
        one(transaction, sql, [first], |row| Columns::new(row).number("changes.generation"))?;
    Ok((noted == Some(passed)).then_some(Since { first, generation }))
}

/// Generations of which it is known what they have changed.
pub(crate) struct Since {
    /// The last one that is not meant.
    pub(crate) first: i64,
    /// The one of now.
    pub(crate) generation: u64,
}

/// What has changed since a generation; none if that is not known any more.
pub(crate) fn since(connection: &Connection, before: u64) -> Result<Option<Changes>, Fault> {
    // The statements must see one state of the database.
    let transaction = connection.unchecked_transaction()?;
    let Some(Since { first, generation }) = known_since(&transaction, before)? else { return Ok(None) };
    // Numbers are never used twice: a release that was added and removed is just not there.
    let of_changes = "(SELECT sequence FROM changes WHERE generation > ?1)";
    let sql = format!("SELECT {} FROM releases WHERE sequence IN {of_changes}", release::COLUMNS);
    let added = all(&transaction, &sql, [first], release::read)?;
    let sql = "SELECT DISTINCT sequence FROM changes \
        WHERE generation > ?1 AND sequence NOT IN (SELECT sequence FROM releases)";
    let removed =
        all(&transaction, sql, [first], |row| Columns::new(row).number("changes.sequence").map(Sequence))?;
    Ok(Some(Changes { generation, added, removed }))
}
