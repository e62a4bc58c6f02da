//! `/package/remove`: a package goes.

use amps_core::{Origin, PackageServerToken};
use axum::{Json, extract::State, response::IntoResponse, response::Response};
use serde::Serialize;

use super::{Context, Parameters};
use crate::{
    access::{Permit, ToRemove},
    answer::{Problem, blocking},
};

#[derive(Serialize)]
struct Answer {
    status: &'static str,
    removed: usize,
}

pub(super) async fn answer(
    permit: Permit<ToRemove>,
    State(context): State<Context>,
    parameters: Parameters,
) -> Result<Response, Problem> {
    if let Some(id) = parameters.package_id() {
        permit.check(&id)?;
    }
    blocking(move || {
        let removed = match (parameters.package_id(), architecture(&parameters)) {
            (Some(id), Ok(architecture)) => context.store.remove(&id, architecture.as_ref(), Origin::Http)?,
            _ => 0,
        };
        Ok(Json(Answer { status: if removed > 0 { "ok" } else { "fail" }, removed }).into_response())
    })
    .await
}

/// Without the parameter every architecture is meant; with an empty one, as `package/list` writes it, `all`.
fn architecture(parameters: &Parameters) -> Result<Option<PackageServerToken>, ()> {
    match parameters.value("architecture") {
        Some(token) => token.parse().map(Some).map_err(|_| ()),
        None if parameters.is_given("architecture") => Ok(Some(PackageServerToken::all())),
        None => Ok(None),
    }
}
