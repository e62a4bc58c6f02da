//! Sessions, in rows.

use amps_core::{
    Timestamp,
    accounts::{AccountError, Greeting, Session, SessionRecords, SessionTimes, TokenHash, UserId},
};
use rusqlite::{Connection, params};

use super::{count, users};
use crate::{SqliteCatalog, columns::Columns, error::Fault, query::one};

/// Sessions that begin between two counts of those in which nobody is logged in. Counting takes longer than beginning.
const COUNTED_EVERY: i64 = 64;

impl SessionRecords for SqliteCatalog {
    fn begin_session(
        &self,
        token: &TokenHash,
        greeting: &Greeting,
        user: Option<UserId>,
        times: SessionTimes,
        anonymous_limit: u64,
    ) -> Result<(), AccountError> {
        greeting.check()?;
        self.write_passing("begin a session", |connection| {
            if let Some(user) = user
                && count(connection, "SELECT count(*) FROM users WHERE id = ?1", [user.0.cast_signed()])? == 0
            {
                return Ok(Err(AccountError::Gone { what: "user" }));
            }
            let sql = "INSERT INTO sessions (token_hash, user_id, platform_version, tags, conflicts, \
                architecture, created_at, last_used_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8)";
            let Greeting { platform_version, tags, conflicts, architecture } = greeting;
            let (begins, ends) = (times.created_at.0, times.expires_at.0);
            let user = user.map(|user| user.0.cast_signed());
            connection.prepare_cached(sql)?.execute(params![
                token.0.0,
                user,
                platform_version,
                tags,
                conflicts,
                architecture,
                begins,
                ends
            ])?;
            if user.is_none() && connection.last_insert_rowid() % COUNTED_EVERY == 0 {
                bound(connection, anonymous_limit)?;
            }
            Ok(Ok(()))
        })?
    }

    fn session(&self, token: &TokenHash, now: Timestamp) -> Result<Option<Session>, AccountError> {
        let sql = format!(
            "SELECT platform_version, tags, conflicts, architecture, sessions.created_at, last_used_at, \
                expires_at, {} FROM sessions LEFT JOIN users ON users.id = sessions.user_id AND users.is_active \
                WHERE token_hash = ?1 AND expires_at > ?2",
            users::COLUMNS
        );
        Ok(self.read("find a session", |connection| {
            one(connection, &sql, params![token.0.0, now.0], |row| read(&mut Columns::new(row)))
        })?)
    }

    fn renew_session(
        &self,
        token: &TokenHash,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), AccountError> {
        Ok(self.write_passing("renew a session", |connection| {
            let sql = "UPDATE sessions SET last_used_at = ?2, expires_at = ?3 WHERE token_hash = ?1";
            connection.prepare_cached(sql)?.execute(params![token.0.0, now.0, expires_at.0])?;
            Ok(())
        })?)
    }

    fn set_greeting(
        &self,
        token: &TokenHash,
        greeting: &Greeting,
        now: Timestamp,
    ) -> Result<bool, AccountError> {
        greeting.check()?;
        Ok(self.write_passing("note what a device said", |connection| {
            let sql = "UPDATE sessions SET platform_version = ?3, tags = ?4, conflicts = ?5, architecture = ?6 \
                WHERE token_hash = ?1 AND expires_at > ?2";
            let Greeting { platform_version, tags, conflicts, architecture } = greeting;
            let row = params![token.0.0, now.0, platform_version, tags, conflicts, architecture];
            Ok(connection.prepare_cached(sql)?.execute(row)? > 0)
        })?)
    }

    fn end_session(&self, token: &TokenHash) -> Result<bool, AccountError> {
        Ok(self.write("end a session", |connection| {
            Ok(connection.execute("DELETE FROM sessions WHERE token_hash = ?1", [token.0.0])? > 0)
        })?)
    }
}

/// Ends the sessions that were not used for the longest time, if there are too many in which nobody is logged in.
fn bound(connection: &Connection, limit: u64) -> Result<(), Fault> {
    let sessions = count(connection, "SELECT count(*) FROM sessions WHERE user_id IS NULL", [])?;
    let excess = i64::try_from(sessions.saturating_sub(limit)).unwrap_or(i64::MAX);
    if excess > 0 {
        let sql = "DELETE FROM sessions WHERE token_hash IN \
            (SELECT token_hash FROM sessions WHERE user_id IS NULL ORDER BY last_used_at, rowid LIMIT ?1)";
        connection.execute(sql, [excess])?;
    }
    Ok(())
}

fn read(columns: &mut Columns<'_>) -> Result<Session, Fault> {
    let greeting = Greeting {
        platform_version: columns.optional_number("sessions.platform_version")?,
        tags: columns.text("sessions.tags")?,
        conflicts: columns.text("sessions.conflicts")?,
        architecture: columns.text("sessions.architecture")?,
    };
    let created_at = Timestamp(columns.integer("sessions.created_at")?);
    let last_used_at = Timestamp(columns.integer("sessions.last_used_at")?);
    let expires_at = Timestamp(columns.integer("sessions.expires_at")?);
    let user = if columns.is_null()? { None } else { Some(users::read(columns)?) };
    Ok(Session { greeting, user, created_at, last_used_at, expires_at })
}
