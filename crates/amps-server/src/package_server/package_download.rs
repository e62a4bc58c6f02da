//! `/package/download`: a package, signed for the device that asks if the store signs.

use amps_core::{HardwareId, SignedPackage, audit::Channel};
use axum::{extract::State, response::Response};

use super::{Context, Parameters};
use crate::{
    access::{Permit, ToRead},
    answer::{Problem, blocking},
    audit::{AskedFrom, note_signed},
    client_device::ClientDevice,
    content::{Asked, Content},
};

/// The media type, as the reference gives it.
pub(super) const MEDIA_TYPE: &str = "application/octet-stream";

pub(super) async fn answer(
    permit: Permit<ToRead>,
    State(context): State<Context>,
    asked_from: AskedFrom,
    asked: Asked,
    client: ClientDevice,
    parameters: Parameters,
) -> Result<Response, Problem> {
    // A package that the token is not for is as if it were not there.
    let Some(id) = parameters.package_id().filter(|id| permit.has(id)) else {
        return Err(Problem::unknown("package"));
    };
    // Without a device, the signature is for any.
    let device = client.or(parameters.value("hardware-id"))?;
    let (view, buffers) = (parameters.view(), context.buffers.clone());
    let (caller, access) = (permit.caller().clone(), context.access.clone());
    let signed = move |package: &SignedPackage, device: Option<&HardwareId>| {
        let cause = asked_from.clone().cause(&caller, Channel::PackageServer);
        note_signed(&access, package, device, &cause);
    };
    if let Some(package) = context.store.package_at_hand(&id, &view, device.as_deref()) {
        signed(&package, device.as_deref());
        return Ok(Content::of_package(package, MEDIA_TYPE).answer(&asked, &buffers));
    }
    let package = blocking(move || {
        let package = context.store.package_for_device(&id, &view, device.as_deref())?;
        let package = package.ok_or(Problem::unknown("package"))?;
        signed(&package, device.as_deref());
        Ok(package)
    });
    Ok(Content::of_package(package.await?, MEDIA_TYPE).answer(&asked, &buffers))
}
