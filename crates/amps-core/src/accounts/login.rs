//! Checking the password of whoever wants to log in.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use amps_pki::Password;

use super::{
    AccountError, Accounts, User, UserName,
    attempts::{Attempts, Network},
    password_hash::{HashMemory, MAX_ITERATIONS, PasswordHash},
    permits::Permits,
    work::Work,
};
use crate::{clock::Clock, counts::Counter};

/// Passwords that are checked at the same time, at most: each takes 19 MiB and all of a processor.
const MAX_RUNNING: usize = 4;
/// Threads that wait for that, at most.
const MAX_WAITING: usize = 256;
/// When whoever found the queue full should come again.
const QUEUE_WAIT: Duration = Duration::from_secs(1);

/// What came of an attempt to log in.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoginAnswer {
    /// The password is right.
    LoggedIn(User),
    /// There is no such user, or the password is wrong. Nobody is told which.
    Failed,
    /// The password is right, but the user is not active.
    Disabled,
    /// The password was not looked at, because too many attempts have failed, or because too many run.
    Slowed {
        /// When to try again.
        wait: Duration,
    },
}

/// Checks passwords. Failures are counted for each user and each address, in memory: a restart forgives them.
///
/// It waits and computes for milliseconds: not for threads that serve a network.
pub struct Login {
    accounts: Arc<dyn Accounts>,
    clock: Arc<dyn Clock>,
    attempts: Mutex<Attempts>,
    permits: Permits,
    /// Checked in place of the hash of a user who does not exist.
    decoy: PasswordHash,
    counts: LoginCounters,
}

#[derive(Default)]
struct LoginCounters {
    succeeded: Counter,
    failed: Counter,
    disabled: Counter,
    slowed: Counter,
}

/// How attempts to log in have ended so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoginCounts {
    /// [`LoginAnswer::LoggedIn`].
    pub succeeded: u64,
    /// [`LoginAnswer::Failed`].
    pub failed: u64,
    /// [`LoginAnswer::Disabled`].
    pub disabled: u64,
    /// [`LoginAnswer::Slowed`].
    pub slowed: u64,
}

impl Login {
    /// Begins without any failures.
    pub fn new(accounts: Arc<dyn Accounts>, clock: Arc<dyn Clock>) -> Result<Self, AccountError> {
        let running = thread::available_parallelism().map_or(1, usize::from).min(MAX_RUNNING);
        Ok(Self {
            accounts,
            clock,
            attempts: Mutex::new(Attempts::new()),
            permits: Permits::new(running, MAX_WAITING),
            decoy: PasswordHash::compute(
                &Password::new(super::SessionToken::generate()?.reveal()),
                &mut HashMemory::default(),
            )?,
            counts: LoginCounters::default(),
        })
    }

    /// How attempts have ended so far.
    pub fn counts(&self) -> LoginCounts {
        let LoginCounters { succeeded, failed, disabled, slowed } = &self.counts;
        LoginCounts {
            succeeded: succeeded.value(),
            failed: failed.value(),
            disabled: disabled.value(),
            slowed: slowed.value(),
        }
    }

    /// Checks a name and a password that came from an address: that of the client, not of a proxy between.
    pub fn check(
        &self,
        name: &str,
        password: &Password,
        address: IpAddr,
    ) -> Result<LoginAnswer, AccountError> {
        let answer = self.look_at(name, password, address)?;
        match &answer {
            LoginAnswer::LoggedIn(_) => self.counts.succeeded.one_more(),
            LoginAnswer::Failed => self.counts.failed.one_more(),
            LoginAnswer::Disabled => self.counts.disabled.one_more(),
            LoginAnswer::Slowed { .. } => self.counts.slowed.one_more(),
        }
        Ok(answer)
    }

    fn look_at(&self, name: &str, password: &Password, address: IpAddr) -> Result<LoginAnswer, AccountError> {
        let name: Option<UserName> = name.parse().ok();
        // All names that nobody can have count as one.
        let key = name.as_ref().map_or("", UserName::as_str);
        let from = Network::of(address);
        if let Some(wait) = self.attempts().wait(key, from, self.clock.elapsed()) {
            return Ok(LoginAnswer::Slowed { wait });
        }
        let Some(mut permit) = self.permits.acquire() else {
            return Ok(LoginAnswer::Slowed { wait: QUEUE_WAIT });
        };
        // Others may have failed while this one waited: of a thousand that come together, few are looked at.
        if let Some(wait) = self.attempts().wait(key, from, self.clock.elapsed()) {
            return Ok(LoginAnswer::Slowed { wait });
        }
        let found = match &name {
            Some(name) => self.accounts.credentials(name)?,
            None => None,
        };
        let hash = found.as_ref().map_or(&self.decoy, |(_, hash)| hash);
        let fits = hash.fits_in(password, &mut permit.memory);
        match found {
            Some((user, hash)) if fits => {
                self.attempts().succeeded(key, from);
                self.succeeded(user, &hash, password, &mut permit.memory)
            }
            _ => {
                self.attempts().failed(key, from, self.clock.elapsed());
                let most = self.accounts.most_pbkdf2_iterations()?.min(MAX_ITERATIONS);
                Work::of(hash).rest(most).spend(password, &self.decoy, &mut permit.memory);
                Ok(LoginAnswer::Failed)
            }
        }
    }

    fn succeeded(
        &self,
        user: User,
        hash: &PasswordHash,
        password: &Password,
        memory: &mut HashMemory,
    ) -> Result<LoginAnswer, AccountError> {
        if !user.is_active {
            return Ok(LoginAnswer::Disabled);
        }
        let better = if hash.is_dated() { Some(PasswordHash::compute(password, memory)?) } else { None };
        let now = self.clock.now();
        self.accounts.note_login(user.id, better.as_ref().map(|better| (hash, better)), now)?;
        Ok(LoginAnswer::LoggedIn(User { last_login_at: Some(now), ..user }))
    }

    /// A panic leaves at worst one failure uncounted.
    fn attempts(&self) -> MutexGuard<'_, Attempts> {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
