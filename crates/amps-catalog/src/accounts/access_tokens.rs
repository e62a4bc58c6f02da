//! Tokens, in rows.

use std::collections::BTreeMap;

use amps_core::audit::{Action, NewAuditEntry};
use amps_core::{
    Timestamp,
    accounts::{
        AccessToken, AccessTokens, AccountError, Kind, MAX_ACCESS_TOKENS, NewAccessToken, PackagePattern,
        PackageScope, QuotaUsedUp, TokenHash, TokenName, Usage,
    },
};
use rusqlite::{Connection, params};

use super::{count, number, token_usage};
use crate::{
    SqliteCatalog,
    columns::{Columns, to_integer},
    error::Fault,
    query::{all, one},
};

/// The columns, in the order of [`read`].
const COLUMNS: &str =
    "token_hash, name, roles, packages, created_at, expires_at, revoked_at, uploads_per_day, bytes_per_day";

impl AccessTokens for SqliteCatalog {
    fn create_access_token(
        &self,
        hash: &TokenHash,
        token: &NewAccessToken,
        now: Timestamp,
    ) -> Result<(), AccountError> {
        self.administer("add a token", Action::TokenCreate, |entry| created(entry, token), |connection| {
            let NewAccessToken { name, roles, scope, quotas, expires_at } = token;
            if find(connection, name)?.is_some() {
                return Ok(Err(AccountError::Exists { kind: Kind::Token, name: name.to_string() }));
            }
            if count(connection, "SELECT count(*) FROM access_tokens", [])? >= MAX_ACCESS_TOKENS
                && !forget_one(connection, now)?
            {
                let (what, limit) = ("tokens that are valid", MAX_ACCESS_TOKENS);
                return Ok(Err(AccountError::TooMany { what, limit }));
            }
            let patterns: Vec<&str> = scope.patterns().iter().map(PackagePattern::as_str).collect();
            let packages = serde_json::to_string(&patterns)?;
            let sql = "INSERT INTO access_tokens (token_hash, name, roles, packages, created_at, expires_at, \
                uploads_per_day, bytes_per_day) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
            let expires_at = expires_at.map(|time| time.0);
            let quota = |what, quota: Option<u64>| quota.map(|quota| to_integer(what, quota)).transpose();
            connection.execute(
                sql,
                params![
                    hash.0.0,
                    name.as_str(),
                    roles.to_string(),
                    packages,
                    now.0,
                    expires_at,
                    quota("uploads_per_day", quotas.uploads_per_day)?,
                    quota("bytes_per_day", quotas.bytes_per_day)?,
                ],
            )?;
            grow(connection)?;
            Ok(Ok(()))
        })
    }

    fn access_tokens(&self) -> Result<Vec<(TokenHash, AccessToken)>, AccountError> {
        let sql = format!("SELECT {COLUMNS} FROM access_tokens ORDER BY name");
        Ok(self.read("list the tokens", |connection| {
            all(connection, &sql, [], |row| read(&mut Columns::new(row)))
        })?)
    }

    fn revoke_access_token(&self, name: &TokenName, now: Timestamp) -> Result<bool, AccountError> {
        self.administer(
            "revoke a token",
            Action::TokenRevoke,
            |entry| entry.of(name.as_str()),
            |connection| {
                let Some(id) = find(connection, name)? else {
                    return Ok(Err(AccountError::Missing { kind: Kind::Token, name: name.to_string() }));
                };
                let sql = "UPDATE access_tokens SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL";
                let is_changed = connection.execute(sql, [id, now.0])? > 0;
                if is_changed {
                    grow(connection)?;
                }
                Ok(Ok(is_changed))
            },
        )
    }

    fn access_generation(&self) -> Result<u64, AccountError> {
        Ok(self.read("tell whether tokens have changed", |connection| {
            let sql = "SELECT generation FROM access_state";
            let generation =
                one(connection, sql, [], |row| Columns::new(row).number("access_state.generation"))?;
            generation.ok_or_else(|| Fault::damaged("access_state.generation", "missing"))
        })?)
    }

    fn count_upload(
        &self,
        name: &TokenName,
        bytes: u64,
        now: Timestamp,
    ) -> Result<Result<Usage, QuotaUsedUp>, AccountError> {
        self.change("count an upload", |connection| {
            match token_usage::count_upload(connection, name, bytes, now)? {
                Some(counted) => Ok(Ok(counted)),
                None => Ok(Err(AccountError::Missing { kind: Kind::Token, name: name.to_string() })),
            }
        })
    }

    fn usage(&self, now: Timestamp) -> Result<BTreeMap<TokenName, Usage>, AccountError> {
        Ok(self.read("tell what tokens have brought", |connection| token_usage::usage(connection, now))?)
    }
}

/// What a new token opens.
fn created(entry: NewAuditEntry, token: &NewAccessToken) -> NewAuditEntry {
    let NewAccessToken { name, roles, scope, quotas, expires_at } = token;
    let patterns: Vec<&str> = scope.patterns().iter().map(PackagePattern::as_str).collect();
    let packages = if patterns.is_empty() { "*".to_owned() } else { patterns.join(",") };
    let entry = entry.of(name.as_str()).with("roles", roles.to_string()).with("packages", packages);
    let said = [
        ("expires", expires_at.map(|time| time.to_string())),
        ("uploads-per-day", quotas.uploads_per_day.map(|quota| quota.to_string())),
        ("bytes-per-day", quotas.bytes_per_day.map(|quota| quota.to_string())),
    ];
    said.into_iter().fold(entry, |entry, (name, value)| match value {
        Some(value) => entry.with(name, value),
        None => entry,
    })
}

/// The number of a token.
fn find(connection: &Connection, name: &TokenName) -> Result<Option<i64>, Fault> {
    let sql = "SELECT id FROM access_tokens WHERE name = ?1";
    number(connection, sql, [name.as_str()], "access_tokens.id")
}

/// Removes the token that has opened nothing for the longest time; false if each opens something.
fn forget_one(connection: &Connection, now: Timestamp) -> Result<bool, Fault> {
    let sql = "DELETE FROM access_tokens WHERE id IN (SELECT id FROM access_tokens \
        WHERE revoked_at IS NOT NULL OR expires_at <= ?1 \
        ORDER BY min(coalesce(revoked_at, expires_at), coalesce(expires_at, revoked_at)), id LIMIT 1)";
    Ok(connection.execute(sql, [now.0])? > 0)
}

/// Lets whoever has the tokens in memory read them again.
fn grow(connection: &Connection) -> Result<(), Fault> {
    match connection.execute("UPDATE access_state SET generation = generation + 1", [])? {
        1 => Ok(()),
        rows => Err(Fault::damaged("access_state", format!("{rows} rows"))),
    }
}

fn read(columns: &mut Columns<'_>) -> Result<(TokenHash, AccessToken), Fault> {
    let hash = TokenHash(columns.digest("access_tokens.token_hash")?);
    let name = columns.parsed("access_tokens.name")?;
    let roles = columns.parsed("access_tokens.roles")?;
    let packages: Vec<String> = columns.json("access_tokens.packages")?;
    let token = AccessToken {
        name,
        roles,
        scope: scope(&packages)?,
        created_at: Timestamp(columns.integer("access_tokens.created_at")?),
        expires_at: columns.optional_integer("access_tokens.expires_at")?.map(Timestamp),
        revoked_at: columns.optional_integer("access_tokens.revoked_at")?.map(Timestamp),
        quotas: token_usage::quotas(columns)?,
    };
    Ok((hash, token))
}

fn scope(packages: &[String]) -> Result<PackageScope, Fault> {
    let pattern = |text: &String| {
        text.parse().map_err(|_| Fault::damaged("access_tokens.packages", text.escape_debug().to_string()))
    };
    let patterns = packages.iter().map(pattern).collect::<Result<Vec<_>, Fault>>()?;
    PackageScope::new(patterns).map_err(|error| Fault::damaged("access_tokens.packages", error.to_string()))
}
