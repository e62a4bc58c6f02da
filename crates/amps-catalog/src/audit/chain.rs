//! Entering, reading and verifying entries.

use amps_core::audit::{
    AuditBounds, AuditEntry, AuditPoint, AuditRecord, AuditVerifier, Break, NewAuditEntry, Verification,
};
use rusqlite::{Connection, Row, params};

use super::no_state;
use crate::{
    columns::{Columns, to_integer},
    error::Fault,
    query::one,
};

/// The columns, in the order of [`read`].
pub(super) const COLUMNS: &str = "sequence, at, action, actor_kind, actor, channel, address, request, result, code, package, object, \
    device, count, details, hash";

/// Where the trail begins and ends.
pub(super) fn bounds(connection: &Connection) -> Result<AuditBounds, Fault> {
    let sql = "SELECT pruned_through, pruned_hash, head_sequence, head_hash FROM audit_state";
    let bounds = one(connection, sql, [], |row| {
        let columns = &mut Columns::new(row);
        Ok(AuditBounds {
            pruned: AuditPoint {
                sequence: columns.number("audit_state.pruned_through")?,
                hash: columns.digest("audit_state.pruned_hash")?,
            },
            head: AuditPoint {
                sequence: columns.number("audit_state.head_sequence")?,
                hash: columns.digest("audit_state.head_hash")?,
            },
        })
    })?;
    bounds.ok_or_else(no_state)
}

/// Enters entries, in the transaction of whatever they are about.
pub(crate) fn append(connection: &Connection, entries: &[NewAuditEntry]) -> Result<(), Fault> {
    if entries.is_empty() {
        return Ok(());
    }
    let mut head = bounds(connection)?.head;
    let mut insert = connection.prepare_cached(
        "INSERT INTO audit_entries (sequence, at, action, actor_kind, actor, channel, address, request, result, code, package, \
            object, device, count, details, hash) \
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
    )?;
    let mut go_on = connection.prepare_cached("UPDATE audit_state SET head_sequence = ?1, head_hash = ?2")?;
    for entry in entries {
        let record = entry.record();
        head = head.after(record);
        let sequence = to_integer("the number of an audit entry", head.sequence)?;
        insert.execute(params![
            sequence,
            record.at,
            record.action,
            record.actor_kind,
            record.actor,
            record.channel,
            record.address,
            record.request,
            record.result,
            record.code,
            record.package,
            record.object,
            record.device,
            to_integer("the count of an audit entry", record.count)?,
            record.details,
            head.hash.0,
        ])?;
        go_on.execute(params![sequence, head.hash.0])?;
    }
    Ok(())
}

pub(super) fn read(row: &Row<'_>) -> Result<AuditEntry, Fault> {
    let columns = &mut Columns::new(row);
    let sequence = columns.number("audit_entries.sequence")?;
    let record = AuditRecord {
        at: columns.integer("audit_entries.at")?,
        action: columns.text("audit_entries.action")?,
        actor_kind: columns.text("audit_entries.actor_kind")?,
        actor: columns.optional_text("audit_entries.actor")?,
        channel: columns.text("audit_entries.channel")?,
        address: columns.optional_text("audit_entries.address")?,
        request: columns.optional_text("audit_entries.request")?,
        result: columns.text("audit_entries.result")?,
        code: columns.optional_text("audit_entries.code")?,
        package: columns.optional_text("audit_entries.package")?,
        object: columns.optional_text("audit_entries.object")?,
        device: columns.optional_text("audit_entries.device")?,
        count: columns.number("audit_entries.count")?,
        details: columns.text("audit_entries.details")?,
    };
    Ok(AuditEntry { sequence, record, hash: columns.digest("audit_entries.hash")? })
}

/// Goes through all entries of one moment.
pub(super) fn verify(
    connection: &Connection,
    each: &mut dyn FnMut(&AuditPoint),
) -> Result<Result<Verification, Break>, Fault> {
    // The statements must see one state of the database.
    let transaction = connection.unchecked_transaction()?;
    let bounds = bounds(&transaction)?;
    let mut verifier = AuditVerifier::new(bounds);
    each(&verifier.at());
    let sql = format!("SELECT {COLUMNS} FROM audit_entries ORDER BY sequence");
    let mut statement = transaction.prepare(&sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let entry = match read(row) {
            Ok(entry) => entry,
            Err(Fault::Catalog(error)) => {
                let reason = amps_core::chain(&error);
                return Ok(Err(Break::Unreadable { after: verifier.at().sequence, reason }));
            }
            Err(fault) => return Err(fault),
        };
        if let Err(broken) = verifier.next(&entry) {
            return Ok(Err(broken));
        }
        each(&verifier.at());
    }
    Ok(verifier.finish())
}
