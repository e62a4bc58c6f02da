//! Accounts: each call one transaction.
//!
//! What an [`AccountError`] is about is looked up before anything is written, in the same transaction: nobody can come between.

mod access_tokens;
mod categories;
pub(crate) mod entries;
mod purchases;
mod sessions;
mod token_usage;
mod users;
mod vendors;

use std::sync::Arc;

use amps_core::{
    Timestamp,
    accounts::{AccountError, Accounts, Expired},
    audit::{Action, AuditResult, Cause, NewAuditEntry},
};
use rusqlite::{Connection, Params};

use crate::{SqliteCatalog, audit::append, changes, columns::Columns, error::Fault, query::one};

/// No release has this number: what it stands for in the changes of a generation is a change of something else.
const NO_RELEASE: i64 = 0;

impl Accounts for SqliteCatalog {
    fn on_behalf_of(&self, cause: Cause, now: Timestamp) -> Arc<dyn Accounts> {
        Arc::new(self.acting(cause, now))
    }

    fn remove_expired(&self, now: Timestamp) -> Result<Expired, AccountError> {
        Ok(self.write("remove what has expired", |connection| {
            let sessions = connection.execute("DELETE FROM sessions WHERE expires_at <= ?1", [now.0])?;
            let purchases = connection.execute("DELETE FROM purchases WHERE expires_at <= ?1", [now.0])?;
            Ok(Expired { sessions, purchases })
        })?)
    }
}

/// What comes of asking for a change: it is made, it is refused, or the catalog fails.
type Change<T> = Result<Result<T, AccountError>, Fault>;

impl SqliteCatalog {
    /// The same for what an administrator does: it is in the audit trail, done or refused, if it is known who does it.
    fn administer<T>(
        &self,
        what: &'static str,
        action: Action,
        say: impl FnOnce(NewAuditEntry) -> NewAuditEntry,
        change: impl FnOnce(&Connection) -> Change<T>,
    ) -> Result<T, AccountError> {
        self.change(what, |connection| {
            let changed = change(connection)?;
            if let Some(acting) = &self.acting {
                let result = match &changed {
                    Ok(_) => AuditResult::Done,
                    Err(error) => AuditResult::Refused { code: error.class() },
                };
                append(connection, &[say(acting.entry(action, result))])?;
            }
            Ok(changed)
        })
    }

    /// Changes something, or refuses to before anything is written.
    fn change<T>(
        &self,
        action: &'static str,
        change: impl FnOnce(&Connection) -> Change<T>,
    ) -> Result<T, AccountError> {
        self.write(action, change)?
    }
}

/// Lets whoever prepared an answer prepare it again.
fn grow(connection: &Connection) -> Result<(), Fault> {
    changes::grow(connection, &[NO_RELEASE])
}

/// The number in the first column of the first row, if there is one.
fn number(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    column: &'static str,
) -> Result<Option<i64>, Fault> {
    one(connection, sql, params, |row| Columns::new(row).integer(column))
}

/// How many rows a query counts.
fn count(connection: &Connection, sql: &str, params: impl Params) -> Result<u64, Fault> {
    let count = one(connection, sql, params, |row| Columns::new(row).number("count(*)"))?;
    Ok(count.unwrap_or(0))
}
