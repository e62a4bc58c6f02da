//! Who may do what: a decision for each request, before anything else of it is looked at.
//!
//! A route says what it needs by the first argument of its handler, a [`Permit`]; [`Guarded`] takes no handler without one, so
//! a route that says nothing does not compile.

mod anonymous;
mod caller;
mod credentials;
mod denied;
mod guarded;
#[cfg(test)]
mod matrix;
mod needs;
mod permit;
mod quota;

use std::sync::Arc;

use amps_core::{
    Clock,
    accounts::{AccessToken, AccessTokens, ApiToken, Lookup, Role, TokenTables},
};
use axum::http::{HeaderMap, header::AUTHORIZATION};
use ipnet::IpNet;
use tokio::sync::Mutex;

use crate::{
    answer::{Problem, blocking},
    audit::Recorder,
};
pub use anonymous::{AnonymousAccess, InvalidAnonymousAccess};
pub(crate) use caller::Caller;
use caller::roles_of;
pub(crate) use credentials::Passwords;
pub(crate) use denied::{CHALLENGE, Denied, out_of_scope};
pub(crate) use guarded::{Guarded, Page, Stated, get, get_and_post, on, post, put};
pub(crate) use needs::{Needs, Nothing, OwnRule, ToAdmin, ToRead, ToRemove, ToUpload};
pub(crate) use permit::{Guards, Permit};

/// Who is let in. Cheap to clone.
#[derive(Clone)]
pub struct Access {
    anonymous: AnonymousAccess,
    tokens: Option<Arc<Tokens>>,
    audit: Option<Arc<Recorder>>,
    /// Who speaks for clients.
    trusted: Arc<[IpNet]>,
}

struct Tokens {
    tables: TokenTables,
    /// Held by the one that asks the catalog, while the others wait for it without a thread.
    asking: Mutex<()>,
}

impl Access {
    /// Lets in whoever shows one of these tokens, and everybody else as far as `anonymous` says.
    pub fn new(tokens: Arc<dyn AccessTokens>, clock: Arc<dyn Clock>, anonymous: AnonymousAccess) -> Self {
        let tokens = Tokens { tables: TokenTables::new(tokens, clock), asking: Mutex::default() };
        Self { anonymous, tokens: Some(Arc::new(tokens)), audit: None, trusted: [].into() }
    }

    /// The same where there are no tokens: none that somebody shows is right.
    pub fn without_tokens(anonymous: AnonymousAccess) -> Self {
        Self { anonymous, tokens: None, audit: None, trusted: [].into() }
    }

    /// The same tokens, where nobody in particular may do something else.
    #[must_use]
    pub fn with_anonymous(&self, anonymous: AnonymousAccess) -> Self {
        Self { anonymous, ..self.clone() }
    }

    /// What somebody may do who does not say who they are.
    pub(crate) fn anonymous(&self) -> AnonymousAccess {
        self.anonymous
    }

    /// Whether somebody has a role, whatever it is for.
    pub(crate) fn gives(&self, caller: &Caller, role: Role) -> bool {
        match caller {
            Caller::Anonymous => self.anonymous.allows(Needs::Role(role)),
            Caller::Token(token) => token.roles.allow(role),
            Caller::User(user) => roles_of(user).allow(role),
        }
    }

    /// Lets the next request ask the catalog, in which the caller has changed a token.
    pub(crate) fn tokens_have_changed(&self) {
        if let Some(tokens) = &self.tokens {
            tokens.tables.distrust();
        }
    }

    /// The same with an audit trail of whom it does not let in, and of what the routes behind it say.
    #[must_use]
    pub(crate) fn with_audit(&self, audit: Arc<Recorder>) -> Self {
        Self { audit: Some(audit), ..self.clone() }
    }

    /// The same where these proxies speak for clients, whose address is what the audit trail has.
    #[must_use]
    pub(crate) fn behind(self, trusted: &[IpNet]) -> Self {
        Self { trusted: trusted.into(), ..self }
    }

    pub(crate) fn trusted_proxies(&self) -> &[IpNet] {
        &self.trusted
    }

    /// What takes entries for the audit trail; none where the routes are mounted without one.
    pub(crate) fn audit(&self) -> Option<&Arc<Recorder>> {
        self.audit.as_ref()
    }

    /// Whether a request needs no further look: whoever sends it does not say who they are, and need not. Costs a look into the
    /// header.
    pub(crate) fn waves_through(&self, headers: &HeaderMap, needs: Needs) -> bool {
        self.anonymous.allows(needs) && !headers.contains_key(AUTHORIZATION)
    }

    /// The token, if it opens something. A network thread never waits for the catalog here.
    async fn find(&self, token: ApiToken) -> Result<Option<Arc<AccessToken>>, Problem> {
        let Some(tokens) = &self.tokens else { return Ok(None) };
        if let known @ (Lookup::Valid(_) | Lookup::Invalid) = tokens.tables.find_at_hand(&token) {
            return Ok(known.valid());
        }
        let _asking = tokens.asking.lock().await;
        let tokens = Arc::clone(tokens);
        blocking(move || Ok(tokens.tables.find(&token)?)).await
    }
}
