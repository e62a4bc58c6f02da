//! `/package/icon`: the icon of a package.

use axum::{
    extract::State,
    http::header::{CONTENT_SECURITY_POLICY, X_CONTENT_TYPE_OPTIONS},
    response::{IntoResponse, Response},
};

use super::{Context, Parameters};
use crate::{
    answer::{Problem, blocking},
    blob_body::whole,
};

pub(super) async fn answer(
    State(context): State<Context>,
    parameters: Parameters,
) -> Result<Response, Problem> {
    blocking(move || {
        let Some(id) = parameters.package_id() else { return Err(Problem::unknown("package")) };
        let icon = context.store.icon(&id, &parameters.view())?.ok_or(Problem::unknown("icon"))?;
        let body = whole(&*icon.blob).map_err(|error| Problem::internal(&error))?;
        // An SVG may hold script, and any file may be taken for HTML: a browser is to run none of it.
        let headers = [
            (CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'; sandbox"),
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ];
        let content_type = [(axum::http::header::CONTENT_TYPE, icon.media_type)];
        Ok((headers, content_type, body).into_response())
    })
    .await
}
