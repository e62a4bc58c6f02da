//! Some of the entries, by an index.

use amps_core::audit::{Action, AuditEntry, AuditFilter, AuditOutcome, AuditPage, MAX_AUDIT_PAGE, Position};
use rusqlite::{Connection, ToSql, params_from_iter};

use super::chain::{COLUMNS, read};
use crate::error::Fault;

/// The entries that a filter lets through, from a position on.
pub(super) fn page(
    connection: &Connection,
    position: Position,
    filter: &AuditFilter,
    limit: usize,
) -> Result<AuditPage, Fault> {
    let limit = limit.clamp(1, MAX_AUDIT_PAGE);
    let (sql, values) = query(position, filter, limit);
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query(params_from_iter(values))?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        entries.push(read(row)?);
    }
    let has_more = entries.len() > limit;
    entries.truncate(limit);
    let next = entries.last().filter(|_| has_more).map(|last: &AuditEntry| match position {
        Position::After(_) => Position::After(last.sequence),
        Position::Before(_) => Position::Before(last.sequence),
    });
    Ok(AuditPage { entries, next })
}

/// One more than the limit, which shows whether there are more.
fn query(position: Position, filter: &AuditFilter, limit: usize) -> (String, Vec<Box<dyn ToSql>>) {
    let AuditFilter { actor, action, package, since, until, result } = filter;
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let (word, order, sequence) = match position {
        Position::After(sequence) => (">", "ASC", number(sequence)),
        Position::Before(sequence) => ("<", "DESC", number(sequence)),
    };
    let mut wanted = vec![format!("sequence {word} ?1")];
    let mut values: Vec<Box<dyn ToSql>> = vec![Box::new(sequence)];
    let mut add = |condition: &str, value: Option<Box<dyn ToSql>>| {
        if let Some(value) = value {
            values.push(value);
            wanted.push(format!("{condition} ?{}", values.len()));
        }
    };
    add("actor =", actor.clone().map(|actor| Box::new(actor) as _));
    add("action =", action.map(|action: Action| Box::new(action.as_str()) as _));
    add("package =", package.as_ref().map(|id| Box::new(id.to_string()) as _));
    // By number, whatever the planner thinks of an index by time: the next page then begins where this one ends.
    add("+at >=", since.map(|time| Box::new(time.0) as _));
    add("+at <", until.map(|time| Box::new(time.0) as _));
    // Spelled out, because the index is only of what is not `ok`.
    match result {
        Some(AuditOutcome::Ok) => wanted.push("+result = 'ok'".into()),
        Some(other) => wanted.push(format!("result <> 'ok' AND result = '{}'", other.as_str())),
        None => {}
    }
    let wanted = wanted.join(" AND ");
    let limit = limit + 1;
    let sql =
        format!("SELECT {COLUMNS} FROM audit_entries WHERE {wanted} ORDER BY sequence {order} LIMIT {limit}");
    (sql, values)
}

#[cfg(test)]
mod tests {
    use amps_core::Timestamp;

    use super::*;
    use crate::SqliteCatalog;

    #[test]
    fn each_filter_has_an_index() {
        let none = AuditFilter::default;
        let time = |seconds| Some(Timestamp(seconds));
        for (filter, index) in [
            (none(), "INTEGER PRIMARY KEY"),
            (AuditFilter { actor: Some("a".into()), ..none() }, "audit_entries_by_actor"),
            (AuditFilter { action: Some(Action::Login), ..none() }, "audit_entries_by_action"),
            (AuditFilter { package: Some("a".parse().unwrap()), ..none() }, "audit_entries_by_package"),
            (AuditFilter { result: Some(AuditOutcome::Refused), ..none() }, "audit_entries_by_result"),
            (AuditFilter { result: Some(AuditOutcome::Ok), ..none() }, "INTEGER PRIMARY KEY"),
            (AuditFilter { since: time(1), until: time(2), ..none() }, "INTEGER PRIMARY KEY"),
        ] {
            for position in [Position::After(0), Position::Before(u64::MAX)] {
                let (sql, values) = query(position, &filter, 10);
                let plan = SqliteCatalog::in_memory().unwrap().read("explain", |connection| {
                    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
                    let mut rows = statement.query(params_from_iter(values))?;
                    let mut plan = String::new();
                    while let Some(row) = rows.next()? {
                        plan.push_str(&row.get::<_, String>(3)?);
                        plan.push('\n');
                    }
                    Ok(plan)
                });
                let plan = plan.unwrap();
                assert!(plan.contains(index) && !plan.contains("TEMP B-TREE"), "{filter:?}: {plan}");
            }
        }
    }
}
