//! The audit trail, in rows. Each is chained to the one before; triggers refuse what would change or remove one (see the migration).

mod chain;
mod page;
mod prune;

use amps_core::{
    CatalogError, Timestamp,
    audit::{
        Action, AuditBounds, AuditFilter, AuditLog, AuditPage, AuditPoint, AuditResult, AuditRetention,
        Break, Cause, DeviceMarks, NewAuditEntry, Position, Verification,
    },
};
use rusqlite::Connection;

use crate::{SqliteCatalog, columns::Columns, error::Fault, query::one};
pub(crate) use chain::append;

/// Who changes accounts through a catalog, and when.
#[derive(Clone, Debug)]
pub(crate) struct Acting {
    cause: Cause,
    at: Timestamp,
}

impl Acting {
    pub(crate) fn new(cause: Cause, at: Timestamp) -> Self {
        Self { cause, at }
    }

    pub(crate) fn entry(&self, action: Action, result: AuditResult) -> NewAuditEntry {
        NewAuditEntry::new(self.at, action, &self.cause, result)
    }
}

impl AuditLog for SqliteCatalog {
    fn append(&self, entries: &[NewAuditEntry]) -> Result<(), CatalogError> {
        self.write("enter something into its audit trail", |connection| append(connection, entries))
    }

    fn audit_bounds(&self) -> Result<AuditBounds, CatalogError> {
        self.read("tell where its audit trail ends", chain::bounds)
    }

    fn audit_page(
        &self,
        position: Position,
        filter: &AuditFilter,
        limit: usize,
    ) -> Result<AuditPage, CatalogError> {
        self.read("read its audit trail", |connection| page::page(connection, position, filter, limit))
    }

    fn verify_audit(
        &self,
        each: &mut dyn FnMut(&AuditPoint),
    ) -> Result<Result<Verification, Break>, CatalogError> {
        self.read("verify its audit trail", |connection| chain::verify(connection, each))
    }

    fn prune_audit(&self, retention: &AuditRetention, now: Timestamp) -> Result<u64, CatalogError> {
        // Without the lock of writers first: usually there is nothing to do.
        let action = "remove old entries of its audit trail";
        match self.read(action, |connection| prune::end(connection, retention, now))? {
            Some(_) => self.write(action, |connection| prune::prune(connection, retention, now)),
            None => Ok(0),
        }
    }

    fn device_marks(&self) -> Result<DeviceMarks, CatalogError> {
        self.read("read the salt of its audit trail", |connection| {
            let sql = "SELECT device_salt FROM audit_state";
            // Not shown in an error: it has 32 bytes, or is none.
            let salt = one(connection, sql, [], |row| Columns::new(row).digest("audit_state.device_salt"))?;
            salt.map(|salt| DeviceMarks::new(salt.0)).ok_or_else(no_state)
        })
    }
}

fn no_state() -> Fault {
    Fault::damaged("audit_state", "0 rows")
}

/// Checks that the trail can be gone on with; whether it is whole is asked elsewhere.
pub(crate) fn columns(connection: &Connection) -> Result<(), Fault> {
    chain::bounds(connection)?;
    connection.prepare(&format!("SELECT {} FROM audit_entries LIMIT 1", chain::COLUMNS)).map(drop)?;
    Ok(())
}
