//! What a handler gets if its route's statement is fulfilled.

use std::{future::Future, marker::PhantomData, sync::Arc};

use amps_core::{
    PackageId,
    accounts::{PackageScope, User},
};
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, request::Parts},
};

use super::{
    Access, Caller, Denied, Needs, Passwords,
    credentials::{Credentials, credentials},
    denied::not_for,
    needs::Statement,
};
use crate::answer::Problem;

/// What the routes of a dialect share knows who is let in.
pub(crate) trait Guards: Send + Sync {
    /// What the passwords of Basic authentication are.
    const PASSWORDS: Passwords;

    /// Who is let in.
    fn access(&self) -> &Access;

    /// The user who is logged in by other means than a token.
    fn user(&self, headers: &HeaderMap) -> impl Future<Output = Result<Option<User>, Problem>> + Send;
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
        if state.access().waves_through(&parts.headers, N::NEEDS) {
            return Ok(Self { caller: Caller::Anonymous, statement: PhantomData });
        }
        // In a box, so that those who are waved through do not carry it.
        let caller = Box::pin(identify(&parts.headers, state, N::NEEDS)).await?;
        if !matches!(caller, Caller::Anonymous) {
            parts.extensions.insert(caller.clone());
        }
        Ok(Self { caller, statement: PhantomData })
    }
}

async fn identify<S: Guards>(headers: &HeaderMap, state: &S, needs: Needs) -> Result<Caller, Denied> {
    let access = state.access();
    match credentials(headers, S::PASSWORDS) {
        Credentials::Wrong => Err(Denied::WrongCredentials),
        Credentials::Token(token) => {
            let Some(token) = access.find(token).await? else { return Err(Denied::WrongCredentials) };
            match needs {
                Needs::Role(needed) if !token.roles.allow(needed) => {
                    tracing::debug!(token = token.name.as_str(), %needed, "a token has not the role");
                    Err(Denied::Role { needed })
                }
                _ => {
                    tracing::debug!(token = token.name.as_str(), "a token is right");
                    Ok(Caller::Token(token))
                }
            }
        }
        Credentials::Absent if access.anonymous.allows(needs) => Ok(Caller::Anonymous),
        Credentials::Absent => match (state.user(headers).await?, needs) {
            (Some(user), Needs::Role(amps_core::accounts::Role::Read)) => Ok(Caller::User(Arc::new(user))),
            (Some(_), Needs::Role(needed)) => Err(Denied::Role { needed }),
            _ => Err(Denied::NoCredentials),
        },
    }
}
