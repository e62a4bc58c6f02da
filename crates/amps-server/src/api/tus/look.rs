//! How far an upload is, and giving it up.

use std::{net::SocketAddr, sync::Arc};

use amps_core::{Timestamp, accounts::DownloadToken};
use axum::{
    Extension,
    extract::State,
    http::{
        HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONTENT_LOCATION},
    },
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    disk, find,
    headers::{Spoken, TusVersion, expires},
    owner, versioned,
};
use crate::{
    access::{Permit, ToUpload},
    api::{
        Context, Failure,
        checks::{self, CheckVerdict, UploadCheck},
        extract::{Named, NoQuery},
        operations::{Operations, PREFIX},
        problem::work,
        representation::{answer, time},
        responses::{Changed, Conflict, NotFound},
    },
    content::Asked,
    partial_uploads::State as Progress,
};

/// An upload in pieces.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PartialUploadStatus {
    /// How far it is.
    state: UploadState,
    /// Bytes that have come.
    offset_bytes: u64,
    /// Bytes of the package.
    length_bytes: u64,
    /// When it is forgotten.
    #[schema(format = DateTime)]
    expires_at: String,
    /// The number of the release that it has become.
    release: Option<u64>,
    /// Why it was not taken in.
    refusal: Option<UploadRefusal>,
    /// What came of each check, as it comes. Empty if that is not known of an upload that has ended.
    checks: Vec<UploadCheck>,
    /// Bytes of the package that have been read for the checks, while it is verified.
    checked_bytes: Option<u64>,
}

/// How far an upload is.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
enum UploadState {
    Receiving,
    Verifying,
    Published,
    Refused,
}

/// Why an upload was not taken in.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct UploadRefusal {
    /// The kind of refusal as a stable word.
    code: String,
    /// The same for people.
    detail: String,
}

pub(super) fn operations(operations: Operations) -> Operations {
    operations
        .add_within(__path_show, show, versioned)
        .add_within(__path_offset, offset, versioned)
        .add_within(__path_give_up, give_up, versioned)
}

/// Show an upload
#[utoipa::path(
    get, path = "/uploads/tus/{upload}", tag = "resumable uploads",
    params(("upload" = String, Path, description = "The last part of the upload's `Location`.")),
    responses((status = 200, description = "How far it is.", body = PartialUploadStatus), NotFound),
)]
async fn show(
    permit: Permit<ToUpload>,
    Named(name): Named<DownloadToken>,
    _: NoQuery,
    State(context): State<Context>,
    peer: Option<Extension<SocketAddr>>,
    asked: Asked,
) -> Result<Response, Failure> {
    let upload = find(&context, name, owner(&permit, peer)).await?;
    answer(&context, asked, move || {
        let record = upload.record();
        let mut status = PartialUploadStatus {
            state: UploadState::Receiving,
            offset_bytes: upload.offset_bytes().map_err(|error| disk(&error))?,
            length_bytes: record.length_bytes,
            expires_at: time(Timestamp(record.expires_at)),
            release: None,
            refusal: None,
            checks: checks::ended(&record.checks),
            checked_bytes: None,
        };
        match record.state {
            Progress::Receiving => status.checks = checks::list(&[], CheckVerdict::Waiting),
            Progress::Publishing => {
                status.state = UploadState::Verifying;
                status.checks = checks::list(&upload.checks.verdicts(), CheckVerdict::Waiting);
                status.checked_bytes = Some(upload.checks.read_bytes());
            }
            Progress::Published { sequence } => {
                (status.state, status.release) = (UploadState::Published, Some(sequence));
            }
            Progress::Refused { code, detail, .. } => {
                (status.state, status.refusal) = (UploadState::Refused, Some(UploadRefusal { code, detail }));
            }
        }
        Ok(status)
    })
    .await
}

/// Tell how much has come
///
/// Of an upload that was refused nothing can be resumed: 410; `GET` says why.
#[utoipa::path(
    head, path = "/uploads/tus/{upload}", tag = "resumable uploads",
    params(
        ("upload" = String, Path, description = "The last part of the upload's `Location`."),
        ("Tus-Resumable" = TusVersion, Header, description = "The version of tus."),
    ),
    responses(
        (status = 200, description = "It is in the headers.", headers(
            ("Upload-Offset" = u64, description = "Bytes that have come."),
            ("Upload-Length" = u64, description = "Bytes of the package."),
            ("Tus-Resumable" = TusVersion, description = "The version."),
        )),
        NotFound, Changed,
        (status = 410, description = "It was refused."),
    ),
)]
async fn offset(
    permit: Permit<ToUpload>,
    Named(name): Named<DownloadToken>,
    _: NoQuery,
    _: Spoken,
    State(context): State<Context>,
    peer: Option<Extension<SocketAddr>>,
) -> Result<Response, Failure> {
    let upload = find(&context, name, owner(&permit, peer)).await?;
    let shared = Arc::clone(&upload);
    let offset = work(move || shared.offset_bytes().map_err(|error| disk(&error))).await?;
    let record = upload.record();
    let status = match record.state {
        Progress::Refused { .. } => StatusCode::GONE,
        _ => StatusCode::OK,
    };
    let mut answer = status.into_response();
    let headers = answer.headers_mut();
    headers.insert("upload-offset", HeaderValue::from(offset));
    headers.insert("upload-length", HeaderValue::from(record.length_bytes));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let metadata = record.metadata.and_then(|metadata| HeaderValue::from_str(&metadata).ok());
    let release = match record.state {
        Progress::Published { sequence } => format!("{PREFIX}/releases/{sequence}").parse().ok(),
        _ => None,
    };
    for (name, value) in [("upload-expires", expires(record.expires_at)), ("upload-metadata", metadata)] {
        if let Some(value) = value {
            headers.insert(name, value);
        }
    }
    if let Some(release) = release {
        headers.insert(CONTENT_LOCATION, release);
    }
    Ok(answer)
}

/// Give an upload up
///
/// What has come of it goes. A release that it has become stays.
#[utoipa::path(
    delete, path = "/uploads/tus/{upload}", tag = "resumable uploads",
    params(
        ("upload" = String, Path, description = "The last part of the upload's `Location`."),
        ("Tus-Resumable" = TusVersion, Header, description = "The version of tus."),
    ),
    responses((status = 204, description = "It is gone.", headers(("Tus-Resumable" = TusVersion, description = "The version."))), NotFound, Conflict, Changed),
)]
async fn give_up(
    permit: Permit<ToUpload>,
    Named(name): Named<DownloadToken>,
    _: NoQuery,
    _: Spoken,
    State(context): State<Context>,
    peer: Option<Extension<SocketAddr>>,
) -> Result<StatusCode, Failure> {
    let upload = find(&context, name.clone(), owner(&permit, peer)).await?;
    let busy = Arc::clone(&upload.busy).try_lock_owned().map_err(|_| {
        Failure::new(StatusCode::CONFLICT, "upload-busy", "another request is adding to this upload")
    })?;
    work(move || {
        context.partial_uploads.remove(&name);
        drop(busy);
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}
