//! Where a release's file in `.packages` stands, in columns.

use amps_core::{FileStamp, LinkState};
use rusqlite::{Connection, params, types::Value};

use crate::{
    columns::{Columns, required, to_integer},
    error::Fault,
    query::one,
};

/// The columns, in the order of [`read`] and [`to_columns`].
pub(crate) const COLUMNS: &str = "link, link_device, link_inode, link_size_bytes, link_modified_ns";

#[derive(Clone, Copy)]
enum Word {
    Pending,
    Made,
}

const WORDS: &[(&str, Word)] = &[("pending", Word::Pending), ("made", Word::Made)];

/// Reads the columns.
pub(crate) fn read(columns: &mut Columns<'_>) -> Result<LinkState, Fault> {
    let word = columns.word("releases.link", WORDS)?;
    let stamp = stamp(columns)?;
    match word {
        Word::Pending => Ok(LinkState::Pending { replaces: stamp }),
        Word::Made => required("releases.link_device", stamp).map(LinkState::Made),
    }
}

fn stamp(columns: &mut Columns<'_>) -> Result<Option<FileStamp>, Fault> {
    let device = columns.optional_integer("releases.link_device")?;
    let inode = columns.optional_integer("releases.link_inode")?;
    let size_bytes = columns.optional_number("releases.link_size_bytes")?;
    let modified_ns = columns.optional_integer("releases.link_modified_ns")?;
    let Some(device) = device else { return Ok(None) };
    Ok(Some(FileStamp {
        device: device.cast_unsigned(),
        inode: required("releases.link_inode", inode)?.cast_unsigned(),
        size_bytes: required("releases.link_size_bytes", size_bytes)?,
        modified_ns: required("releases.link_modified_ns", modified_ns)?,
    }))
}

/// The last release of an id and architecture, and its link.
pub(crate) fn of_last(
    connection: &Connection,
    id: &str,
    architecture: &str,
) -> Result<Option<(i64, LinkState)>, Fault> {
    let sql = format!(
        "SELECT sequence, {COLUMNS} FROM releases WHERE id = ?1 AND architecture = ?2 ORDER BY sequence DESC LIMIT 1"
    );
    one(connection, &sql, [id, architecture], |row| {
        let columns = &mut Columns::new(row);
        Ok((columns.integer("releases.sequence")?, read(columns)?))
    })
}

/// Notes a link; a release that is not there any more needs none.
pub(crate) fn write(connection: &Connection, sequence: i64, link: LinkState) -> Result<(), Fault> {
    let [word, device, inode, size_bytes, modified_ns] = to_columns(link)?;
    let sql = "UPDATE releases SET link = ?2, link_device = ?3, link_inode = ?4, link_size_bytes = ?5, \
        link_modified_ns = ?6 WHERE sequence = ?1";
    connection.prepare_cached(sql)?.execute(params![
        sequence,
        word,
        device,
        inode,
        size_bytes,
        modified_ns
    ])?;
    Ok(())
}

/// Notes of all links that they are to be made, and that nothing lies in their place.
pub(crate) fn forget_all(connection: &Connection) -> Result<(), Fault> {
    let sql = "UPDATE releases SET link = 'pending', link_device = NULL, link_inode = NULL, \
        link_size_bytes = NULL, link_modified_ns = NULL";
    connection.execute(sql, [])?;
    Ok(())
}

/// The values of the columns.
fn to_columns(link: LinkState) -> Result<[Value; 5], Fault> {
    let (word, stamp) = match link {
        LinkState::Pending { replaces } => ("pending", replaces),
        LinkState::Made(stamp) => ("made", Some(stamp)),
    };
    let word = Value::from(word.to_owned());
    let Some(stamp) = stamp else {
        return Ok([word, Value::Null, Value::Null, Value::Null, Value::Null]);
    };
    Ok([
        word,
        // Names rather than numbers: some file systems use all 64 bits, and SQLite keeps them with a sign.
        stamp.device.cast_signed().into(),
        stamp.inode.cast_signed().into(),
        to_integer("the size of the link", stamp.size_bytes)?.into(),
        stamp.modified_ns.into(),
    ])
}
