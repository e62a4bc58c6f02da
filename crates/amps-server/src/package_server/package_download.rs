//! `/package/download`: a package, signed for the device that asks if the store signs.

use amps_core::HardwareId;
use axum::{
    extract::State,
    http::{
        StatusCode,
        header::{CONTENT_LENGTH, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
};

use super::{Context, Parameters};
use crate::{
    answer::{Problem, blocking},
    blob_body,
};

pub(super) async fn answer(
    State(context): State<Context>,
    parameters: Parameters,
) -> Result<Response, Problem> {
    blocking(move || {
        let Some(id) = parameters.package_id() else { return Err(Problem::unknown("package")) };
        let device = device(&parameters)?;
        let package = context.store.package_for_device(&id, &parameters.view(), device.as_ref())?;
        let package = package.ok_or(Problem::unknown("package"))?;
        let headers = [
            (CONTENT_TYPE, "application/octet-stream".to_owned()),
            (CONTENT_LENGTH, package.size_bytes().to_string()),
        ];
        Ok((headers, blob_body::package(package)).into_response())
    })
    .await
}

/// The device that the signature is for; without one it is for any.
fn device(parameters: &Parameters) -> Result<Option<HardwareId>, Problem> {
    let Some(id) = parameters.value("hardware-id") else { return Ok(None) };
    HardwareId::new(id.to_owned()).map(Some).map_err(|error| Problem {
        status: StatusCode::BAD_REQUEST,
        code: "bad-hardware-id",
        message: error.to_string(),
    })
}
