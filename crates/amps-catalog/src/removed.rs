//! What remains to be known of releases once they are removed.

use std::collections::BTreeSet;

use ampkg::PackageId;
use amps_arch::PackageServerToken;
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

    /// The link of a release that takes their place. Only a release of the same id and architecture had a file of the same
    /// name. One whose own link was never made passes on what it was to replace: that is what still lies there.
    pub(crate) fn link_of(&self, id: &PackageId, architecture: &PackageServerToken) -> LinkState {
        let links: Vec<LinkState> = self
            .0
            .iter()
            .rev()
            .filter(|remains| remains.id == id.as_str() && remains.architecture == architecture.as_str())
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
        let replaces: Option<FileStamp> =
            links.iter().find_map(made).or_else(|| links.iter().find_map(pending));
        LinkState::Pending { replaces }
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
