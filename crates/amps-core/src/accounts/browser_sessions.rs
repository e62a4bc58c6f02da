//! Sessions of people who sign in with a browser: who they are, from one request to the next.

use std::sync::Arc;

use super::{AccountError, Accounts, BrowserToken, Greeting, SessionTimes, User, UserId};
use crate::clock::{Clock, Timestamp};

/// How long such a session lasts at most, in seconds: a day's work.
pub const BROWSER_SESSION_SECONDS: i64 = 12 * 60 * 60;
/// How long it lasts without being used.
pub const BROWSER_IDLE_SECONDS: i64 = 60 * 60;

/// A use is noted if the last one that was is so long ago: reading should not write every time.
const RENEWED_AFTER_SECONDS: i64 = 60;

/// Somebody who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrowserSession {
    /// Who.
    pub user: User,
    /// The first moment that they are not signed in any more, if they do nothing meanwhile.
    pub expires_at: Timestamp,
}

/// The sessions of browsers. They are kept beside those of a deployment server's devices, under hashes of another kind: no token
/// of one opens the other.
#[derive(Clone)]
pub struct BrowserSessions {
    accounts: Arc<dyn Accounts>,
    clock: Arc<dyn Clock>,
}

impl BrowserSessions {
    /// The sessions of a catalog.
    pub fn new(accounts: Arc<dyn Accounts>, clock: Arc<dyn Clock>) -> Self {
        Self { accounts, clock }
    }

    /// The session of a token, if it has not expired and its user may log in. Using it makes it last longer.
    pub fn find(&self, token: &BrowserToken) -> Result<Option<BrowserSession>, AccountError> {
        let now = self.clock.now();
        let Some(mut session) = self.accounts.session(&token.hash(), now)? else { return Ok(None) };
        let Some(user) = session.user else { return Ok(None) };
        if now.0.saturating_sub(session.last_used_at.0) >= RENEWED_AFTER_SECONDS {
            session.expires_at = expiry(session.created_at, now);
            self.accounts.renew_session(&token.hash(), now, session.expires_at)?;
        }
        Ok(Some(BrowserSession { user, expires_at: session.expires_at }))
    }

    /// Signs a user in: always a new session with a new token, which nobody can have known before. The one that the browser had
    /// ends.
    pub fn sign_in(
        &self,
        old: Option<&BrowserToken>,
        user: UserId,
    ) -> Result<(BrowserToken, Timestamp), AccountError> {
        let (token, now) = (BrowserToken::generate()?, self.clock.now());
        let times = SessionTimes { created_at: now, expires_at: expiry(now, now) };
        // Somebody is logged in: there is nothing to bound.
        self.accounts.begin_session(&token.hash(), &Greeting::default(), Some(user), times, u64::MAX)?;
        if let Some(old) = old {
            self.sign_out(old)?;
        }
        Ok((token, times.expires_at))
    }

    /// Ends a session. Returns who was signed in; none if nobody was.
    pub fn sign_out(&self, token: &BrowserToken) -> Result<Option<User>, AccountError> {
        let session = self.accounts.session(&token.hash(), self.clock.now())?;
        let has_ended = self.accounts.end_session(&token.hash())?;
        Ok(session.and_then(|session| session.user).filter(|_| has_ended))
    }
}

/// When a session ends that began at one moment and was used at another.
fn expiry(created_at: Timestamp, now: Timestamp) -> Timestamp {
    let idle = now.0.saturating_add(BROWSER_IDLE_SECONDS);
    Timestamp(idle.min(created_at.0.saturating_add(BROWSER_SESSION_SECONDS)))
}
