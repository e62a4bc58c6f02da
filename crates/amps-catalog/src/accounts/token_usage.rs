//! What tokens with quotas have brought in a day, in rows.

use std::collections::BTreeMap;

use amps_core::{
    Timestamp,
    accounts::{QuotaUsedUp, Quotas, TokenName, Usage},
};
use rusqlite::Connection;

use crate::{
    columns::{Columns, to_integer},
    error::Fault,
    query::{all, one},
};

/// Counts one more upload if the quotas of a token have room for it; none if there is no such token.
pub(super) fn count_upload(
    connection: &Connection,
    name: &TokenName,
    bytes: u64,
    now: Timestamp,
) -> Result<Option<Result<Usage, QuotaUsedUp>>, Fault> {
    let day = Usage::day(now);
    let sql = "SELECT uploads_per_day, bytes_per_day, id FROM access_tokens WHERE name = ?1";
    let found = one(connection, sql, [name.as_str()], |row| {
        let mut columns = Columns::new(row);
        Ok((quotas(&mut columns)?, columns.integer("access_tokens.id")?))
    })?;
    let Some((quotas, token)) = found else { return Ok(None) };
    let sql = "SELECT uploads, bytes FROM token_usage WHERE token = ?1 AND day = ?2";
    let used = one(connection, sql, [token, day], |row| read(&mut Columns::new(row)))?;
    let usage = match quotas.with_upload(used.unwrap_or_default(), bytes) {
        Ok(usage) => usage,
        Err(used_up) => return Ok(Some(Err(used_up))),
    };
    if used.is_none() {
        connection.execute("DELETE FROM token_usage WHERE day <> ?1", [day])?;
    }
    let (uploads, bytes) = (to_integer("uploads", usage.uploads)?, to_integer("bytes", usage.bytes)?);
    let sql = "INSERT OR REPLACE INTO token_usage (token, day, uploads, bytes) VALUES (?1, ?2, ?3, ?4)";
    connection.execute(sql, [token, day, uploads, bytes])?;
    Ok(Some(Ok(usage)))
}

/// What tokens have brought in the day of a moment.
pub(super) fn usage(connection: &Connection, now: Timestamp) -> Result<BTreeMap<TokenName, Usage>, Fault> {
    let sql = "SELECT uploads, bytes, name FROM token_usage JOIN access_tokens ON id = token WHERE day = ?1";
    let rows = all(connection, sql, [Usage::day(now)], |row| {
        let mut columns = Columns::new(row);
        let usage = read(&mut columns)?;
        Ok((columns.parsed("access_tokens.name")?, usage))
    })?;
    Ok(rows.into_iter().collect())
}

/// The quotas, in two columns.
pub(super) fn quotas(columns: &mut Columns<'_>) -> Result<Quotas, Fault> {
    Ok(Quotas {
        uploads_per_day: columns.optional_number("access_tokens.uploads_per_day")?,
        bytes_per_day: columns.optional_number("access_tokens.bytes_per_day")?,
    })
}

fn read(columns: &mut Columns<'_>) -> Result<Usage, Fault> {
    Ok(Usage { uploads: columns.number("token_usage.uploads")?, bytes: columns.number("token_usage.bytes")? })
}
