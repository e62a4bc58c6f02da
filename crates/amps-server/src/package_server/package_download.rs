//! `/package/download`: a package.

use axum::{
    extract::State,
    http::header::{CONTENT_LENGTH, CONTENT_TYPE},
    response::{IntoResponse, Response},
};

use super::{Context, Parameters};
use crate::{
    answer::{Problem, blocking},
    blob_body::stream,
};

pub(super) async fn answer(
    State(context): State<Context>,
    parameters: Parameters,
) -> Result<Response, Problem> {
    blocking(move || {
        let Some(id) = parameters.package_id() else { return Err(Problem::unknown("package")) };
        let package = context.store.package(&id, &parameters.view())?.ok_or(Problem::unknown("package"))?;
        let headers = [
            (CONTENT_TYPE, "application/octet-stream".to_owned()),
            (CONTENT_LENGTH, package.blob.size_bytes().to_string()),
        ];
        Ok((headers, stream(package.blob)).into_response())
    })
    .await
}
