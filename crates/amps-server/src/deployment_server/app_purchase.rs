//! `app/purchase`: the right to download a package, for some minutes and usually for one device.

use std::{fmt::Display, sync::Arc};

use amps_core::{
    HardwareId, Release, Sequence, Timestamp,
    accounts::{DownloadToken, Purchase, User},
    audit::{Action, Channel},
};
use axum::{Json, extract::State, http::StatusCode, response::Response};
use serde::Serialize;

use super::{
    Context, Parameters,
    asked_at::AskedAt,
    session::{Visitor, view},
    status::not_kept,
};
use crate::{
    access::{Caller, Permit, ToRead},
    answer::{Problem, blocking},
    audit::AskedFrom,
    client_device::ClientDevice,
};

#[derive(Serialize)]
#[serde(tag = "status", rename_all = "lowercase")]
enum Answer {
    #[serde(rename_all = "camelCase")]
    Ok {
        url: String,
        expires_in: u64,
    },
    Failed {
        error: String,
    },
}

impl Answer {
    fn failed(error: impl Display) -> Self {
        Self::Failed { error: format!("{error}") }
    }
}

pub(super) async fn answer(
    permit: Permit<ToRead>,
    State(context): State<Context>,
    visitor: Visitor,
    asked_at: AskedAt,
    asked_from: AskedFrom,
    client: ClientDevice,
    parameters: Parameters,
) -> Result<Response, Problem> {
    let session = visitor.session(&context).await?;
    let Some(user) = session.as_ref().and_then(|session| session.user.clone()) else {
        return Ok(not_kept((StatusCode::FORBIDDEN, "no login")));
    };
    let certified = client.certified(parameters.filled("device_id"))?;
    let device = match certified
        .map_or_else(|| device(&parameters, context.settings.bind_to_device_id), |id| Ok(Some(id)))
    {
        Ok(device) => device,
        Err(answer) => return Ok(not_kept(Json(answer))),
    };
    let (base_url, view) = (asked_at.base_url()?, view(session.as_ref(), &context));
    let answer = blocking(move || {
        let listing = context.store.listing()?;
        let release = match parameters.package_id() {
            Some(id) => listing.visible_of(&id, &view).cloned(),
            None if parameters.filled("id").is_some() => None,
            None => match parameters.value("purchaseId").map(str::parse) {
                // One that has been superseded since the list was read is still the one that was meant.
                Some(Ok(number)) => {
                    context.store.release(Sequence(number))?.filter(|release| view.fit(release).is_ok())
                }
                _ => None,
            },
        };
        let Some(release) = release.filter(|release| permit.has(&release.facts.id)) else {
            return Ok(Answer::failed("no such application"));
        };
        if let Some(audit) = context.access.audit() {
            let caller = Caller::User(Arc::new(user.clone()));
            let (cause, facts) = (asked_from.cause(&caller, Channel::DeploymentServer), &release.facts);
            audit.count_for(device.as_deref(), Action::Purchase, &cause, |entry| {
                entry.of_package(&facts.id).with("version", &facts.version)
            });
        }
        purchase(&context, &user, &release, device, &base_url)
    });
    Ok(not_kept(Json(answer.await?)))
}

/// The device that the purchase is for, if it is for one.
fn device(parameters: &Parameters, is_bound: bool) -> Result<Option<Arc<HardwareId>>, Answer> {
    if !is_bound {
        return Ok(None);
    }
    let Some(id) = parameters.filled("device_id") else { return Err(Answer::failed("device_id required")) };
    HardwareId::new(id.to_owned()).map(|id| Some(Arc::new(id))).map_err(Answer::failed)
}

fn purchase(
    context: &Context,
    user: &User,
    release: &Release,
    device: Option<Arc<HardwareId>>,
    base_url: &str,
) -> Result<Answer, Problem> {
    let (token, now) = (DownloadToken::generate()?, context.clock.now());
    let expires_in = context.settings.download_expiry().as_secs();
    let seconds = i64::try_from(expires_in).unwrap_or(i64::MAX);
    let purchase = Purchase {
        user: user.id,
        device,
        release: release.sequence,
        expires_at: Timestamp(now.0.saturating_add(seconds)),
    };
    match context.accounts.create_purchase(&token.hash(), &purchase, now) {
        Ok(()) => Ok(Answer::Ok { url: format!("{base_url}app/download/{}", token.reveal()), expires_in }),
        Err(
            error @ (amps_core::accounts::AccountError::Gone { .. }
            | amps_core::accounts::AccountError::TooLong { .. }),
        ) => Ok(Answer::failed(error)),
        Err(error) => Err(error.into()),
    }
}
