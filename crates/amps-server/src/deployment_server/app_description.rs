//! `app/description`: what the store says about the package that the session's device gets.

use axum::{
    extract::State,
    http::{
        HeaderValue,
        header::{CACHE_CONTROL, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
};

use super::{Context, Parameters, offer::in_english, plain::disarmed, session::Visitor};
use crate::{
    access::{Permit, ToRead},
    answer::{Problem, blocking},
};

/// The text may have HTML in it, which is for the device to show, and for no browser to run.
const PLAIN_TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

pub(super) async fn answer(
    permit: Permit<ToRead>,
    State(context): State<Context>,
    visitor: Visitor,
    parameters: Parameters,
) -> Result<Response, Problem> {
    let Some(id) = parameters.package_id().filter(|id| permit.has(id)) else {
        return Err(Problem::unknown("package"));
    };
    let view = visitor.view(&context).await?;
    let description = blocking(move || {
        let listing = context.store.listing()?;
        let Some(release) = listing.visible_of(&id, &view) else { return Err(Problem::unknown("package")) };
        Ok(match context.accounts.store_entry(release.sequence)? {
            Some(entry) => entry.description,
            None => in_english(&release.facts.descriptions).unwrap_or_default().to_owned(),
        })
    })
    .await?;
    let headers = [(CONTENT_TYPE, PLAIN_TEXT), (CACHE_CONTROL, HeaderValue::from_static("no-cache"))];
    Ok(disarmed((headers, description).into_response()))
}
