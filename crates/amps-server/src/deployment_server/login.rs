//! `login`: a name and a password, for a session in which a user is logged in.

use amps_core::{Password, accounts::LoginAnswer, audit::Channel};
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
    audit::{AskedFrom, note_login},
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
        note_login(&noting.access, &*noting.accounts, &cause, &name, &answer)?;
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
