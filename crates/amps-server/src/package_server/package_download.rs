//! `/package/download`: a package, signed for the device that asks if the store signs.

use amps_core::HardwareId;
use axum::{extract::State, http::StatusCode, response::Response};

use super::{Context, Parameters};
use crate::{
    access::{Permit, ToRead},
    answer::{Problem, blocking},
    content::{Asked, Content},
};

/// The media type, as the reference gives it.
pub(super) const MEDIA_TYPE: &str = "application/octet-stream";

pub(super) async fn answer(
    permit: Permit<ToRead>,
    State(context): State<Context>,
    asked: Asked,
    parameters: Parameters,
) -> Result<Response, Problem> {
    // A package that the token is not for is as if it were not there.
    let Some(id) = parameters.package_id().filter(|id| permit.has(id)) else {
        return Err(Problem::unknown("package"));
    };
    let device = device(&parameters)?;
    let (view, buffers) = (parameters.view(), context.buffers.clone());
    if let Some(package) = context.store.package_at_hand(&id, &view, device.as_ref()) {
        return Ok(Content::of_package(package, MEDIA_TYPE).answer(&asked, &buffers));
    }
    let package = blocking(move || {
        let package = context.store.package_for_device(&id, &view, device.as_ref())?;
        package.ok_or(Problem::unknown("package"))
    });
    Ok(Content::of_package(package.await?, MEDIA_TYPE).answer(&asked, &buffers))
}

/// The device that the signature is for; without one it is for any.
pub(super) fn device(parameters: &Parameters) -> Result<Option<HardwareId>, Problem> {
    let Some(id) = parameters.value("hardware-id") else { return Ok(None) };
    HardwareId::new(id.to_owned()).map(Some).map_err(|error| Problem {
        status: StatusCode::BAD_REQUEST,
        code: "bad-hardware-id",
        message: error.to_string(),
    })
}
