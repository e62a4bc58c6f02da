//! `/uploads`: a package comes in one request, and is verified while it does.

use std::{net::SocketAddr, sync::Arc};

use amps_core::{Error, Origin, Provenance, Upload as Taken, UploadResult};
use axum::{
    Extension, Json,
    body::{Body, HttpBody as _},
    extract::State,
    http::{
        HeaderMap, StatusCode,
        header::{EXPECT, LOCATION},
    },
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Context, Failure,
    author::Author,
    checks::{self, UploadCheck},
    extract::{NoQuery, media_type},
    operations::{Operations, PREFIX},
    problem::work,
    release::{Release, Uploader},
    releases::described,
    responses::{BodyBytes, MediaType, NoLength, NoRoom, Refused, TimedOut, TooMany},
};
use crate::{
    access::{Denied, Permit, ToUpload},
    answer::Problem,
    busy::busy,
    drain::drain,
    upload_body::{Pump, pump},
    upload_checks::UploadChecks,
    upload_places::OpenUpload,
};

/// What an upload has done.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct UploadOutcome {
    /// How the store has changed.
    result: Outcome,
    /// The release that the package is now.
    release: Release,
    /// What is legal, but not as it should be.
    warnings: Vec<String>,
    /// What came of each check.
    checks: Vec<UploadCheck>,
}

/// How an upload has changed the store.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
enum Outcome {
    /// There was none of that id and architecture.
    Added,
    /// It took the place of another one of that id and architecture, at least in what a package server shows.
    Updated,
    /// It was there already, byte for byte.
    Unchanged,
}

pub(super) fn operations(operations: Operations) -> Operations {
    operations.add(__path_upload, upload)
}

/// Upload a package
///
/// The body is the package. It is verified while it arrives, and appears in one step or not at all.
#[utoipa::path(
    post, path = "/uploads", tag = "uploads",
    request_body(content = BodyBytes, content_type = "application/octet-stream", description = "The package."),
    responses(
        (status = 201, description = "It is a release now.", body = UploadOutcome, headers(("Location" = String, description = "The release."))),
        (status = 200, description = "It was there already.", body = UploadOutcome, headers(("Location" = String, description = "The release."))),
        MediaType, TimedOut, NoLength, Refused, TooMany, NoRoom,
    ),
)]
async fn upload(
    permit: Result<Permit<ToUpload>, Denied>,
    author: Author,
    query: Result<NoQuery, Failure>,
    State(context): State<Context>,
    peer: Option<Extension<SocketAddr>>,
    headers: HeaderMap,
    mut body: Body,
) -> Response {
    let permit = match (permit, query) {
        (Err(denied), _) => return refuse(denied, &headers, &mut body).await,
        (_, Err(failure)) => return refuse(failure, &headers, &mut body).await,
        (Ok(permit), Ok(_)) => permit,
    };
    if media_type(&headers).is_some_and(|kind| kind != "application/octet-stream") {
        return refuse(Failure::media_type("application/octet-stream"), &headers, &mut body).await;
    }
    // Waiting here costs nothing but a connection: not a byte of the package is read before there is a thread for it.
    let Some(place) = context.uploads.open().await else {
        return refuse(busy("uploads"), &headers, &mut body).await;
    };
    let peer = address(peer);
    let from = Provenance {
        origin: Origin::Http,
        name: format!("upload from {peer}"),
        by: permit.caller().bringing(&peer),
        cause: author.cause(),
    };
    let bytes = body.size_hint().exact();
    let counted = context.access.count_upload(permit.caller(), bytes, &from.cause, "/api/v1/uploads");
    if let Err(refusal) = counted.await {
        return refuse(refusal, &headers, &mut body).await;
    }
    take_in(permit, context, from, place, body).await.unwrap_or_else(IntoResponse::into_response)
}

async fn take_in(
    permit: Permit<ToUpload>,
    context: Context,
    from: Provenance,
    place: OpenUpload,
    body: Body,
) -> Result<Response, Failure> {
    let OpenUpload { open, place, silent } = place;
    let (reader, mut pump) = pump(body, place, silent, &context.settings.limits);
    let (span, store) = (tracing::Span::current(), context.store.clone());
    let verifying = tokio::task::spawn_blocking(move || {
        let scope = permit.scope().cloned().unwrap_or_default();
        let checks = Arc::new(UploadChecks::default());
        let upload = span.in_scope(|| store.upload_watched(reader, &from, &scope, &checks.watch()));
        drop(open);
        (upload, checks::ended(&checks.verdicts()))
    });
    let pumped = pump.run().await;
    let (upload, checks) = verifying.await.map_err(|error| Problem::internal(&error))?;
    if matches!(pumped, Pump::Refused) {
        // The answer would be lost if the connection were closed while the client still sends.
        pump.drain().await;
    }
    match upload {
        Ok(taken) => outcome(&context, taken, checks).await,
        Err(error @ Error::Refused(_)) => Err(Failure::of_upload(error).with_checks(checks)),
        Err(error) => Err(Failure::of_upload(error)),
    }
}

/// The answer to an upload that was taken in.
async fn outcome(context: &Context, taken: Taken, checks: Vec<UploadCheck>) -> Result<Response, Failure> {
    let offer = context.words.now(&context.store, &context.accounts).await?;
    let shared = context.clone();
    let (sequence, result) = (taken.sequence, result(taken.result));
    let outcome = work(move || {
        // Somebody may have removed it already.
        let release = shared.store.release(taken.sequence)?.ok_or_else(|| Failure::unknown("release"))?;
        let release = described(&shared, &release, &offer.words, Uploader::Shown)?;
        Ok(UploadOutcome { result, release, warnings: taken.warnings, checks })
    })
    .await?;
    let status = match result {
        Outcome::Unchanged => StatusCode::OK,
        Outcome::Added | Outcome::Updated => StatusCode::CREATED,
    };
    let location = [(LOCATION, format!("{PREFIX}/releases/{}", sequence.0))];
    Ok((status, location, Json(outcome)).into_response())
}

fn result(result: UploadResult) -> Outcome {
    match result {
        UploadResult::Added => Outcome::Added,
        UploadResult::Updated => Outcome::Updated,
        UploadResult::Unchanged => Outcome::Unchanged,
    }
}

/// Where a request comes from, for people.
pub(super) fn address(peer: Option<Extension<SocketAddr>>) -> String {
    peer.map_or_else(|| "an unknown address".to_owned(), |Extension(peer)| peer.ip().to_string())
}

/// Answers before the body was read; reads what nobody wants, unless the client has asked whether to send it at all.
pub(super) async fn refuse(answer: impl IntoResponse, headers: &HeaderMap, body: &mut Body) -> Response {
    if !headers.contains_key(EXPECT) {
        drain(body).await;
    }
    answer.into_response()
}
