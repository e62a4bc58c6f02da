//! `/package/icon`: the icon of a package.

use amps_core::Icon;
use axum::{
    body::Bytes,
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
    content::{Asked, Content, Encoding},
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
    let mut answer = content(icon?).answer(&asked, &buffers);
    // An SVG may hold script, and any file may be taken for HTML: a browser is to run none of it.
    let headers = answer.headers_mut();
    headers.insert(
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; sandbox"),
    );
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    Ok(answer)
}

fn content(icon: Icon) -> Content {
    let size_bytes = icon.blob.size_bytes();
    Content {
        stored: Some((icon.blob, size_bytes)),
        end: Bytes::new(),
        tag: icon.id.to_string(),
        modified: None,
        media_type: icon.media_type.into(),
        file_name: None,
        encoding: Encoding::Fixed,
    }
}
