//! `/package/remove`: a package goes.

use amps_core::{
    Origin, PackageId, PackageServerToken,
    audit::{Action, AuditResult, Cause, Channel},
};
use axum::{Json, extract::State, response::IntoResponse, response::Response};
use serde::Serialize;

use super::{Context, Parameters};
use crate::{
    access::{Permit, ToRemove},
    answer::{Problem, blocking},
    audit::AskedFrom,
};

#[derive(Serialize)]
struct Answer {
    status: &'static str,
    removed: usize,
}

pub(super) async fn answer(
    permit: Permit<ToRemove>,
    State(context): State<Context>,
    asked_from: AskedFrom,
    parameters: Parameters,
) -> Result<Response, Problem> {
    let cause = asked_from.cause(permit.caller(), Channel::PackageServer);
    if let Some(id) = parameters.package_id() {
        permit.check(&id).inspect_err(|problem| note(&context, &cause, &id, problem))?;
    }
    blocking(move || {
        let removed = match (parameters.package_id(), architecture(&parameters)) {
            (Some(id), Ok(architecture)) => {
                context.store.remove_because(&id, architecture.as_ref(), Origin::Http, &cause)?
            }
            _ => 0,
        };
        Ok(Json(Answer { status: if removed > 0 { "ok" } else { "fail" }, removed }).into_response())
    })
    .await
}

/// Enters into the audit trail that a token is not for a package.
fn note(context: &Context, cause: &Cause, id: &PackageId, problem: &Problem) {
    if let Some(audit) = context.access.audit() {
        let refused = AuditResult::Refused { code: problem.code };
        audit.add(audit.entry(Action::PackageRemove, cause, refused).of_package(id));
    }
}

/// Without the parameter every architecture is meant; with an empty one, as `package/list` writes it, `all`.
fn architecture(parameters: &Parameters) -> Result<Option<PackageServerToken>, ()> {
    match parameters.value("architecture") {
        Some(token) => token.parse().map(Some).map_err(|_| ()),
        None if parameters.is_given("architecture") => Ok(Some(PackageServerToken::all())),
        None => Ok(None),
    }
}
