//! What remains to be known of releases once they are removed.

use std::collections::BTreeSet;

use amps_core::{BlobId, FileStamp, LinkState, Sequence};
use rusqlite::{Connection, Row, params};

use crate::{
    columns::Columns,
    error::Fault,
    link,
    query::{one, to_row},
};

/// Releases that were there a moment ago, in the order of their numbers.
pub(crate) struct Removed(Vec<Remains>);

struct Remains {
    sequence: i64,
    id: String,
    architecture: String,
    package: BlobId,
    icon: Option<BlobId>,
    link: LinkState,
}

impl Removed {
    /// Removes those of the releases that are there.
    pub(crate) fn delete(connection: &Connection, releases: &[Sequence]) -> Result<Self, Fault> {
        let sql = format!(
            "SELECT id, architecture, package_blob, icon_blob, {} FROM releases WHERE sequence = ?1",
            link::COLUMNS
        );
        let mut removed = Vec::new();
        for sequence in releases.iter().copied().filter_map(to_row).collect::<BTreeSet<_>>() {
            removed.extend(one(connection, &sql, [sequence], |row| read(sequence, row))?);
            // The documents go with it.
            connection.prepare_cached("DELETE FROM releases WHERE sequence = ?1")?.execute([sequence])?;
        }
        Ok(Self(removed))
    }

    /// Their numbers.
    pub(crate) fn sequences(&self) -> impl Iterator<Item = i64> {
        self.0.iter().map(|remains| remains.sequence)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The file that lies in the place of an id and an architecture, as far as their links tell. Only a release of the same two had a
    /// file of that name. One whose own link was never made passes on what it was to replace: that is what still lies there.
    pub(crate) fn file_of(&self, id: &str, architecture: &str) -> Option<FileStamp> {
        let links: Vec<LinkState> = self
            .0
            .iter()
            .rev()
            .filter(|remains| remains.id == id && remains.architecture == architecture)
            .map(|remains| remains.link)
            .collect();
        let made = |link: &LinkState| match *link {
            LinkState::Made(stamp) => Some(stamp),
            LinkState::Pending { .. } => None,
        };
        let pending = |link: &LinkState| match *link {
            LinkState::Made(_) => None,
            LinkState::Pending { replaces } => replaces,
        };
        links.iter().find_map(made).or_else(|| links.iter().find_map(pending))
    }

    /// Gives the files of those that had one to the last releases that stay of the same ids and architectures.
    pub(crate) fn pass_files_on(&self, connection: &Connection) -> Result<(), Fault> {
        let names: BTreeSet<(&str, &str)> =
            self.0.iter().map(|remains| (remains.id.as_str(), remains.architecture.as_str())).collect();
        for (id, architecture) in names {
            let Some(file) = self.file_of(id, architecture) else { continue };
            // One that has a file of its own was the last one all the time.
            if let Some((sequence, LinkState::Pending { replaces: None })) =
                link::of_last(connection, id, architecture)?
            {
                link::write(connection, sequence, LinkState::Pending { replaces: Some(file) })?;
            }
        }
        Ok(())
    }

    /// Their blobs that no release refers to now, in order.
    pub(crate) fn freed(&self, connection: &Connection) -> Result<Vec<BlobId>, Fault> {
        let blobs: BTreeSet<BlobId> =
            self.0.iter().flat_map(|remains| [Some(remains.package), remains.icon]).flatten().collect();
        let sql = "SELECT 1 FROM releases WHERE package_blob = ?1 \
            UNION ALL SELECT 1 FROM releases WHERE icon_blob = ?1 LIMIT 1";
        let mut freed = Vec::new();
        for blob in blobs {
            if one(connection, sql, params![blob.0.0], |_| Ok(()))?.is_none() {
                freed.push(blob);
            }
        }
        Ok(freed)
    }
}

fn read(sequence: i64, row: &Row<'_>) -> Result<Remains, Fault> {
    let columns = &mut Columns::new(row);
    Ok(Remains {
        sequence,
        id: columns.text("releases.id")?,
        architecture: columns.text("releases.architecture")?,
        package: columns.blob("releases.package_blob")?,
        icon: columns.optional_digest("releases.icon_blob")?.map(BlobId),
        link: link::read(columns)?,
    })
}
