//! `logout`: the session ends, with all that the device said.

use amps_core::audit::Channel;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};

use super::{
    Context,
    session::{Visitor, without_session},
    status::Status,
};
use crate::{
    access::{Caller, Nothing, Permit},
    answer::{Problem, blocking},
    audit::{AskedFrom, note_logout},
};

pub(super) async fn answer(
    _: Permit<Nothing>,
    State(context): State<Context>,
    asked_from: AskedFrom,
    visitor: Visitor,
) -> Result<Response, Problem> {
    let Some(token) = visitor.token else { return Ok(Status("failed").into_response()) };
    let access = context.access.clone();
    let user = blocking(move || Ok(context.sessions.log_out(&token)?)).await?;
    let Some(user) = user else { return Ok(Status("failed").into_response()) };
    note_logout(&access, &asked_from.cause(&Caller::Anonymous, Channel::DeploymentServer), &user);
    Ok(without_session(Status("ok")))
}
