//! `amps token list`.

use std::io::Write as _;

use amps_cli::{Failure, Outcome, Printable};
use amps_core::{
    Clock as _, SystemClock, Timestamp,
    accounts::{AccessToken, AccessTokens as _, PackagePattern, Role, Usage},
};
use clap::Args;
use serde_json::{Value, json};

use crate::accounts::catalog::{Catalog, failure};

/// List the tokens, one on each line: name, roles, patterns of packages or `*`, `active`, `expired` or `revoked`, since when it is
/// there, until when it is good or `-`, uploads and bytes of this day (UTC) and how many there may be, like `3/20`, or `-` without a quota;
/// separated by tabs.
#[derive(Args)]
pub(crate) struct List {
    #[command(flatten)]
    catalog: Catalog,

    /// Print an array in JSON
    #[arg(long)]
    json: bool,
}

impl List {
    pub(crate) fn run(self) -> Result<Outcome, Failure> {
        let now = SystemClock.now();
        let catalog = self.catalog.open()?;
        let tokens = catalog.access_tokens().map_err(failure)?;
        let usage = catalog.usage(now).map_err(failure)?;
        let used = |token: &AccessToken| usage.get(&token.name).copied().unwrap_or_default();
        let mut out = amps_cli::stdout();
        if self.json {
            let tokens = tokens.iter().map(|(_, token)| object(token, used(token), now));
            writeln!(out, "{}", Value::Array(tokens.collect()))?;
            return Ok(Outcome::Done);
        }
        for (_, token) in tokens {
            let patterns = patterns(&token).join(",");
            let patterns = if patterns.is_empty() { "*" } else { &patterns };
            let end = token.expires_at.map_or_else(|| "-".to_owned(), |time| time.to_string());
            let used = used(&token);
            writeln!(
                out,
                "{}\t{}\t{}\t{}\t{}\t{end}\t{}\t{}",
                Printable(token.name.as_str()),
                token.roles,
                Printable(patterns),
                state(&token, now),
                token.created_at,
                share(used.uploads, token.quotas.uploads_per_day),
                share(used.bytes, token.quotas.bytes_per_day),
            )?;
        }
        Ok(Outcome::Done)
    }
}

fn patterns(token: &AccessToken) -> Vec<&str> {
    token.scope.patterns().iter().map(PackagePattern::as_str).collect()
}

fn state(token: &AccessToken, now: Timestamp) -> &'static str {
    match token.revoked_at {
        Some(_) => "revoked",
        None if token.is_valid(now) => "active",
        None => "expired",
    }
}

/// What was used of a quota.
fn share(used: u64, quota: Option<u64>) -> String {
    quota.map_or_else(|| "-".to_owned(), |quota| format!("{used}/{quota}"))
}

fn object(token: &AccessToken, used: Usage, now: Timestamp) -> Value {
    json!({
        "name": token.name.as_str(),
        "roles": token.roles.iter().map(Role::as_str).collect::<Vec<_>>(),
        "packages": patterns(token),
        "state": state(token, now),
        "uploadsPerDay": token.quotas.uploads_per_day,
        "bytesPerDay": token.quotas.bytes_per_day,
        "uploadsToday": token.quotas.uploads_per_day.map(|_| used.uploads),
        "bytesToday": token.quotas.bytes_per_day.map(|_| used.bytes),
        "createdAt": token.created_at.to_string(),
        "expiresAt": token.expires_at.map(|time| time.to_string()),
        "revokedAt": token.revoked_at.map(|time| time.to_string()),
    })
}
