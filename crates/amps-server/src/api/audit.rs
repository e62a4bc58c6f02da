//! `/audit`: the audit trail, page by page.

use std::collections::BTreeMap;

use amps_core::{
    PackageId, Timestamp,
    audit::{Action, AuditEntry as Known, AuditFilter, AuditOutcome, Moment, Position},
};
use axum::{extract::State, response::Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    Context, Failure,
    extract::{Query, Text},
    operations::Operations,
    paging::{Cursor, Limit, Paging},
    representation::{answer, time},
};
use crate::{
    access::{Permit, ToAdmin},
    content::Asked,
};

/// An entry of the audit trail.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AuditEntry {
    /// Its number: the first is 1, none is left out.
    sequence: u64,
    /// When; of several things that are counted, the first.
    #[schema(format = DateTime)]
    at: String,
    /// What was done.
    action: String,
    /// Who: `anonymous`, `token`, `user`, `system` (of the operating system), `server`, or `various` if several are counted.
    actor_kind: String,
    /// Who, of that kind.
    actor: Option<String>,
    /// By which way: a dialect, a folder or a command.
    channel: String,
    /// From which address.
    address: Option<String>,
    /// In which request: its `X-Request-Id`.
    request: Option<String>,
    /// What came of it.
    #[schema(pattern = "^(ok|refused|failed)$")]
    result: String,
    /// Why not, as a stable word.
    code: Option<String>,
    /// The id of the package that it is about.
    package: Option<String>,
    /// What else it is about: the name of a user, a vendor, a category, a token, a file.
    object: Option<String>,
    /// The device: not its hardware id, but something that stands for it.
    device: Option<String>,
    /// How often.
    #[schema(minimum = 1)]
    count: u64,
    /// What else there is to know.
    details: BTreeMap<String, String>,
    /// SHA-256 over all of this and the hash of the entry before.
    hash: String,
}

/// A page of the audit trail. How many there are on all pages is not said: it would take going through them.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AuditPage {
    /// What is on it.
    items: Vec<AuditEntry>,
    /// What to ask for the next page with; not there on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// Which entries.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Who: the name of a token, a user, or one of the operating system as it stands in the entries.
    actor: Option<String>,
    /// What was done, like `package.upload`.
    #[param(value_type = Option<String>)]
    action: Option<Text<Action>>,
    /// The id of the package that it is about.
    #[param(value_type = Option<String>)]
    package: Option<Text<PackageId>>,
    /// Since when, inclusive: a moment like `2026-11-21T07:00:00Z`, or a day.
    #[param(value_type = Option<String>)]
    since: Option<Text<Moment>>,
    /// Until when, exclusive.
    #[param(value_type = Option<String>)]
    until: Option<Text<Moment>>,
    /// What came of it: `ok`, `refused` or `failed`.
    #[param(value_type = Option<String>)]
    result: Option<Text<AuditOutcome>>,
    /// How many entries are to be on a page; without it, 100.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500)]
    limit: Option<Limit>,
    /// The `nextCursor` of the page before; without it, the first page.
    #[param(value_type = Option<String>)]
    cursor: Option<Text<Cursor>>,
}

pub(super) fn operations(operations: Operations) -> Operations {
    operations.add(__path_list, list)
}

/// List the audit trail
///
/// Who did what, when, from where, and what came of it; the newest first. What changes nothing, like logins and signed downloads, is there
/// a little later, within two minutes.
#[utoipa::path(
    get, path = "/audit", tag = "audit", params(Wanted),
    responses((status = 200, description = "A page of entries.", body = AuditPage)),
)]
async fn list(
    _: Permit<ToAdmin>,
    Query(wanted): Query<Wanted>,
    State(context): State<Context>,
    asked: Asked,
) -> Result<Response, Failure> {
    let trail = context.trail.clone();
    let paging = Paging::new(wanted.limit, wanted.cursor);
    let position = match paging.after().map(str::parse) {
        None => Position::Before(u64::MAX),
        Some(Ok(sequence)) => Position::Before(sequence),
        Some(Err(_)) => {
            let detail = "this is not a cursor of this list: expected the `nextCursor` of a page";
            return Err(Failure::field("invalid-parameter", "cursor", detail));
        }
    };
    let filter = AuditFilter {
        actor: wanted.actor,
        action: wanted.action.map(|action| action.0),
        package: wanted.package.map(|id| id.0),
        since: wanted.since.map(|since| since.0.0),
        until: wanted.until.map(|until| until.0.0),
        result: wanted.result.map(|result| result.0),
    };
    answer(&context, asked, move || {
        let page = trail.audit_page(position, &filter, paging.limit()).map_err(amps_core::Error::from)?;
        let next = page.next.map(|next| match next {
            Position::After(sequence) | Position::Before(sequence) => Cursor::encode(&sequence.to_string()),
        });
        Ok(AuditPage { items: page.entries.iter().map(AuditEntry::new).collect(), next_cursor: next })
    })
    .await
}

impl AuditEntry {
    fn new(entry: &Known) -> Self {
        let record = entry.record.clone();
        // What is no object of texts was put there by somebody else, which amps audit verify finds.
        let details = serde_json::from_str(&record.details)
            .unwrap_or_else(|_| BTreeMap::from([("unreadable".to_owned(), record.details)]));
        Self {
            sequence: entry.sequence,
            at: time(Timestamp(record.at)),
            action: record.action,
            actor_kind: record.actor_kind,
            actor: record.actor,
            channel: record.channel,
            address: record.address,
            request: record.request,
            result: record.result,
            code: record.code,
            package: record.package,
            object: record.object,
            device: record.device,
            count: record.count,
            details,
            hash: entry.hash.to_string(),
        }
    }
}
