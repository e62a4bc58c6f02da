//! What a handler gets if its route's statement is fulfilled.

use std::{future::Future, marker::PhantomData, net::SocketAddr, sync::Arc};

use amps_core::{
    PackageId,
    accounts::{PackageScope, Role, User},
    audit::{Action, AuditResult, Channel},
};
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header::HOST, request::Parts, uri::Authority},
};

use super::{
    Access, Caller, Denied, Needs, Passwords,
    caller::roles_of,
    credentials::{Credentials, credentials},
    denied::not_for,
    needs::Statement,
};
use crate::{
    answer::Problem, audit::AskedFrom, foreign_origin::is_misled, serve::without_token,
    trusted_proxies::is_among,
};

/// What the routes of a dialect share knows who is let in.
pub(crate) trait Guards: Send + Sync {
    /// What the passwords of Basic authentication are.
    const PASSWORDS: Passwords;

    /// What the audit trail calls the dialect.
    const CHANNEL: Channel;

    /// Who is let in.
    fn access(&self) -> &Access;

    /// Whether a request says by other means than a token who sends it, and that counts also where nobody needs to.
    fn names_user(&self, _: &HeaderMap) -> bool {
        false
    }

    /// The user who is logged in by such means.
    fn user(&self, parts: &Parts) -> impl Future<Output = Result<Option<User>, Problem>> + Send;
}

/// Whoever asks may do what the statement `N` needs. Only the extractor makes one.
#[derive(Debug)]
pub(crate) struct Permit<N> {
    caller: Caller,
    statement: PhantomData<N>,
}

impl<N> Permit<N> {
    /// Who asks.
    pub(crate) fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The packages that they may do it with; none if those are all.
    pub(crate) fn scope(&self) -> Option<&PackageScope> {
        self.caller.scope()
    }

    /// Whether they may do it with a package.
    pub(crate) fn has(&self, id: &PackageId) -> bool {
        self.scope().is_none_or(|scope| scope.has(id))
    }

    /// Refuses a package that they may not do it with.
    pub(crate) fn check(&self, id: &PackageId) -> Result<(), Problem> {
        if self.has(id) { Ok(()) } else { Err(not_for(id)) }
    }
}

impl<S: Guards, N: Statement> FromRequestParts<S> for Permit<N> {
    type Rejection = Denied;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Denied> {
        let identified =
            if state.access().waves_through(&parts.headers, N::NEEDS) && !state.names_user(&parts.headers) {
                Ok(Caller::Anonymous)
            } else {
                // In a box, so that those who are waved through do not carry it.
                Box::pin(identify(parts, state, N::NEEDS)).await
            };
        let caller = match identified.and_then(|caller| not_misled(caller, parts, state, N::NEEDS)) {
            Ok(caller) => caller,
            Err((denied, caller)) => {
                caller.log();
                note(&denied, &caller, parts, state);
                return Err(denied);
            }
        };
        caller.log();
        if !matches!(caller, Caller::Anonymous) {
            parts.extensions.insert(caller.clone());
        }
        Ok(Self { caller, statement: PhantomData })
    }
}

/// Refuses a page that changes something only because nobody has to say who they are on this machine, and whose name is not one of
/// this machine. Whoever shows a token or is signed in is meant: a page of that name cannot have either. A proxy that is trusted
/// answers for the names under which it is asked.
fn not_misled<S: Guards>(
    caller: Caller,
    parts: &Parts,
    state: &S,
    needs: Needs,
) -> Result<Caller, (Denied, Caller)> {
    if !matches!(caller, Caller::Anonymous) || !matches!(needs, Needs::Role(Role::Upload | Role::Remove)) {
        return Ok(caller);
    }
    let Some(peer) = parts.extensions.get::<SocketAddr>().map(SocketAddr::ip) else { return Ok(caller) };
    let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
    let host = host.or_else(|| parts.uri.authority().map(Authority::as_str));
    let is_proxy = is_among(state.access().trusted_proxies(), peer.to_canonical());
    if !is_proxy && is_misled(&parts.headers, host, peer) {
        return Err((Denied::Misled, caller));
    }
    Ok(caller)
}

/// Enters into the audit trail who was not let in. Anybody can make this happen as often as they like: so it is counted.
fn note<S: Guards>(denied: &Denied, caller: &Caller, parts: &Parts, state: &S) {
    let (Some(audit), Some(code)) = (state.access().audit(), denied.code()) else { return };
    let cause = AskedFrom::of(&parts.extensions, &parts.headers, state.access()).cause(caller, S::CHANNEL);
    // The last part of a path may be a secret.
    let route = without_token(parts.uri.path());
    let entry = audit.entry(Action::AccessDenied, &cause, AuditResult::Refused { code });
    audit.count(entry.of(route).with("method", parts.method.as_str()));
}

/// Who asks; or why they may not, and who that is.
async fn identify<S: Guards>(parts: &Parts, state: &S, needs: Needs) -> Result<Caller, (Denied, Caller)> {
    let access = state.access();
    let anonymous = |denied: Denied| (denied, Caller::Anonymous);
    match credentials(&parts.headers, S::PASSWORDS) {
        Credentials::Wrong => Err(anonymous(Denied::WrongCredentials)),
        Credentials::Token(token) => {
            let found = access.find(token).await.map_err(|problem| anonymous(problem.into()))?;
            let Some(token) = found else { return Err(anonymous(Denied::WrongCredentials)) };
            match needs {
                Needs::Role(needed) if !token.roles.allow(needed) => {
                    tracing::debug!(token = token.name.as_str(), %needed, "a token has not the role");
                    Err((Denied::Role { needed }, Caller::Token(token)))
                }
                // Whoever rules over some packages could else make a token that rules over all.
                Needs::Role(Role::Admin) if !token.scope.is_all() => {
                    Err((Denied::SomePackages, Caller::Token(token)))
                }
                _ => {
                    tracing::debug!(token = token.name.as_str(), "a token is right");
                    Ok(Caller::Token(token))
                }
            }
        }
        Credentials::Absent => {
            let is_open = access.anonymous.allows(needs);
            if is_open && !state.names_user(&parts.headers) {
                return Ok(Caller::Anonymous);
            }
            match (state.user(parts).await.map_err(|problem| anonymous(problem.into()))?, needs) {
                (Some(user), Needs::Role(needed)) if !roles_of(&user).allow(needed) => {
                    tracing::debug!(user = user.name.as_str(), %needed, "a user has not the role");
                    Err((Denied::Role { needed }, Caller::User(Arc::new(user))))
                }
                (Some(user), _) => Ok(Caller::User(Arc::new(user))),
                (None, _) if is_open => Ok(Caller::Anonymous),
                (None, _) => Err(anonymous(Denied::NoCredentials)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use amps_catalog::SqliteCatalog;
    use amps_core::{
        SystemClock, Timestamp,
        accounts::{AccessTokens as _, ApiToken, NewAccessToken, Quotas},
    };
    use axum::http::{Request, header::AUTHORIZATION};

    use super::*;
    use crate::access::{AnonymousAccess, ToRead, ToRemove};

    /// Something that routes share, with a user who is always logged in.
    struct Shared(Access, Option<User>);

    impl Guards for Shared {
        const PASSWORDS: Passwords = Passwords::Tokens;
        const CHANNEL: Channel = Channel::PackageServer;

        fn access(&self) -> &Access {
            &self.0
        }

        async fn user(&self, _: &Parts) -> Result<Option<User>, Problem> {
            Ok(self.1.clone())
        }
    }

    fn parts(token: Option<&ApiToken>) -> Parts {
        let mut request = Request::new(());
        if let Some(token) = token {
            let value = format!("Bearer {}", token.reveal()).parse().unwrap();
            request.headers_mut().insert(AUTHORIZATION, value);
        }
        request.into_parts().0
    }

    #[tokio::test]
    async fn whoever_is_known_goes_with_the_request() {
        let (catalog, token) = (SqliteCatalog::in_memory().unwrap(), ApiToken::generate().unwrap());
        let new = NewAccessToken {
            name: "ci".parse().unwrap(),
            roles: Role::Read.into(),
            scope: PackageScope::new(vec!["a.*".parse().unwrap()]).unwrap(),
            quotas: Quotas::default(),
            expires_at: None,
        };
        catalog.create_access_token(&token.hash(), &new, Timestamp(0)).unwrap();
        let access = Access::new(Arc::new(catalog), Arc::new(SystemClock), AnonymousAccess::Read);
        let shared = Shared(access, None);
        let mut known = parts(Some(&token));
        let permit = Permit::<ToRead>::from_request_parts(&mut known, &shared).await.unwrap();
        assert!(permit.has(&"a.b".parse().unwrap()) && !permit.has(&"b".parse().unwrap()));
        let caller = known.extensions.get::<Caller>();
        assert!(matches!(caller, Some(Caller::Token(token)) if token.name.as_str() == "ci"));
        let denied = Permit::<ToRemove>::from_request_parts(&mut known, &shared).await.unwrap_err();
        assert!(matches!(denied, Denied::Role { needed: Role::Remove }));
        let mut unknown = parts(None);
        let permit = Permit::<ToRead>::from_request_parts(&mut unknown, &shared).await.unwrap();
        assert!(matches!(permit.caller(), Caller::Anonymous) && unknown.extensions.is_empty());
    }

    #[tokio::test]
    async fn a_user_who_is_logged_in_may_read_and_staff_everything() {
        let mut user = User {
            id: amps_core::accounts::UserId(1),
            name: "ada".parse().unwrap(),
            is_active: true,
            is_staff: false,
            created_at: Timestamp(0),
            last_login_at: None,
        };
        let shared = Shared(Access::without_tokens(AnonymousAccess::None), Some(user.clone()));
        let permit = Permit::<ToRead>::from_request_parts(&mut parts(None), &shared).await.unwrap();
        assert_eq!(permit.caller().bringing("x"), "ada, HTTP from x");
        let denied = Permit::<ToRemove>::from_request_parts(&mut parts(None), &shared).await.unwrap_err();
        assert!(matches!(denied, Denied::Role { needed: Role::Remove }));
        user.is_staff = true;
        let of_staff = Shared(Access::without_tokens(AnonymousAccess::None), Some(user));
        Permit::<ToRemove>::from_request_parts(&mut parts(None), &of_staff).await.unwrap();
        // Where there are no tokens, none is right.
        let wrong = parts(Some(&ApiToken::generate().unwrap()));
        let denied = Permit::<ToRead>::from_request_parts(&mut { wrong }, &shared).await.unwrap_err();
        assert!(matches!(denied, Denied::WrongCredentials));
    }
}
