//! Beginning an upload, and what this server can do.

use std::net::SocketAddr;

use amps_core::accounts::{PackagePattern, PackageScope};
use axum::{
    Extension,
    extract::State,
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{LOCATION, RETRY_AFTER},
    },
    response::{IntoResponse, Response},
};

use super::{
    disk,
    headers::{Spoken, TusVersion, bytes, expires, metadata},
    owner, versioned,
};
use crate::{
    access::{Nothing, Permit, ToUpload},
    api::{
        Context, Failure,
        author::Author,
        extract::NoQuery,
        operations::{Operations, PREFIX},
        problem::work,
        responses::{Changed, NoRoom, TooLarge, TooMany},
        uploads::address,
    },
    busy::RETRY_AFTER_SECONDS,
    partial_uploads::{CannotCreate, Record, State as Progress},
};

pub(super) fn operations(operations: Operations) -> Operations {
    operations.add_within(__path_options, options, versioned).add_within(__path_begin, begin, versioned)
}

/// Tell what the server can do
#[utoipa::path(
    options, path = "/uploads/tus", tag = "resumable uploads",
    responses((status = 204, description = "It is in the headers.", headers(
        ("Tus-Resumable" = TusVersion, description = "The version."),
        ("Tus-Version" = String, description = "The versions."),
        ("Tus-Extension" = String, description = "The extensions."),
        ("Tus-Max-Size" = u64, description = "Bytes that a package may have."),
    ))),
)]
async fn options(_: Permit<Nothing>, _: NoQuery, State(context): State<Context>) -> Response {
    let most = context.settings.limits.package.package_bytes.to_string();
    let headers = [
        ("tus-version", "1.0.0".to_owned()),
        ("tus-extension", "creation,termination,expiration".to_owned()),
        ("tus-max-size", most),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

/// Begin an upload
///
/// What comes is kept until the upload expires, also while the server is not running.
#[utoipa::path(
    post, path = "/uploads/tus", tag = "resumable uploads",
    params(
        ("Tus-Resumable" = TusVersion, Header, description = "The version of tus."),
        ("Upload-Length" = u64, Header, description = "Bytes of the package.", minimum = 1),
        ("Upload-Metadata" = Option<String>, Header, description = "What the client wants to be told again: keys with values in base64."),
    ),
    responses(
        (status = 201, description = "It has begun.", headers(
            ("Location" = String, description = "Where to send it."),
            ("Upload-Expires" = String, description = "When it is forgotten."),
            ("Tus-Resumable" = TusVersion, description = "The version."),
        )),
        Changed, TooLarge, TooMany, NoRoom,
    ),
)]
async fn begin(
    permit: Permit<ToUpload>,
    author: Author,
    _: NoQuery,
    _: Spoken,
    State(context): State<Context>,
    peer: Option<Extension<SocketAddr>>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let length_bytes = bytes(&headers, "Upload-Length")?;
    let most = context.settings.limits.package.package_bytes;
    match length_bytes {
        0 => {
            return Err(Failure::field("invalid-header", "Upload-Length", "found 0: a package is not empty"));
        }
        found if found > most => {
            let detail = format!("the package has {found} bytes: expected at most {most}");
            return Err(Failure::new(StatusCode::PAYLOAD_TOO_LARGE, "limit", detail));
        }
        _ => {}
    }
    let metadata = metadata(&headers)?;
    let now = context.clock.now();
    let seconds = i64::try_from(context.settings.limits.partial_upload_time.as_secs()).unwrap_or(i64::MAX);
    let patterns = permit.scope().map(PackageScope::patterns).unwrap_or_default();
    let cause = author.cause();
    let counted =
        context.access.count_upload(permit.caller(), Some(length_bytes), &cause, "/api/v1/uploads/tus");
    if let Err(refusal) = counted.await {
        return Ok(refusal.into_response());
    }
    let record = Record {
        length_bytes,
        by: permit.caller().bringing(&address(peer)),
        client: cause.address,
        request: cause.request.map(|id| id.to_string()),
        owner: owner(&permit, peer),
        scope: patterns.iter().map(PackagePattern::as_str).map(str::to_owned).collect(),
        metadata,
        expires_at: now.0.saturating_add(seconds),
        state: Progress::Receiving,
        checks: Vec::new(),
    };
    let expires_at = record.expires_at;
    let name = work(move || context.partial_uploads.create(record, now).map_err(cannot)).await?;
    let location = [(LOCATION, format!("{PREFIX}/uploads/tus/{}", name.reveal()))];
    let mut answer = (StatusCode::CREATED, location).into_response();
    if let Some(expires) = expires(expires_at) {
        answer.headers_mut().insert("upload-expires", expires);
    }
    Ok(answer)
}

fn cannot(error: CannotCreate) -> Failure {
    match error {
        CannotCreate::TooMany { .. } | CannotCreate::TooLarge { .. } => {
            let many = Failure::new(StatusCode::TOO_MANY_REQUESTS, "too-many-uploads", error.to_string());
            many.with_header(RETRY_AFTER, HeaderValue::clone(&RETRY_AFTER_SECONDS))
        }
        CannotCreate::Io(error) => disk(&error),
        CannotCreate::Name(error) => error.into(),
    }
}
