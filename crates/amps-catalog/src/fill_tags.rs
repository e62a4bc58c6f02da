//! Tags of releases that were published before the catalog had any.

use amps_core::{Documents, StatedTags};
use rusqlite::{Connection, params};

use crate::{columns::Columns, error::Fault};

/// Reads the tags of every release from its documents.
pub(crate) fn fill_tags(connection: &Connection) -> Result<(), Fault> {
    let mut select = connection.prepare("SELECT sequence, extra, extra_signed FROM documents")?;
    let mut update = connection
        .prepare("UPDATE releases SET tags = ?2, conflicts = ?3, malformed_tags = ?4 WHERE sequence = ?1")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let columns = &mut Columns::new(row);
        let sequence = columns.integer("documents.sequence")?;
        let documents = Documents {
            manifest: String::new(),
            extra: columns.text("documents.extra")?,
            extra_signed: columns.optional_text("documents.extra_signed")?,
        };
        let (stated, malformed) = match StatedTags::of(&documents) {
            Ok(stated) => (stated, None),
            Err(error) => (StatedTags::default(), Some(amps_core::chain(&error))),
        };
        update.execute(params![sequence, stated.tags.as_str(), stated.conflicts.as_str(), malformed])?;
    }
    Ok(())
}
