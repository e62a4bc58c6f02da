//! `amps audit export`.

use std::io::{self, Write};

use amps_catalog::SqliteCatalog;
use amps_cli::{Failure, Outcome};
use amps_core::{
    DataDir, Timestamp,
    audit::{AuditEntry, AuditFilter, AuditLog as _, MAX_AUDIT_PAGE, Moment, Position},
};
use clap::Args;
use serde_json::{Value, json};

use crate::accounts::Catalog;

/// Print the audit trail, the oldest entry first; also while a server runs.
///
/// The last line in JSON is its head, NUMBER:HASH, which is the number and hash of the last entry: keep that elsewhere, and amps audit
/// verify --expect-head tells whether the trail was cut off or written anew since.
#[derive(Args)]
pub(super) struct Export {
    #[command(flatten)]
    catalog: Catalog,

    /// Leave out what was before this day (2026-11-21) or moment (2026-11-21T07:00:00Z)
    #[arg(long, value_name = "DATE")]
    since: Option<Moment>,

    /// Print an object in JSON on each line; this is the default
    #[arg(long, conflicts_with = "csv")]
    json: bool,

    /// Print comma-separated values (RFC 4180)
    #[arg(long)]
    csv: bool,
}

const COLUMNS: &str = "sequence,at,action,actorKind,actor,channel,address,request,result,code,package,object,device,count,details,hash";

impl Export {
    pub(super) fn run(self) -> Result<Outcome, Failure> {
        let catalog = SqliteCatalog::look(&DataDir::shared_catalog(self.catalog.existing()?))?;
        let filter = AuditFilter { since: self.since.map(|since| since.0), ..AuditFilter::default() };
        // What comes meanwhile is for the next time: the head belongs to what is printed.
        let head = catalog.audit_bounds()?.head;
        let mut out = io::BufWriter::new(amps_cli::stdout());
        if self.csv {
            write!(out, "{COLUMNS}\r\n")?;
        }
        let mut position = Some(Position::After(0));
        while let Some(from) = position {
            let page = catalog.audit_page(from, &filter, MAX_AUDIT_PAGE)?;
            for entry in page.entries.iter().filter(|entry| entry.sequence <= head.sequence) {
                if self.csv { csv(&mut out, entry)? } else { writeln!(out, "{}", object(entry))? }
            }
            position =
                page.next.filter(|next| matches!(next, Position::After(last) if *last < head.sequence));
        }
        if !self.csv {
            writeln!(out, "{}", json!({ "head": head.to_string() }))?;
        }
        out.flush()?;
        Ok(Outcome::Done)
    }
}

/// An entry in JSON. What is not known is left out.
fn object(entry: &AuditEntry) -> Value {
    let record = &entry.record;
    // Text that is no JSON, as somebody may have changed it, stays a text.
    let details = serde_json::from_str(&record.details).unwrap_or_else(|_| json!(record.details));
    let mut object = json!({
        "sequence": entry.sequence,
        "at": Timestamp(record.at).to_string(),
        "action": record.action,
        "actorKind": record.actor_kind,
        "actor": record.actor,
        "channel": record.channel,
        "address": record.address,
        "request": record.request,
        "result": record.result,
        "code": record.code,
        "package": record.package,
        "object": record.object,
        "device": record.device,
        "count": record.count,
        "details": details,
        "hash": entry.hash.to_string(),
    });
    if let Some(object) = object.as_object_mut() {
        object.retain(|_, value| !value.is_null());
    }
    object
}

fn csv(out: &mut impl Write, entry: &AuditEntry) -> io::Result<()> {
    let record = &entry.record;
    let text = |text: &Option<String>| cell(text.as_deref().unwrap_or_default());
    let cells = [
        entry.sequence.to_string(),
        Timestamp(record.at).to_string(),
        cell(&record.action),
        cell(&record.actor_kind),
        text(&record.actor),
        cell(&record.channel),
        text(&record.address),
        text(&record.request),
        cell(&record.result),
        text(&record.code),
        text(&record.package),
        text(&record.object),
        text(&record.device),
        record.count.to_string(),
        cell(&record.details),
        entry.hash.to_string(),
    ];
    write!(out, "{}\r\n", cells.join(","))
}

/// A value in quotation marks. What a spreadsheet would take for a formula gets an apostrophe before it: names of files come from anybody.
fn cell(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_no_formula_and_ends_where_it_should() {
        assert_eq!(cell("a \"b\",\nc"), "\"a \"\"b\"\",\nc\"");
        assert_eq!(cell("=cmd()"), "\"'=cmd()\"");
        assert_eq!(cell(""), "\"\"");
    }
}
