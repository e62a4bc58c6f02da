//! Tokens, in rows.

use amps_core::audit::{Action, NewAuditEntry};
use amps_core::{
    Timestamp,
    accounts::{
        AccessToken, AccessTokens, AccountError, Kind, MAX_ACCESS_TOKENS, NewAccessToken, PackagePattern,
        PackageScope, TokenHash, TokenName,
    },
};
use rusqlite::{Connection, params};

use super::{count, number};
use crate::{
    SqliteCatalog,
    columns::Columns,
    error::Fault,
    query::{all, one},
};

/// The columns, in the order of [`read`].
const COLUMNS: &str = "token_hash, name, roles, packages, created_at, expires_at, revoked_at";

impl AccessTokens for SqliteCatalog {
    fn create_access_token(
        &self,
        hash: &TokenHash,
        token: &NewAccessToken,
        now: Timestamp,
    ) -> Result<(), AccountError> {
        self.administer("add a token", Action::TokenCreate, |entry| created(entry, token), |connection| {
            let NewAccessToken { name, roles, scope, expires_at } = token;
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
            let sql = "INSERT INTO access_tokens (token_hash, name, roles, packages, created_at, expires_at) \
                VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
            let expires_at = expires_at.map(|time| time.0);
            let row = params![hash.0.0, name.as_str(), roles.to_string(), packages, now.0, expires_at];
            connection.execute(sql, row)?;
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
}

/// What a new token opens.
fn created(entry: NewAuditEntry, token: &NewAccessToken) -> NewAuditEntry {
    let NewAccessToken { name, roles, scope, expires_at } = token;
    let patterns: Vec<&str> = scope.patterns().iter().map(PackagePattern::as_str).collect();
    let packages = if patterns.is_empty() { "*".to_owned() } else { patterns.join(",") };
    let entry = entry.of(name.as_str()).with("roles", roles.to_string()).with("packages", packages);
    match expires_at {
        Some(time) => entry.with("expires", time.to_string()),
        None => entry,
    }
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
