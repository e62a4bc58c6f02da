//! What the store says about releases, in rows.

use amps_core::audit::Action;
use amps_core::{
    Sequence,
    accounts::{AccountError, CategoryId, EntryChanges, StoreEntries, StoreEntry, VendorId},
};
use rusqlite::{Connection, params};

use super::{NO_RELEASE, count};
use crate::{
    SqliteCatalog,
    changes::{self, Since},
    columns::Columns,
    error::Fault,
    query::{all, one, to_row},
};

impl StoreEntries for SqliteCatalog {
    fn store_entries(&self) -> Result<Vec<(Sequence, StoreEntry)>, AccountError> {
        let sql = "SELECT category_id, vendor_id, brief_description, '', sequence FROM store_entries \
            ORDER BY sequence";
        Ok(self.read("list what the store says about releases", |connection| {
            all(connection, sql, [], |row| {
                let columns = &mut Columns::new(row);
                let entry = read(columns)?;
                Ok((Sequence(columns.number("store_entries.sequence")?), entry))
            })
        })?)
    }

    fn store_entries_since(&self, generation: u64) -> Result<Option<EntryChanges>, AccountError> {
        Ok(self.read("tell what else the store says about releases", |connection| {
            since(connection, generation)
        })?)
    }

    fn store_entry(&self, release: Sequence) -> Result<Option<StoreEntry>, AccountError> {
        let Some(sequence) = to_row(release) else { return Ok(None) };
        Ok(self.read("tell what the store says about a release", |connection| find(connection, sequence))?)
    }

    fn set_store_entry(&self, release: Sequence, entry: &StoreEntry) -> Result<(), AccountError> {
        entry.check()?;
        let gone = |what| Ok(Err(AccountError::Gone { what }));
        self.administer(
            "note what the store says about a release",
            Action::PackageDescribe,
            |entry| entry.with("release", release.0.to_string()),
            |connection| {
                if !is_there(connection, "SELECT count(*) FROM releases WHERE sequence = ?1", release.0)? {
                    return gone("release");
                }
                if let Some(what) = missing(connection, entry)? {
                    return gone(what);
                }
                write(connection, release.0.cast_signed(), entry)?;
                changes::grow(connection, &[release.0.cast_signed()])?;
                Ok(Ok(()))
            },
        )
    }
}

fn is_there(connection: &Connection, sql: &str, id: u64) -> Result<bool, Fault> {
    match i64::try_from(id) {
        Ok(id) => count(connection, sql, [id]).map(|count| count > 0),
        Err(_) => Ok(false),
    }
}

/// What an entry refers to that is not there.
pub(crate) fn missing(connection: &Connection, entry: &StoreEntry) -> Result<Option<&'static str>, Fault> {
    if !is_there(connection, "SELECT count(*) FROM categories WHERE id = ?1", entry.category.0)? {
        return Ok(Some("category"));
    }
    if !is_there(connection, "SELECT count(*) FROM vendors WHERE id = ?1", entry.vendor.0)? {
        return Ok(Some("vendor"));
    }
    Ok(None)
}

/// What is said about the releases that the generations since one have touched.
fn since(connection: &Connection, before: u64) -> Result<Option<EntryChanges>, Fault> {
    // The statements must see one state of the database.
    let transaction = connection.unchecked_transaction()?;
    let Some(Since { first, generation }) = changes::known_since(&transaction, before)? else {
        return Ok(None);
    };
    let sql = "SELECT touched.sequence, category_id, vendor_id, brief_description, '' FROM \
        (SELECT DISTINCT sequence FROM changes WHERE generation > ?1 AND sequence <> ?2) AS touched \
        LEFT JOIN store_entries ON store_entries.sequence = touched.sequence";
    let entries = all(&transaction, sql, [first, NO_RELEASE], |row| {
        let columns = &mut Columns::new(row);
        let sequence = Sequence(columns.number("changes.sequence")?);
        let entry = if columns.is_null()? { None } else { Some(read(columns)?) };
        Ok((sequence, entry))
    })?;
    Ok(Some(EntryChanges { generation, entries }))
}

/// What is said about a release that is about to be replaced by others, of those the one that was published last.
pub(crate) fn of_replaced(
    connection: &Connection,
    replaced: &[Sequence],
) -> Result<Option<StoreEntry>, Fault> {
    let mut replaced: Vec<i64> = replaced.iter().copied().filter_map(to_row).collect();
    replaced.sort_unstable();
    for sequence in replaced.into_iter().rev() {
        if let Some(entry) = find(connection, sequence)? {
            return Ok(Some(entry));
        }
    }
    Ok(None)
}

/// Notes what is said about a release, which must be there.
pub(crate) fn write(connection: &Connection, sequence: i64, entry: &StoreEntry) -> Result<(), Fault> {
    let StoreEntry { category, vendor, brief_description, description } = entry;
    let sql = "INSERT OR REPLACE INTO store_entries \
        (sequence, category_id, vendor_id, brief_description, description) VALUES (?1, ?2, ?3, ?4, ?5)";
    connection.prepare_cached(sql)?.execute(params![
        sequence,
        category.0.cast_signed(),
        vendor.0.cast_signed(),
        brief_description,
        description
    ])?;
    Ok(())
}

fn find(connection: &Connection, sequence: i64) -> Result<Option<StoreEntry>, Fault> {
    let sql = "SELECT category_id, vendor_id, brief_description, description FROM store_entries \
        WHERE sequence = ?1";
    one(connection, sql, [sequence], |row| read(&mut Columns::new(row)))
}

fn read(columns: &mut Columns<'_>) -> Result<StoreEntry, Fault> {
    Ok(StoreEntry {
        category: CategoryId(columns.number("store_entries.category_id")?),
        vendor: VendorId(columns.number("store_entries.vendor_id")?),
        brief_description: columns.text("store_entries.brief_description")?,
        description: columns.text("store_entries.description")?,
    })
}
