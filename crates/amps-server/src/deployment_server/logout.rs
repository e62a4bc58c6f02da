//! `logout`: the session ends, with all that the device said.

use std::sync::Arc;

use amps_core::audit::{Action, AuditResult, Channel};
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
    audit::AskedFrom,
};

pub(super) async fn answer(
    _: Permit<Nothing>,
    State(context): State<Context>,
    asked_from: AskedFrom,
    visitor: Visitor,
) -> Result<Response, Problem> {
    let Some(token) = visitor.token else { return Ok(Status("failed").into_response()) };
    let audit = context.access.audit().cloned();
    let user = blocking(move || Ok(context.sessions.log_out(&token)?)).await?;
    let Some(user) = user else { return Ok(Status("failed").into_response()) };
    if let Some(audit) = audit {
        let name = user.name.clone();
        let cause = asked_from.cause(&Caller::User(Arc::new(user)), Channel::DeploymentServer);
        audit.add(audit.entry(Action::Logout, &cause, AuditResult::Done).of(name.as_str()));
    }
    Ok(without_session(Status("ok")))
}
