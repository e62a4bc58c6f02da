//! `app/download/<token>`: a package that was purchased, signed for its device, until the purchase expires.

use amps_core::{accounts::DownloadToken, audit::Channel};
use axum::{
    extract::{Path, State},
    response::Response,
};

use super::Context;
use crate::{
    access::{Caller, Nothing, Permit},
    answer::{Problem, blocking},
    audit::{AskedFrom, note_signed},
    client_device::{ClientDevice, other_device},
    content::{Asked, Content},
};

/// Not `application/octet-stream`: the Django server's word, which devices may look for.
const MEDIA_TYPE: &str = "application/octetstream";

pub(super) async fn answer(
    _: Permit<Nothing>,
    State(context): State<Context>,
    asked_from: AskedFrom,
    asked: Asked,
    client: ClientDevice,
    Path(token): Path<String>,
) -> Result<Response, Problem> {
    let unknown = || Problem::unknown("download");
    let Ok(token) = token.parse::<DownloadToken>() else { return Err(unknown()) };
    let certified = client.certified(None)?;
    let buffers = context.buffers.clone();
    let package = blocking(move || {
        let now = context.clock.now();
        let purchase = context.accounts.purchase(&token.hash(), now)?.ok_or_else(unknown)?;
        let release = context.store.release(purchase.release)?.ok_or_else(unknown)?;
        let device = match (certified, purchase.device) {
            (Some(own), Some(bought)) if own.as_str() != bought.as_str() => return Err(other_device()),
            (own, bought) => own.or(bought),
        };
        let package = context.store.package_of(&release, device.as_deref(), context.security())?;
        // Whoever has the URL: the user is in the entry about the purchase.
        let cause = asked_from.cause(&Caller::Anonymous, Channel::DeploymentServer);
        note_signed(&context.access, &package, device.as_deref(), &cause);
        Ok(package)
    });
    Ok(Content::of_package(package.await?, MEDIA_TYPE).answer(&asked, &buffers))
}
