//! Going on with an upload. The last piece makes it a release.

use std::{net::SocketAddr, sync::Arc};

use amps_core::accounts::DownloadToken;
use axum::{
    Extension,
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header::CONTENT_LOCATION},
    response::{IntoResponse, Response},
};

use super::{
    disk, find,
    finish::finish,
    headers::{Spoken, TusVersion, bytes, expires},
    owner, versioned,
};
use crate::{
    access::{Denied, Permit, ToUpload},
    answer::Problem,
    api::{
        Context, Failure, checks,
        extract::{Named, media_type},
        operations::{Operations, PREFIX},
        problem::work,
        responses::{BodyBytes, Changed, Conflict, MediaType, NoRoom, NotFound, Refused, TimedOut, TooLarge},
        uploads::refuse,
    },
    busy::busy,
    partial_uploads::{AppendError, PartialUpload, State as Progress},
    upload_body::{Pump, pump},
    upload_places::OpenUpload,
};

const MEDIA_TYPE: &str = "application/offset+octet-stream";

pub(super) fn operations(operations: Operations) -> Operations {
    operations.add_within(__path_append, append, versioned)
}

/// Go on with an upload
///
/// What arrives is kept, whatever happens to the rest. With the last byte the package is verified and becomes a release, once: the answer then
/// names it in `Content-Location`. A piece without bytes at the end tries that again, if the server failed.
#[utoipa::path(
    patch, path = "/uploads/tus/{upload}", tag = "resumable uploads",
    params(
        ("upload" = String, Path, description = "The last part of the upload's `Location`."),
        ("Tus-Resumable" = TusVersion, Header, description = "The version of tus."),
        ("Upload-Offset" = u64, Header, description = "Bytes that have come before."),
    ),
    request_body(content = BodyBytes, content_type = "application/offset+octet-stream", description = "What comes next of the package."),
    responses(
        (status = 204, description = "It is kept.", headers(
            ("Upload-Offset" = u64, description = "Bytes that have come."),
            ("Upload-Expires" = String, description = "When it is forgotten."),
            ("Tus-Resumable" = TusVersion, description = "The version."),
        )),
        NotFound, TimedOut, Conflict, Changed, TooLarge, MediaType, Refused, NoRoom,
    ),
)]
async fn append(
    permit: Result<Permit<ToUpload>, Denied>,
    name: Result<Named<DownloadToken>, Failure>,
    State(context): State<Context>,
    peer: Option<Extension<SocketAddr>>,
    spoken: Result<Spoken, Failure>,
    headers: HeaderMap,
    mut body: Body,
) -> Response {
    let permit = match permit {
        Ok(permit) => permit,
        Err(denied) => return refuse(denied, &headers, &mut body).await,
    };
    let owner = owner(&permit, peer);
    let begun = async {
        let Named(name) = name?;
        spoken?;
        if media_type(&headers).as_deref() != Some(MEDIA_TYPE) {
            return Err(Failure::media_type(MEDIA_TYPE));
        }
        let offset = bytes(&headers, "Upload-Offset")?;
        let upload = find(&context, name, owner).await?;
        // Whoever resumes may be there before the server knows that the connection of before is gone.
        let busy = Arc::clone(&upload.busy).try_lock_owned().map_err(|_| {
            Failure::new(StatusCode::CONFLICT, "upload-busy", "another request is adding to this upload")
        })?;
        let shared = Arc::clone(&upload);
        let found = work(move || shared.offset_bytes().map_err(|error| disk(&error))).await?;
        if found != offset {
            let detail = format!("the offset is {offset}: expected {found}");
            return Err(at(found, Failure::new(StatusCode::CONFLICT, "offset-conflict", detail)));
        }
        Ok((upload, busy, offset))
    };
    let (upload, busy_guard, offset) = match begun.await {
        Ok(begun) => begun,
        Err(failure) => return refuse(failure, &headers, &mut body).await,
    };
    if !upload.record().state.has_ended() {
        let Some(place) = context.uploads.open().await else {
            return refuse(busy("uploads"), &headers, &mut body).await;
        };
        match receive(&context, &upload, place, body, offset).await {
            Err(failure) => return failure.into_response(),
            Ok(offset) if offset < upload.record().length_bytes => return answer(&upload, offset, None),
            Ok(_) => {}
        }
    }
    match finish(&context, &upload, busy_guard).await {
        Ok(Progress::Published { sequence }) => answer(&upload, upload.record().length_bytes, Some(sequence)),
        Ok(Progress::Refused { status, code, detail }) => {
            let checks = checks::ended(&upload.record().checks);
            Failure::of_words(status, code, detail).with_checks(checks).into_response()
        }
        Ok(_) => Failure::unknown("upload").into_response(),
        Err(failure) => at(offset, failure).into_response(),
    }
}

/// Keeps what comes; says up to where it has come.
async fn receive(
    context: &Context,
    upload: &Arc<PartialUpload>,
    place: OpenUpload,
    body: Body,
    offset: u64,
) -> Result<u64, Failure> {
    let OpenUpload { open, place, silent } = place;
    let (reader, mut pump) = pump(body, place, silent, &context.settings.limits);
    let upload = Arc::clone(upload);
    let span = tracing::Span::current();
    let writing = tokio::task::spawn_blocking(move || {
        let appended = span.in_scope(|| upload.append(reader, offset));
        drop(open);
        appended
    });
    let pumped = pump.run().await;
    let (offset, appended) = writing.await.map_err(|error| Problem::internal(&error))?;
    if matches!(pumped, Pump::Refused) {
        pump.drain().await;
    }
    match appended {
        Ok(()) => Ok(offset),
        Err(error @ AppendError::TooMuch) => {
            Err(at(offset, Failure::new(StatusCode::PAYLOAD_TOO_LARGE, "too-much", error.to_string())))
        }
        Err(AppendError::Source(source)) => {
            Err(at(offset, Failure::of_upload(amps_core::Error::Source(source))))
        }
        Err(AppendError::Disk(error)) => Err(at(offset, disk(&error))),
    }
}

fn answer(upload: &PartialUpload, offset: u64, release: Option<u64>) -> Response {
    let mut answer = StatusCode::NO_CONTENT.into_response();
    let headers = answer.headers_mut();
    headers.insert("upload-offset", HeaderValue::from(offset));
    if let Some(expires) = expires(upload.record().expires_at) {
        headers.insert("upload-expires", expires);
    }
    let location = release.and_then(|release| format!("{PREFIX}/releases/{release}").parse().ok());
    if let Some(location) = location {
        headers.insert(CONTENT_LOCATION, location);
    }
    answer
}

/// Says with a failure up to where the upload has come.
fn at(offset: u64, failure: Failure) -> Failure {
    failure.with_header(HeaderName::from_static("upload-offset"), HeaderValue::from(offset))
}
