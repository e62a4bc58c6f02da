//! Sessions as the catalog has them.

use super::{AccountError, TokenHash, User, UserId, error::bounded};
use crate::clock::Timestamp;

/// Bytes in each text of a greeting, inclusive: a list of 256 tags of 128 bytes.
pub const MAX_GREETING_BYTES: usize = 33 * 1024;

/// What a device said with `hello`. The texts are canonical, as whoever parsed them prints them; empty is what was not said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Greeting {
    /// The version of its platform, if it said a number.
    pub platform_version: Option<u32>,
    /// Its tags.
    pub tags: String,
    /// The tags that it conflicts with.
    pub conflicts: String,
    /// Its architecture.
    pub architecture: String,
}

impl Greeting {
    /// Refuses texts that are too long.
    pub fn check(&self) -> Result<(), AccountError> {
        bounded("list of tags", &self.tags, MAX_GREETING_BYTES)?;
        bounded("list of conflicting tags", &self.conflicts, MAX_GREETING_BYTES)?;
        bounded("architecture", &self.architecture, MAX_GREETING_BYTES)
    }
}

/// A session that has not expired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// What the device said.
    pub greeting: Greeting,
    /// Who is logged in. Nobody, if they are not active (any more).
    pub user: Option<User>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last renewed.
    pub last_used_at: Timestamp,
    /// From this moment on it is not found any more.
    pub expires_at: Timestamp,
}

/// Keeps sessions. [`Sessions`](super::Sessions) is what to use: it makes tokens and decides on times.
pub trait SessionRecords: Send + Sync {
    /// Begins a session. If there are then more than `anonymous_limit` sessions in which nobody is logged in, the ones that were
    /// not used for the longest time end; there may be some more for a moment.
    fn begin_session(
        &self,
        token: &TokenHash,
        greeting: &Greeting,
        user: Option<UserId>,
        times: SessionTimes,
        anonymous_limit: u64,
    ) -> Result<(), AccountError>;

    /// The session of a token, if it has not expired.
    fn session(&self, token: &TokenHash, now: Timestamp) -> Result<Option<Session>, AccountError>;

    /// Notes that a session was used, and until when it lasts now. One that is gone is passed over.
    fn renew_session(
        &self,
        token: &TokenHash,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), AccountError>;

    /// Notes what a device said, in place of what it said before. False if the session is gone or has expired.
    fn set_greeting(
        &self,
        token: &TokenHash,
        greeting: &Greeting,
        now: Timestamp,
    ) -> Result<bool, AccountError>;

    /// Ends a session. False if it was gone already.
    fn end_session(&self, token: &TokenHash) -> Result<bool, AccountError>;
}

/// From when until when a session lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionTimes {
    /// Its beginning.
    pub created_at: Timestamp,
    /// The first moment that it does not last.
    pub expires_at: Timestamp,
}
