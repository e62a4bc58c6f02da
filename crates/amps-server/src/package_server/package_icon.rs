//! `/package/icon`: the icon of a package.

use axum::{
    extract::State,
    http::{
        HeaderValue,
        header::{CONTENT_SECURITY_POLICY, X_CONTENT_TYPE_OPTIONS},
    },
    response::Response,
};

use super::{Context, Parameters};
use crate::{
    access::{Permit, ToRead},
    answer::{Problem, blocking},
    content::{Asked, Content},
};

pub(super) async fn answer(
    permit: Permit<ToRead>,
    State(context): State<Context>,
    asked: Asked,
    parameters: Parameters,
) -> Result<Response, Problem> {
    let Some(id) = parameters.package_id() else { return Err(Problem::unknown("package")) };
    // A package that the token is not for is as if it were not there.
    if !permit.has(&id) {
        return Err(Problem::unknown("icon"));
    }
    let (view, buffers) = (parameters.view(), context.buffers.clone());
    let icon = match context.store.icon_at_hand(&id, &view) {
        Some(icon) => Ok(icon),
        None => blocking(move || context.store.icon(&id, &view)?.ok_or(Problem::unknown("icon"))).await,
    };
    let mut answer = Content::of_icon(icon?).answer(&asked, &buffers);
    // An SVG may hold script, and any file may be taken for HTML: a browser is to run none of it.
    let headers = answer.headers_mut();
    headers.insert(
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; sandbox"),
    );
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    Ok(answer)
}
