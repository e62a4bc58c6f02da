//! `/tokens`: who may do what.

use std::collections::BTreeMap;

use amps_core::{
    Timestamp,
    accounts::{
        AccessToken, ApiToken, MAX_QUOTA, NewAccessToken, PackagePattern, PackageScope, Quotas,
        Role as KnownRole, Roles, TokenName, Usage,
    },
};
use axum::{
    http::{HeaderValue, StatusCode, header::CACHE_CONTROL},
    response::Response,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Context, Failure,
    extract::{JsonBody, Query, Text},
    location::location,
    operations::Operations,
    paging::{Page, Paging},
    representation::time,
    request::{Change, Look, made},
    responses::{Changed, Conflict, MediaType, NotFound, TimedOut, TooLarge},
    thing::{ChangeOf, LookAt, Thing},
};
use crate::access::{Permit, ToAdmin};

const DAY_SECONDS: i64 = 24 * 60 * 60;
/// Days that a token may be good for, inclusive: a century.
const MOST_DAYS: u16 = 36_500;

/// A token, without what its owner shows.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Token {
    /// What it is called.
    name: String,
    /// What its owner may do.
    roles: Vec<Role>,
    /// Patterns of the ids of packages that it is for; none for all packages.
    packages: Vec<String>,
    /// Whether it opens anything.
    status: TokenStatus,
    /// How many uploads may be begun with it in a day, in UTC; none: no limit.
    uploads_per_day: Option<u64>,
    /// How many bytes these may have together; none: no limit.
    bytes_per_day: Option<u64>,
    /// How many uploads were begun with it today; none if there is no limit.
    uploads_today: Option<u64>,
    /// How many bytes these have announced; none if there is no limit.
    bytes_today: Option<u64>,
    /// Since when it is there.
    #[schema(format = DateTime)]
    created_at: String,
    /// From when on it opens nothing any more.
    #[schema(format = DateTime)]
    expires_at: Option<String>,
    /// Since when it opens nothing any more.
    #[schema(format = DateTime)]
    revoked_at: Option<String>,
}

/// Whether a token opens anything.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
enum TokenStatus {
    Active,
    Expired,
    Revoked,
}

/// What somebody may do. `upload` and `remove` include `read`, `admin` is everything.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
enum Role {
    Read,
    Upload,
    Remove,
    Admin,
}

/// A token that was made.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CreatedToken {
    /// What its owner shows. It is told this once: only its hash is kept.
    #[schema(format = Password)]
    token: String,
    /// What is known of it.
    details: Token,
}

/// A token that is to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct TokenCreation {
    /// Letters, digits and `@`, `.`, `+`, `-`, `_`; not used before, also not by a token that was revoked.
    #[schema(value_type = String, min_length = 1, max_length = 100)]
    name: Text<TokenName>,
    /// What its owner may do.
    #[schema(min_items = 1, max_items = 4)]
    roles: Vec<Role>,
    /// Patterns of the ids of packages that it is for, in which `*` stands for any characters and `?` for one; without it, all.
    #[schema(value_type = Option<Vec<String>>, max_items = 64)]
    packages: Option<Vec<Text<PackagePattern>>>,
    /// After how many days it opens nothing any more; without it, never.
    #[schema(minimum = 1, maximum = 36500)]
    expires_in_days: Option<u16>,
    /// How many uploads may be begun with it in a day, in UTC; without it, no limit.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64)]
    uploads_per_day: Option<u64>,
    /// How many bytes these may have together; without it, no limit.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64)]
    bytes_per_day: Option<u64>,
}

pub(super) fn operations(operations: Operations) -> Operations {
    operations
        .add(__path_list, list)
        .add(__path_create, create)
        .add(__path_show, show)
        .add(__path_revoke, revoke)
}

/// List tokens
///
/// Also those that open nothing any more.
#[utoipa::path(
    get, path = "/tokens", tag = "tokens", params(Paging),
    responses((status = 200, description = "A page of tokens.", body = Page<Token>)),
)]
async fn list(_: Permit<ToAdmin>, Query(paging): Query<Paging>, look: Look) -> Result<Response, Failure> {
    look.answer(move |context| {
        let now = context.clock.now();
        let (tokens, used) = (context.accounts.access_tokens()?, context.accounts.usage(now)?);
        let tokens = tokens.iter().map(|(_, token)| token);
        Ok(paging.by_name(tokens, |token| token.name.as_str(), |token| Token::new(token, &used, now)))
    })
    .await
}

/// Create a token
#[utoipa::path(
    post, path = "/tokens", tag = "tokens", request_body = TokenCreation,
    responses(
        (status = 201, description = "The token.", body = CreatedToken, headers(("Location" = String, description = "Where it is."))),
        Conflict, TooLarge, MediaType, TimedOut,
    ),
)]
async fn create(
    _: Permit<ToAdmin>,
    change: Change,
    JsonBody(new): JsonBody<TokenCreation>,
) -> Result<Response, Failure> {
    let created = change.make(move |context| {
        let new = new.checked(context.clock.now())?;
        let token = ApiToken::generate()?;
        let created = context.accounts.create_access_token(&token.hash(), &new, context.clock.now());
        Token::may_have_changed(context);
        created?;
        Ok(CreatedToken { token: token.reveal(), details: Token::known(context, &new.name)? })
    });
    let created = created.await?;
    let mut answer = made(location(Token::LIST, &created.details.name), created);
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(answer)
}

/// Show a token
#[utoipa::path(
    get, path = "/tokens/{name}", tag = "tokens",
    params(LookAt<Token>),
    responses((status = 200, description = "The token.", body = Token), NotFound),
)]
async fn show(_: Permit<ToAdmin>, token: LookAt<Token>) -> Result<Response, Failure> {
    token.answer().await
}

/// Revoke a token
///
/// It opens nothing any more, for good. Its name stays known.
#[utoipa::path(
    delete, path = "/tokens/{name}", tag = "tokens",
    params(ChangeOf<Token>),
    responses((status = 204, description = "It opens nothing any more."), NotFound, Changed),
)]
async fn revoke(_: Permit<ToAdmin>, token: ChangeOf<Token>) -> Result<StatusCode, Failure> {
    token
        .remove(|context, name| {
            context.accounts.revoke_access_token(name, context.clock.now())?;
            Ok(())
        })
        .await
}

impl Thing for Token {
    type Name = TokenName;

    const KIND: &'static str = "token";
    const LIST: &'static str = "tokens";

    fn find(context: &Context, name: &TokenName) -> Result<Option<Self>, Failure> {
        let now = context.clock.now();
        let (tokens, used) = (context.accounts.access_tokens()?, context.accounts.usage(now)?);
        let found = tokens.iter().find(|(_, token)| token.name == *name);
        Ok(found.map(|(_, token)| Self::new(token, &used, now)))
    }

    fn may_have_changed(context: &Context) {
        context.access.tokens_have_changed();
    }
}

impl Token {
    fn new(token: &AccessToken, used: &BTreeMap<TokenName, Usage>, now: Timestamp) -> Self {
        let used = used.get(&token.name).copied().unwrap_or_default();
        Self {
            name: token.name.to_string(),
            roles: token.roles.iter().map(Role::of).collect(),
            packages: token.scope.patterns().iter().map(|pattern| pattern.as_str().to_owned()).collect(),
            status: match token.revoked_at {
                Some(_) => TokenStatus::Revoked,
                None if token.is_valid(now) => TokenStatus::Active,
                None => TokenStatus::Expired,
            },
            uploads_per_day: token.quotas.uploads_per_day,
            bytes_per_day: token.quotas.bytes_per_day,
            uploads_today: token.quotas.uploads_per_day.map(|_| used.uploads),
            bytes_today: token.quotas.bytes_per_day.map(|_| used.bytes),
            created_at: time(token.created_at),
            expires_at: token.expires_at.map(time),
            revoked_at: token.revoked_at.map(time),
        }
    }
}

impl Role {
    fn of(role: KnownRole) -> Self {
        match role {
            KnownRole::Read => Self::Read,
            KnownRole::Upload => Self::Upload,
            KnownRole::Remove => Self::Remove,
            KnownRole::Admin => Self::Admin,
        }
    }

    fn known(self) -> KnownRole {
        match self {
            Self::Read => KnownRole::Read,
            Self::Upload => KnownRole::Upload,
            Self::Remove => KnownRole::Remove,
            Self::Admin => KnownRole::Admin,
        }
    }
}

impl TokenCreation {
    fn checked(self, now: Timestamp) -> Result<NewAccessToken, Failure> {
        let invalid = |field: &str, detail: String| Failure::field("invalid-body", field, detail);
        if self.roles.len() > KnownRole::ALL.len() {
            let found = self.roles.len();
            return Err(invalid(
                "roles",
                format!("there are {found} roles: expected at most {}", KnownRole::ALL.len()),
            ));
        }
        let Some((first, rest)) = self.roles.split_first() else {
            return Err(invalid("roles", "there is no role: expected at least one".into()));
        };
        let roles = rest.iter().fold(Roles::from(first.known()), |roles, role| roles.with(role.known()));
        let patterns = self.packages.unwrap_or_default().into_iter().map(|pattern| pattern.0).collect();
        let scope = PackageScope::new(patterns).map_err(|error| invalid("packages", error.to_string()))?;
        let expires_at = match self.expires_in_days {
            Some(days) if !(1..=MOST_DAYS).contains(&days) => {
                let detail = format!("found {days} days: expected a number from 1 to {MOST_DAYS}");
                return Err(invalid("expiresInDays", detail));
            }
            days => days.map(|days| Timestamp(now.0.saturating_add(i64::from(days) * DAY_SECONDS))),
        };
        let quota = |field, quota: Option<u64>| match quota {
            Some(found) if !(1..=MAX_QUOTA).contains(&found) => {
                Err(invalid(field, format!("found {found}: expected a number from 1 to {MAX_QUOTA}")))
            }
            quota => Ok(quota),
        };
        let quotas = Quotas {
            uploads_per_day: quota("uploadsPerDay", self.uploads_per_day)?,
            bytes_per_day: quota("bytesPerDay", self.bytes_per_day)?,
        };
        Ok(NewAccessToken { name: self.name.0, roles, scope, quotas, expires_at })
    }
}
