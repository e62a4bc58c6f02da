//! The tokens in memory, for whoever must not wait for the catalog.

use std::{
    collections::HashMap,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use super::{AccessToken, AccessTokens, QuotaUsedUp, Usage};
use crate::{
    accounts::{AccountError, ApiToken, TokenHash},
    clock::Clock,
};

/// How long what is in memory counts before the catalog is asked whether another process has changed it. Half of what is promised,
/// because the question takes time, too.
const TRUSTED: Duration = Duration::from_millis(50);
/// The same for a token that is not in memory: who has just made one uses it at once. Whoever guesses cannot make the catalog be
/// asked more often.
const MISSING_TRUSTED: Duration = Duration::from_millis(10);

/// What is known of a token without waiting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// It opens something.
    Valid(Arc<AccessToken>),
    /// It opens nothing: unknown, expired or revoked.
    Invalid,
    /// Nobody knows without asking the catalog: [`TokenTables::find`].
    Unsure,
}

impl Lookup {
    /// The token, if it is known to open something.
    pub fn valid(self) -> Option<Arc<AccessToken>> {
        match self {
            Self::Valid(token) => Some(token),
            Self::Invalid | Self::Unsure => None,
        }
    }
}

/// The tokens of a catalog in memory, as they were at most 50 milliseconds ago. Looking one up takes a hash and a map, whatever the
/// token is.
pub struct TokenTables {
    tokens: Arc<dyn AccessTokens>,
    clock: Arc<dyn Clock>,
    /// Grows whenever this process has changed the catalog.
    changes: AtomicU64,
    kept: RwLock<Option<Kept>>,
}

type Table = Arc<HashMap<TokenHash, Arc<AccessToken>>>;

#[derive(Clone)]
struct Kept {
    table: Table,
    generation: u64,
    /// What [`TokenTables::changes`] was before the catalog was asked.
    changes: u64,
    /// When that was.
    asked: Duration,
}

impl TokenTables {
    /// The tokens of a catalog.
    pub fn new(tokens: Arc<dyn AccessTokens>, clock: Arc<dyn Clock>) -> Self {
        Self { tokens, clock, changes: AtomicU64::new(0), kept: RwLock::new(None) }
    }

    /// What is known of a token. Never waits.
    pub fn find_at_hand(&self, token: &ApiToken) -> Lookup {
        let (changes, now) = (self.changes.load(Ordering::SeqCst), self.clock.elapsed());
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        let Some(kept) = kept.as_ref().filter(|kept| kept.changes == changes) else { return Lookup::Unsure };
        let age = now.saturating_sub(kept.asked);
        match kept.table.get(&token.hash()) {
            _ if age >= TRUSTED => Lookup::Unsure,
            None if age >= MISSING_TRUSTED => Lookup::Unsure,
            Some(found) if found.is_valid(self.clock.now()) => Lookup::Valid(Arc::clone(found)),
            _ => Lookup::Invalid,
        }
    }

    /// The token, if it opens something. May ask the catalog; fails if that gives no answer, because then nobody knows whether the
    /// token was revoked.
    pub fn find(&self, token: &ApiToken) -> Result<Option<Arc<AccessToken>>, AccountError> {
        match self.find_at_hand(token) {
            Lookup::Unsure => {
                let found = self.refresh()?.get(&token.hash()).map(Arc::clone);
                Ok(found.filter(|found| found.is_valid(self.clock.now())))
            }
            known => Ok(known.valid()),
        }
    }

    /// Lets the next look-up ask the catalog, in which the caller has changed a token.
    pub fn distrust(&self) {
        self.changes.fetch_add(1, Ordering::SeqCst);
    }

    /// Counts an upload of so many bytes that begins with a token; or says what leaves no room for it, and in how many seconds there is.
    /// The catalog is not asked if the token has no quotas.
    pub fn count_upload(
        &self,
        token: &AccessToken,
        bytes: u64,
    ) -> Result<Result<(), (QuotaUsedUp, u64)>, AccountError> {
        if token.quotas.are_none() {
            return Ok(Ok(()));
        }
        let now = self.clock.now();
        let counted = self.tokens.count_upload(&token.name, bytes, now)?;
        Ok(counted.map(drop).map_err(|used_up| (used_up, Usage::seconds_left(now))))
    }

    fn refresh(&self) -> Result<Table, AccountError> {
        // Before the catalog is asked: at worst it is asked once too often.
        let (changes, asked) = (self.changes.load(Ordering::SeqCst), self.clock.elapsed());
        let generation = self.tokens.access_generation()?;
        let before = self.kept.read().unwrap_or_else(PoisonError::into_inner).clone();
        let table = match before {
            Some(kept) if kept.generation == generation => kept.table,
            _ => {
                let tokens = self.tokens.access_tokens()?.into_iter();
                Arc::new(tokens.map(|(hash, token)| (hash, Arc::new(token))).collect())
            }
        };
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        // Of two that ask at the same time, the one that began later knows more.
        if kept.as_ref().is_none_or(|kept| kept.asked <= asked) {
            *kept = Some(Kept { table: Arc::clone(&table), generation, changes, asked });
        }
        Ok(table)
    }
}
