//! The catalog itself: each call one transaction.

use std::{collections::HashSet, path::Path, sync::Arc};

use ampkg::PackageId;
use amps_arch::PackageServerToken;
use amps_core::{
    BlobId, Catalog, CatalogError, Changes, CountedDownloads, DailyDownloads, Day, Documents, LinkState,
    Publication, Recipe, Release, ReleaseDraft, ReleaseFacts, Sequence, Timestamp,
    audit::{Cause, NewAuditEntry},
};
use rusqlite::{Connection, params};

use crate::{
    accounts::entries,
    audit::{Acting, append},
    changes,
    columns::Columns,
    connections::{Connections, Lasting},
    downloads,
    error::{Fault, OpenError},
    link,
    query::{all, one, to_row},
    release,
    removed::Removed,
    schema,
};

/// A catalog in an SQLite database.
///
/// Any number of threads may use it, and any number of processes the same file. Reading does not wait for writing.
#[derive(Debug)]
pub struct SqliteCatalog {
    pub(crate) connections: Arc<Connections>,
    /// On whose behalf accounts are changed, if that is to be in the audit trail.
    pub(crate) acting: Option<Acting>,
}

impl SqliteCatalog {
    /// Opens the catalog in a file; a file that is missing or empty becomes one, an older one is brought up to date.
    ///
    /// Fails with [`CatalogError::TooNew`] if a later version made the file, and with [`CatalogError::Backend`] if it
    /// cannot be read, is no database, or is another application's ([`OpenError`](crate::OpenError)). Such a file is left
    /// as it is.
    pub fn open(path: &Path) -> Result<Self, CatalogError> {
        Self::new(Connections::to_file(path))
    }

    /// Makes a catalog that is gone when it is dropped, for tests and examples.
    pub fn in_memory() -> Result<Self, CatalogError> {
        Self::new(Connections::to_memory())
    }

    pub(crate) fn new(connections: Result<Connections, Fault>) -> Result<Self, CatalogError> {
        let connections = connections.map_err(|fault| fault.during("open its database"))?;
        Ok(Self { connections: Arc::new(connections), acting: None })
    }

    /// The same catalog for somebody: what they change of accounts, and what they are refused, is in the audit trail, in the
    /// transaction that changes it. Without this it is not.
    #[must_use]
    pub fn acting(&self, cause: Cause, now: Timestamp) -> Self {
        Self { connections: Arc::clone(&self.connections), acting: Some(Acting::new(cause, now)) }
    }

    /// Opens the catalog in a file that is there, to read only: nothing is written to it, not even to bring it up to date.
    ///
    /// [`CatalogError::Backend`] for one that an older version has made.
    pub fn look(path: &Path) -> Result<Self, CatalogError> {
        let catalog = Self::new(Connections::to_look(path))?;
        let (found, newest) = catalog.read("tell its schema version", schema::versions)?;
        if found < newest {
            let source = OpenError::Old { path: path.to_owned(), found, newest }.into();
            return Err(CatalogError::Backend { action: "read its database", source });
        }
        Ok(catalog)
    }

    pub(crate) fn read<T>(
        &self,
        action: &'static str,
        read: impl FnOnce(&Connection) -> Result<T, Fault>,
    ) -> Result<T, CatalogError> {
        self.connections.read(read).map_err(|fault| fault.during(action))
    }

    pub(crate) fn write<T>(
        &self,
        action: &'static str,
        write: impl FnOnce(&Connection) -> Result<T, Fault>,
    ) -> Result<T, CatalogError> {
        let written = self.connections.write(Lasting::Always, |transaction| write(transaction));
        written.map_err(|fault| fault.during(action))
    }

    /// The same for what may be forgotten when the power goes.
    pub(crate) fn write_passing<T>(
        &self,
        action: &'static str,
        write: impl FnOnce(&Connection) -> Result<T, Fault>,
    ) -> Result<T, CatalogError> {
        let written = self.connections.write(Lasting::UntilPowerCut, |transaction| write(transaction));
        written.map_err(|fault| fault.during(action))
    }
}

impl Catalog for SqliteCatalog {
    fn generation(&self) -> Result<u64, CatalogError> {
        self.read("tell its generation", changes::generation)
    }

    fn releases(&self) -> Result<Vec<Release>, CatalogError> {
        let sql = format!("SELECT {} FROM releases ORDER BY id, architecture, sequence", release::COLUMNS);
        self.read("list the releases", |connection| all(connection, &sql, [], release::read))
    }

    fn changes_since(&self, generation: u64) -> Result<Option<Changes>, CatalogError> {
        self.read("tell what has changed", |connection| changes::since(connection, generation))
    }

    fn latest(
        &self,
        id: &PackageId,
        architecture: &PackageServerToken,
    ) -> Result<Option<Release>, CatalogError> {
        let sql = format!(
            "SELECT {} FROM releases WHERE id = ?1 AND architecture = ?2 ORDER BY sequence DESC LIMIT 1",
            release::COLUMNS
        );
        self.read("find a release", |connection| {
            one(connection, &sql, params![id.as_str(), architecture.as_str()], release::read)
        })
    }

    fn releases_of(
        &self,
        id: &PackageId,
        architecture: &PackageServerToken,
    ) -> Result<Vec<Release>, CatalogError> {
        let sql = format!(
            "SELECT {} FROM releases WHERE id = ?1 AND architecture = ?2 ORDER BY sequence",
            release::COLUMNS
        );
        self.read("find the releases of a package", |connection| {
            all(connection, &sql, params![id.as_str(), architecture.as_str()], release::read)
        })
    }

    fn documents(&self, release: Sequence) -> Result<Option<Documents>, CatalogError> {
        let Some(sequence) = to_row(release) else { return Ok(None) };
        let sql = "SELECT manifest, extra, extra_signed FROM documents WHERE sequence = ?1";
        self.read("find the documents of a release", |connection| {
            one(connection, sql, [sequence], |row| {
                let columns = &mut Columns::new(row);
                Ok(Documents {
                    manifest: columns.text("documents.manifest")?,
                    extra: columns.text("documents.extra")?,
                    extra_signed: columns.optional_text("documents.extra_signed")?,
                })
            })
        })
    }

    fn publish_audited(
        &self,
        draft: &ReleaseDraft,
        replaced: &[Sequence],
        audit: &[NewAuditEntry],
    ) -> Result<Publication, CatalogError> {
        self.write("publish a release", |connection| {
            let facts = &draft.facts;
            let same = release::same(connection, facts)?;
            let replaced: Vec<Sequence> = replaced.iter().copied().chain(same).collect();
            let entry = match &draft.entry {
                Some(entry) => match entries::missing(connection, entry)? {
                    Some(what) => return Err(CatalogError::Gone { what }.into()),
                    None => Some(entry.clone()),
                },
                None => entries::of_replaced(connection, &replaced)?,
            };
            let removed = Removed::delete(connection, &replaced)?;
            let link = take_over_file(connection, &removed, facts)?;
            let sequence = release::insert(connection, facts)?;
            let Documents { manifest, extra, extra_signed } = &draft.documents;
            connection
                .prepare_cached(
                    "INSERT INTO documents (sequence, manifest, extra, extra_signed) VALUES (?1, ?2, ?3, ?4)",
                )?
                .insert(params![sequence, manifest, extra, extra_signed])?;
            link::write(connection, sequence, link)?;
            if let Some(recipe) = &draft.recipe {
                write_recipe(connection, sequence, recipe)?;
            }
            if let Some(entry) = &entry {
                entries::write(connection, sequence, entry)?;
            }
            let touched: Vec<i64> = removed.sequences().chain([sequence]).collect();
            changes::grow(connection, &touched)?;
            append(connection, audit)?;
            let freed = removed.freed(connection)?;
            let sequence = u64::try_from(sequence)
                .map_err(|_| Fault::damaged("releases.sequence", sequence.to_string()))?;
            Ok(Publication { sequence: Sequence(sequence), freed })
        })
    }

    fn remove_audited(
        &self,
        releases: &[Sequence],
        audit: &[NewAuditEntry],
    ) -> Result<Vec<BlobId>, CatalogError> {
        self.write("remove releases", |connection| {
            let removed = Removed::delete(connection, releases)?;
            if !removed.is_empty() {
                append(connection, audit)?;
                removed.pass_files_on(connection)?;
                changes::grow(connection, &removed.sequences().collect::<Vec<_>>())?;
            }
            removed.freed(connection)
        })
    }

    fn links(&self) -> Result<Vec<(Sequence, LinkState)>, CatalogError> {
        let sql = format!("SELECT sequence, {} FROM releases ORDER BY sequence", link::COLUMNS);
        self.read("list the links", |connection| {
            all(connection, &sql, [], |row| {
                let columns = &mut Columns::new(row);
                Ok((Sequence(columns.number("releases.sequence")?), link::read(columns)?))
            })
        })
    }

    fn link(&self, release: Sequence) -> Result<Option<LinkState>, CatalogError> {
        let Some(sequence) = to_row(release) else { return Ok(None) };
        let sql = format!("SELECT {} FROM releases WHERE sequence = ?1", link::COLUMNS);
        self.read("find a link", |connection| {
            one(connection, &sql, [sequence], |row| link::read(&mut Columns::new(row)))
        })
    }

    /// A release that is not there any more needs no link: nothing happens.
    fn set_link(&self, release: Sequence, link: LinkState) -> Result<(), CatalogError> {
        let Some(sequence) = to_row(release) else { return Ok(()) };
        self.write("note a link", |connection| link::write(connection, sequence, link))
    }

    fn recipe(&self, release: Sequence) -> Result<Option<Recipe>, CatalogError> {
        let Some(sequence) = to_row(release) else { return Ok(None) };
        self.read("find the recipe of a release", |connection| {
            let sql = "SELECT keep_bytes, glue, rem FROM recipes WHERE sequence = ?1";
            one(connection, sql, [sequence], |row| {
                let columns = &mut Columns::new(row);
                Ok(Recipe {
                    keep_bytes: columns.number("recipes.keep_bytes")?,
                    glue: columns.bytes("recipes.glue")?,
                    rem: columns.bytes("recipes.rem")?,
                })
            })
        })
    }

    fn set_recipe(&self, release: Sequence, recipe: &Recipe) -> Result<(), CatalogError> {
        let Some(sequence) = to_row(release) else { return Ok(()) };
        self.write("note a recipe", |connection| write_recipe(connection, sequence, recipe))
    }

    fn add_downloads(&self, day: Day, counted: &[CountedDownloads], oldest: Day) -> Result<(), CatalogError> {
        self.write_passing("count downloads", |connection| downloads::add(connection, day, counted, oldest))
    }

    fn downloads_of(
        &self,
        id: &PackageId,
        first: Day,
        last: Day,
    ) -> Result<Vec<DailyDownloads>, CatalogError> {
        self.read("find downloads", |connection| downloads::of(connection, id, first, last))
    }

    fn blobs(&self) -> Result<HashSet<BlobId>, CatalogError> {
        let sql = "SELECT package_blob FROM releases UNION ALL \
            SELECT icon_blob FROM releases WHERE icon_blob IS NOT NULL";
        self.read("list the blobs", |connection| {
            let blobs = all(connection, sql, [], |row| Columns::new(row).blob("releases.package_blob"))?;
            Ok(blobs.into_iter().collect())
        })
    }
}

/// The link of a release that is about to be added. The file of its id and architecture is taken from the last one that stays.
fn take_over_file(
    connection: &Connection,
    removed: &Removed,
    facts: &ReleaseFacts,
) -> Result<LinkState, Fault> {
    let (id, architecture) = (facts.id.as_str(), facts.architecture.as_str());
    let of_removed = removed.file_of(id, architecture);
    let nothing = LinkState::Pending { replaces: None };
    let replaces = match link::of_last(connection, id, architecture)? {
        None | Some((_, LinkState::Pending { replaces: None })) => of_removed,
        Some((sequence, link)) => {
            link::write(connection, sequence, nothing)?;
            match link {
                LinkState::Made(file) => Some(file),
                LinkState::Pending { replaces } => of_removed.or(replaces),
            }
        }
    };
    Ok(LinkState::Pending { replaces })
}

/// Notes a recipe, if its release is there.
fn write_recipe(connection: &Connection, sequence: i64, recipe: &Recipe) -> Result<(), Fault> {
    let Recipe { keep_bytes, glue, rem } = recipe;
    let keep_bytes = i64::try_from(*keep_bytes)
        .map_err(|_| Fault::damaged("recipes.keep_bytes", keep_bytes.to_string()))?;
    let sql = "INSERT OR REPLACE INTO recipes (sequence, keep_bytes, glue, rem) \
        SELECT sequence, ?2, ?3, ?4 FROM releases WHERE sequence = ?1";
    connection.prepare_cached(sql)?.execute(params![sequence, keep_bytes, glue, rem])?;
    Ok(())
}
