//! `amps token list`.

use std::io::Write as _;

use amps_cli::{Failure, Outcome, Printable};
use amps_core::{
    Clock as _, SystemClock, Timestamp,
    accounts::{AccessToken, AccessTokens as _, PackagePattern, Role},
};
use clap::Args;
use serde_json::{Value, json};

use crate::accounts::catalog::{Catalog, failure};

/// List the tokens, one on each line: name, roles, patterns of packages or `*`, `active`, `expired` or `revoked`, since when it is
/// there, until when it is good or `-`, separated by tabs.
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
        let tokens = self.catalog.open()?.access_tokens().map_err(failure)?;
        let mut out = amps_cli::stdout();
        if self.json {
            let tokens = tokens.iter().map(|(_, token)| object(token, now));
            writeln!(out, "{}", Value::Array(tokens.collect()))?;
            return Ok(Outcome::Done);
        }
        for (_, token) in tokens {
            let patterns = patterns(&token).join(",");
            let patterns = if patterns.is_empty() { "*" } else { &patterns };
            let end = token.expires_at.map_or_else(|| "-".to_owned(), |time| time.to_string());
            writeln!(
                out,
                "{}\t{}\t{}\t{}\t{}\t{end}",
                Printable(token.name.as_str()),
                token.roles,
                Printable(patterns),
                state(&token, now),
                token.created_at
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

fn object(token: &AccessToken, now: Timestamp) -> Value {
    json!({
        "name": token.name.as_str(),
        "roles": token.roles.iter().map(Role::as_str).collect::<Vec<_>>(),
        "packages": patterns(token),
        "state": state(token, now),
        "createdAt": token.created_at.to_string(),
        "expiresAt": token.expires_at.map(|time| time.to_string()),
        "revokedAt": token.revoked_at.map(|time| time.to_string()),
    })
}
