//! Tokens as the catalog has them.

use std::collections::BTreeMap;

use super::{PackageScope, QuotaUsedUp, Quotas, Roles, Usage};
use crate::{
    accounts::{AccountError, TokenHash, TokenName},
    clock::Timestamp,
};

/// Tokens in a catalog, inclusive: all of them are held in memory. If there are as many, a new one takes the place of the one that
/// has been revoked or expired for the longest time.
pub const MAX_ACCESS_TOKENS: u64 = 10_000;

/// What is known of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessToken {
    /// What it is called.
    pub name: TokenName,
    /// What its owner may do.
    pub roles: Roles,
    /// With which packages.
    pub scope: PackageScope,
    /// What it may bring in a day.
    pub quotas: Quotas,
    /// Since when it is there.
    pub created_at: Timestamp,
    /// From this moment on it opens nothing any more.
    pub expires_at: Option<Timestamp>,
    /// Since when it opens nothing any more.
    pub revoked_at: Option<Timestamp>,
}

/// A token that is about to be known.
#[derive(Clone, Debug)]
pub struct NewAccessToken {
    /// What it is called.
    pub name: TokenName,
    /// What its owner may do.
    pub roles: Roles,
    /// With which packages.
    pub scope: PackageScope,
    /// What it may bring in a day.
    pub quotas: Quotas,
    /// From which moment on it opens nothing any more.
    pub expires_at: Option<Timestamp>,
}

impl AccessToken {
    /// Whether it opens something.
    pub fn is_valid(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
}

/// What is known about tokens. [`TokenTables`](super::TokenTables) is what to ask who somebody is.
pub trait AccessTokens: Send + Sync {
    /// Adds a token. [`AccountError::Exists`] if the name is taken, also by one that was revoked: what was done under a name stays
    /// what one token did. [`AccountError::TooMany`] if there are too many that are valid.
    fn create_access_token(
        &self,
        hash: &TokenHash,
        token: &NewAccessToken,
        now: Timestamp,
    ) -> Result<(), AccountError>;

    /// All tokens, ordered by name, also those that open nothing any more.
    fn access_tokens(&self) -> Result<Vec<(TokenHash, AccessToken)>, AccountError>;

    /// Lets a token open nothing any more. False if it was revoked before; [`AccountError::Missing`] if there is none of that name.
    fn revoke_access_token(&self, name: &TokenName, now: Timestamp) -> Result<bool, AccountError>;

    /// A number that grows with every change of a token, also one that another process makes.
    fn access_generation(&self) -> Result<u64, AccountError>;

    /// Counts an upload of so many bytes that begins with a token, if its quotas have room for it; else nothing is counted. Of two that
    /// begin at once and have room for one, one is counted. [`AccountError::Missing`] if there is no token of that name.
    fn count_upload(
        &self,
        name: &TokenName,
        bytes: u64,
        now: Timestamp,
    ) -> Result<Result<Usage, QuotaUsedUp>, AccountError>;

    /// What was counted in the day of a moment, for each token with which something was begun.
    fn usage(&self, now: Timestamp) -> Result<BTreeMap<TokenName, Usage>, AccountError>;
}
