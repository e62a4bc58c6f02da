//! Removing the oldest entries.

use amps_core::{
    Timestamp,
    audit::{Action, AuditPoint, AuditResult, AuditRetention, Cause, LEAST_AUDIT_ENTRIES, NewAuditEntry},
};
use rusqlite::{Connection, params};

use super::chain::{append, bounds};
use crate::{
    columns::{Columns, to_integer},
    error::Fault,
    query::one,
};

/// Entries that are removed in one transaction: others wait for it.
const MOST_AT_ONCE: u64 = 5000;
/// Entries for which it is worth it: removing them makes an entry itself, for which another one would have to go, and so on.
const LEAST_AT_ONCE: u64 = 2;

/// The last of the entries that are to go now; none if none is.
pub(super) fn end(
    connection: &Connection,
    retention: &AuditRetention,
    now: Timestamp,
) -> Result<Option<u64>, Fault> {
    let bounds = bounds(connection)?;
    let head = bounds.head.sequence;
    let too_many = head.saturating_sub(retention.entries());
    // The first that is young enough stays, with everything behind it: the clock may have been set back meanwhile.
    let at_most = bounds.pruned.sequence.saturating_add(MOST_AT_ONCE);
    let sql =
        "SELECT sequence FROM audit_entries WHERE sequence <= ?1 AND at >= ?2 ORDER BY sequence LIMIT 1";
    let range = [to_integer("the number of an audit entry", at_most)?, retention.oldest(now).0];
    let first_young: Option<u64> =
        one(connection, sql, range, |row| Columns::new(row).number("audit_entries.sequence"))?;
    let too_old = first_young.map_or(at_most, |first| first.saturating_sub(1));
    let too_old = too_old.min(head.saturating_sub(LEAST_AUDIT_ENTRIES));
    let end = too_many.max(too_old).min(at_most);
    Ok(Some(end).filter(|end| *end >= bounds.pruned.sequence.saturating_add(LEAST_AT_ONCE)))
}

/// Removes them, and enters what was removed; returns how many.
pub(super) fn prune(
    connection: &Connection,
    retention: &AuditRetention,
    now: Timestamp,
) -> Result<u64, Fault> {
    let Some(end) = end(connection, retention, now)? else { return Ok(0) };
    let before = bounds(connection)?.pruned.sequence;
    let row = to_integer("the number of an audit entry", end)?;
    let sql = "SELECT hash FROM audit_entries WHERE sequence = ?1";
    let hash = one(connection, sql, [row], |row| Columns::new(row).digest("audit_entries.hash"))?;
    let hash = hash.ok_or_else(|| Fault::damaged("audit_entries.sequence", format!("{end} is missing")))?;
    connection
        .execute("UPDATE audit_state SET pruned_through = ?1, pruned_hash = ?2", params![row, hash.0])?;
    connection.execute("DELETE FROM audit_entries WHERE sequence <= ?1", [row])?;
    let removed = end.saturating_sub(before);
    let entry = NewAuditEntry::new(now, Action::AuditPrune, &Cause::server(), AuditResult::Done)
        .of(&AuditPoint { sequence: end, hash }.to_string())
        .with("days", retention.days().to_string())
        .with("entries", retention.entries().to_string())
        .with("removed", removed.to_string());
    append(connection, &[entry])?;
    Ok(removed)
}
