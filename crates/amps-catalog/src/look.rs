//! Catalogs as files: looked at beside whoever uses them, copied, and made ready for another place.

use std::path::Path;

use amps_core::{
    CatalogError,
    audit::{AuditLog as _, Break, NewAuditEntry, Verification},
    care::{CatalogCare, CatalogFiles, SchemaVersion},
    chain,
};

use crate::{
    SqliteCatalog, audit::append, connections::Connections, integrity, link, schema, set_aside::is_damage,
};

/// Catalogs in files, as the commands see them that look after a store.
#[derive(Clone, Copy, Debug, Default)]
pub struct SqliteFiles;

impl CatalogFiles for SqliteFiles {
    fn look(&self, file: &Path) -> Result<Box<dyn CatalogCare>, CatalogError> {
        Ok(Box::new(SqliteCatalog::new(Connections::to_look(file))?))
    }

    fn is_damage(&self, error: &CatalogError) -> bool {
        is_damage(error)
    }

    fn settle_in(&self, file: &Path, audit: NewAuditEntry) -> Result<(), CatalogError> {
        let catalog = SqliteCatalog::open(file)?;
        catalog.write("forget its links", |connection| {
            link::forget_all(connection)?;
            append(connection, &[audit])
        })
    }
}

impl CatalogCare for SqliteCatalog {
    fn copy_to(&self, file: &Path) -> Result<Box<dyn CatalogCare>, CatalogError> {
        self.connections.copy_to(file).map_err(|fault| fault.during("copy its database"))?;
        SqliteFiles.look(file)
    }

    fn damage(&self, limit: u32) -> Result<Vec<String>, CatalogError> {
        match self.read("look through its database", |connection| integrity::damage(connection, limit)) {
            // Where the schema itself lies, SQLite finds damage by not getting that far.
            Err(error) if is_damage(&error) => Ok(vec![chain(&error)]),
            found => found,
        }
    }

    fn audit_trail(&self) -> Result<Result<Verification, Break>, CatalogError> {
        self.verify_audit(&mut |_| ())
    }

    fn schema_version(&self) -> Result<SchemaVersion, CatalogError> {
        let (found, newest) = self.read("tell its schema version", schema::versions)?;
        Ok(SchemaVersion { found, newest })
    }
}
