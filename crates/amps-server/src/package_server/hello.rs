//! `/hello`: is this the right server?

use axum::{Json, extract::State};
use serde::Serialize;

use super::{Context, Parameters};
use crate::access::{Permit, ToRead};

#[derive(Serialize)]
pub(super) struct Hello {
    status: &'static str,
}

pub(super) async fn answer(
    _: Permit<ToRead>,
    State(context): State<Context>,
    parameters: Parameters,
) -> Json<Hello> {
    let fits = parameters.value("project-id") == Some(&*context.project_id);
    Json(Hello { status: if fits { "ok" } else { "incompatible-project-id" } })
}
