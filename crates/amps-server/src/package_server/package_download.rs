//! `/package/download`: a package, signed for the device that asks if the store signs.

use std::time::{Duration, SystemTime};

use amps_core::{HardwareId, PackagesFolder, SignedPackage, Timestamp};
use axum::{body::Bytes, extract::State, http::StatusCode, response::Response};

use super::{Context, Parameters};
use crate::{
    answer::{Problem, blocking},
    content::{Asked, Content, Encoding, Modified, Validator},
};

pub(super) async fn answer(
    State(context): State<Context>,
    asked: Asked,
    parameters: Parameters,
) -> Result<Response, Problem> {
    let Some(id) = parameters.package_id() else { return Err(Problem::unknown("package")) };
    let device = device(&parameters)?;
    let (view, buffers) = (parameters.view(), context.buffers.clone());
    if let Some(package) = context.store.package_at_hand(&id, &view, device.as_ref()) {
        return Ok(content(package).answer(&asked, &buffers));
    }
    let package = blocking(move || {
        let package = context.store.package_for_device(&id, &view, device.as_ref())?;
        package.ok_or(Problem::unknown("package"))
    });
    Ok(content(package.await?).answer(&asked, &buffers))
}

fn content(package: SignedPackage) -> Content {
    let facts = &package.release.facts;
    // A device's signature may have to be made anew, and then has other bytes.
    let validator = if package.end.is_empty() { Validator::Strong } else { Validator::Weak };
    Content {
        tag: package.name().to_string(),
        modified: time(facts.uploaded_at).map(|at| Modified { at, validator }),
        media_type: "application/octet-stream".into(),
        file_name: Some(PackagesFolder::file_name(&facts.id, &facts.architecture)),
        encoding: Encoding::Fixed,
        stored: Some((package.blob, package.keep_bytes)),
        end: Bytes::from_owner(package.end),
    }
}

/// When a release was published, if that can stand in a header.
fn time(at: Timestamp) -> Option<SystemTime> {
    /// The end of the year 9999: a header has four digits for a year.
    const LAST_SECOND: u64 = 253_402_300_799;
    let seconds = u64::try_from(at.0).ok().filter(|seconds| *seconds <= LAST_SECOND)?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
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
