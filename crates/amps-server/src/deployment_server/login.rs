//! `login`: a name and a password, for a session in which a user is logged in.

use amps_core::{
    Password,
    accounts::LoginAnswer,
    audit::{Action, Actor, AuditResult, Cause, Channel},
};
use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Response},
};

use super::{
    Context, Parameters,
    asked_at::AskedAt,
    session::{Visitor, with_session},
    status::Status,
};
use crate::{
    access::{Caller, Nothing, Permit},
    answer::{Problem, blocking},
    audit::AskedFrom,
};

pub(super) async fn answer(
    _: Permit<Nothing>,
    State(context): State<Context>,
    visitor: Visitor,
    asked_at: AskedAt,
    asked_from: AskedFrom,
    parameters: Parameters,
) -> Result<Response, Problem> {
    let (Some(name), Some(password)) = (parameters.value("username"), parameters.value("password")) else {
        return Ok(Status("missing-credentials").into_response());
    };
    let (name, password) = (name.to_owned(), Password::new(password.to_owned()));
    let client = asked_at.client_or_unknown();
    let (login, sessions) = (context.login.clone(), context.sessions.clone());
    let (noting, cause) = (context.clone(), asked_from.cause(&Caller::Anonymous, Channel::DeploymentServer));
    let (answer, token) = blocking(move || {
        let answer = login.check(&name, &password, client)?;
        note_login(&noting, &cause, &name, &answer)?;
        let token = match &answer {
            LoginAnswer::LoggedIn(user) => Some(sessions.log_in(visitor.token.as_ref(), user.id)?),
            _ => None,
        };
        Ok((answer, token))
    })
    .await?;
    Ok(match (answer, token) {
        (LoginAnswer::LoggedIn(_), Some(token)) => with_session(&token, &asked_at, Status("ok")),
        (LoginAnswer::Disabled, _) => Status("account-disabled").into_response(),
        (LoginAnswer::Slowed { wait }, _) => {
            let seconds = HeaderValue::from(wait.as_secs().saturating_add(1));
            (StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, seconds)], Status("authentication-failed"))
                .into_response()
        }
        _ => Status("authentication-failed").into_response(),
    })
}

/// Enters a login, or why it failed, into the audit trail. A name that no user has is left out: it may be a password that was typed in
/// the wrong place. Failures are counted: anybody can make them happen.
pub(super) fn note_login(
    context: &Context,
    cause: &Cause,
    name: &str,
    answer: &LoginAnswer,
) -> Result<(), Problem> {
    let Some(audit) = context.access.audit() else { return Ok(()) };
    let code = match answer {
        LoginAnswer::LoggedIn(user) => {
            let cause = Cause { actor: Actor::User(user.name.clone()), ..cause.clone() };
            audit.add(audit.entry(Action::Login, &cause, AuditResult::Done).of(user.name.as_str()));
            return Ok(());
        }
        LoginAnswer::Disabled => "account-disabled",
        LoginAnswer::Slowed { .. } => "slowed",
        _ => "authentication-failed",
    };
    let known = match name.parse().ok() {
        // Whoever is slowed down costs nothing more.
        _ if matches!(answer, LoginAnswer::Slowed { .. }) => None,
        Some(name) => context.accounts.credentials(&name)?.map(|(user, _)| user),
        None => None,
    };
    let entry = audit.entry(Action::Login, cause, AuditResult::Refused { code });
    audit.count(match known {
        Some(user) => entry.of(user.name.as_str()),
        None => entry,
    });
    Ok(())
}
