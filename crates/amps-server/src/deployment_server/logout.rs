//! `logout`: the session ends, with all that the device said.

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
    access::{Nothing, Permit},
    answer::{Problem, blocking},
};

pub(super) async fn answer(
    _: Permit<Nothing>,
    State(context): State<Context>,
    visitor: Visitor,
) -> Result<Response, Problem> {
    let Some(token) = visitor.token else { return Ok(Status("failed").into_response()) };
    let was_logged_in = blocking(move || Ok(context.sessions.log_out(&token)?)).await?;
    Ok(if was_logged_in { without_session(Status("ok")) } else { Status("failed").into_response() })
}
