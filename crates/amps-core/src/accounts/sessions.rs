//! Sessions: what a device said, and who is logged in, from one request to the next.

use std::sync::Arc;

use super::{AccountError, Accounts, Greeting, Session, SessionTimes, SessionToken, User, UserId};
use crate::clock::{Clock, Timestamp};

/// How long a session lasts after its last use, in seconds: two weeks, as Django's do.
pub const SESSION_SECONDS: i64 = 14 * 24 * 60 * 60;
/// The same while nobody is logged in: anybody can begin one.
pub const ANONYMOUS_SESSION_SECONDS: i64 = 24 * 60 * 60;
/// Sessions in which nobody is logged in, about; beyond it, the ones that were not used for the longest time end.
pub const MAX_ANONYMOUS_SESSIONS: u64 = 100_000;

/// A use is noted if the last one that was is so long ago: reading should not write every time.
const RENEWED_AFTER_SECONDS: i64 = 60 * 60;

/// The sessions of a deployment server.
#[derive(Clone)]
pub struct Sessions {
    accounts: Arc<dyn Accounts>,
    clock: Arc<dyn Clock>,
}

impl Sessions {
    /// The sessions of a catalog.
    pub fn new(accounts: Arc<dyn Accounts>, clock: Arc<dyn Clock>) -> Self {
        Self { accounts, clock }
    }

    /// The session of a token, if it has not expired. Using it makes it last longer.
    pub fn find(&self, token: &SessionToken) -> Result<Option<Session>, AccountError> {
        let now = self.clock.now();
        let Some(mut session) = self.accounts.session(&token.hash(), now)? else { return Ok(None) };
        if now.0.saturating_sub(session.last_used_at.0) >= RENEWED_AFTER_SECONDS {
            session.last_used_at = now;
            session.expires_at = expiry(session.user.is_some(), now);
            self.accounts.renew_session(&token.hash(), now, session.expires_at)?;
        }
        Ok(Some(session))
    }

    /// Notes what a device said: in its session if it has one, else in a new one. Returns the token of that session.
    pub fn greet(
        &self,
        token: Option<SessionToken>,
        greeting: &Greeting,
    ) -> Result<SessionToken, AccountError> {
        if let Some(token) = token
            && self.accounts.set_greeting(&token.hash(), greeting, self.clock.now())?
        {
            return Ok(token);
        }
        self.begin(greeting, None)
    }

    /// Logs a user in: always a new session with a new token, which nobody can have known before. What the device said goes with
    /// it; its old session ends.
    pub fn log_in(&self, token: Option<&SessionToken>, user: UserId) -> Result<SessionToken, AccountError> {
        let old = match token {
            Some(token) => self.accounts.session(&token.hash(), self.clock.now())?,
            None => None,
        };
        let greeting = old.map(|session| session.greeting).unwrap_or_default();
        let new = self.begin(&greeting, Some(user))?;
        if let Some(token) = token {
            self.accounts.end_session(&token.hash())?;
        }
        Ok(new)
    }

    /// Ends a session in which a user is logged in, with all that the device said. Returns who was; none if nobody was.
    pub fn log_out(&self, token: &SessionToken) -> Result<Option<User>, AccountError> {
        let session = self.accounts.session(&token.hash(), self.clock.now())?;
        match session.and_then(|session| session.user) {
            Some(user) => Ok(self.accounts.end_session(&token.hash())?.then_some(user)),
            None => Ok(None),
        }
    }

    fn begin(&self, greeting: &Greeting, user: Option<UserId>) -> Result<SessionToken, AccountError> {
        let token = SessionToken::generate()?;
        let created_at = self.clock.now();
        let times = SessionTimes { created_at, expires_at: expiry(user.is_some(), created_at) };
        self.accounts.begin_session(&token.hash(), greeting, user, times, MAX_ANONYMOUS_SESSIONS)?;
        Ok(token)
    }
}

fn expiry(is_logged_in: bool, now: Timestamp) -> Timestamp {
    let seconds = if is_logged_in { SESSION_SECONDS } else { ANONYMOUS_SESSION_SECONDS };
    Timestamp(now.0.saturating_add(seconds))
}
