//! `/releases`: each release of a package.

use std::sync::Arc;

use amps_core::{BlobError, Error, HardwareId, Origin, Release as Known, Security, Sequence, accounts::Role};
use axum::{
    extract::State,
    http::{
        HeaderValue, StatusCode,
        header::{CONTENT_SECURITY_POLICY, X_CONTENT_TYPE_OPTIONS},
    },
    middleware::from_fn_with_state,
    response::Response,
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    Context, Failure,
    author::Author,
    extract::{Named, NoQuery, Query},
    number::Number,
    operations::Operations,
    problem::work,
    release::{Release, Uploader},
    representation::{Expected, answer},
    responses::{Changed, NoSuchRange, NotFound},
};
use crate::{
    access::{Permit, ToRead, ToRemove},
    audit::note_signed,
    client_device::ClientDevice,
    content::{Asked, Content},
    deployment_server::Words,
    limits::ServerLimits,
    open_downloads::{self, OpenDownloads},
};

const MEDIA_TYPE: &str = "application/octet-stream";

/// For whom a package is to be signed.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct Download {
    /// The device that the store's signature is for, if the store signs; without it, it is for any device.
    #[param(min_length = 1)]
    hardware_id: Option<String>,
}

pub(super) fn operations(operations: Operations, limits: &ServerLimits, is_signing: bool) -> Operations {
    let limited = || from_fn_with_state(OpenDownloads::new(limits), open_downloads::limit);
    // An icon has no open file, but up to some megabytes of memory.
    let (icons, downloads) = (limited(), limited());
    let download = operations.rates().for_download(is_signing);
    operations
        .add(__path_show, show)
        .add_for(download, __path_package, package, |methods| methods.layer(downloads))
        .add_within(__path_icon, icon, |methods| methods.layer(icons))
        .add(__path_remove, remove)
}

/// Show a release
#[utoipa::path(
    get, path = "/releases/{sequence}", tag = "releases",
    params(("sequence" = u64, Path, description = "The release's number.")),
    responses((status = 200, description = "The release.", body = Release), NotFound),
)]
async fn show(
    permit: Permit<ToRead>,
    Named(Number(sequence)): Named<Number>,
    _: NoQuery,
    State(context): State<Context>,
    asked: Asked,
) -> Result<Response, Failure> {
    let offer = context.words.now(&context.store, &context.accounts).await?;
    let uploader = uploader(&context, &permit);
    let shared = context.clone();
    answer(&context, asked, move || {
        let release = find(&shared, &permit, sequence)?;
        described(&shared, &release, &offer.words, uploader)
    })
    .await
}

/// Download the package of a release
///
/// Signed for a device, if the store signs. Whoever has a client certificate gets it for the device of that.
#[utoipa::path(
    get, path = "/releases/{sequence}/package", tag = "releases",
    params(
        ("sequence" = u64, Path, description = "The release's number."), Download,
        ("Range" = Option<String>, Header, description = "Which bytes."),
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of what the client has."),
    ),
    responses(
        (status = 200, description = "The package.", content_type = "application/octet-stream"),
        (status = 206, description = "The bytes that were asked for.", content((String = "application/octet-stream"), (String = "multipart/byteranges"))),
        NotFound, NoSuchRange,
    ),
)]
async fn package(
    permit: Permit<ToRead>,
    author: Author,
    Named(Number(sequence)): Named<Number>,
    Query(download): Query<Download>,
    State(context): State<Context>,
    asked: Asked,
    client: ClientDevice,
) -> Result<Response, Failure> {
    // What the certificate says counts more than what the request says.
    let device = match client.certified(download.hardware_id.as_deref())? {
        certified @ Some(_) => certified,
        None => device(download.hardware_id)?.map(Arc::new),
    };
    let buffers = context.buffers.clone();
    let package = work(move || {
        let release = find(&context, &permit, sequence)?;
        let package = context.store.package_of(&release, device.as_deref(), Security::On);
        let package = package.map_err(|error| gone(&context, sequence, error))?;
        note_signed(&context.access, &package, device.as_deref(), &author.cause());
        Ok(package)
    })
    .await?;
    Ok(Content::of_package(package, MEDIA_TYPE).answer(&asked, &buffers))
}

/// Download the icon of a release
#[utoipa::path(
    get, path = "/releases/{sequence}/icon", tag = "releases",
    params(
        ("sequence" = u64, Path, description = "The release's number."),
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of what the client has."),
    ),
    responses(
        (status = 200, description = "The icon, as a media type of its own.", content_type = "*/*"),
        (status = 206, description = "The bytes that were asked for.", content_type = "*/*"),
        NotFound, NoSuchRange,
    ),
)]
async fn icon(
    permit: Permit<ToRead>,
    Named(Number(sequence)): Named<Number>,
    _: NoQuery,
    State(context): State<Context>,
    asked: Asked,
) -> Result<Response, Failure> {
    let buffers = context.buffers.clone();
    let icon = work(move || {
        let release = find(&context, &permit, sequence)?;
        let icon = context.store.icon_of(&release).map_err(|error| gone(&context, sequence, error))?;
        icon.ok_or_else(|| Failure::unknown("icon"))
    })
    .await?;
    let mut answer = Content::of_icon(icon).answer(&asked, &buffers);
    // An SVG may hold script, and any file may be taken for HTML: a browser is to run none of it.
    let headers = answer.headers_mut();
    let policy = HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; sandbox");
    headers.insert(CONTENT_SECURITY_POLICY, policy);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    Ok(answer)
}

/// Remove a release
///
/// If it is the one that a package server shows, the one before takes its place.
#[utoipa::path(
    delete, path = "/releases/{sequence}", tag = "releases",
    params(
        ("sequence" = u64, Path, description = "The release's number."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` that the release must have."),
    ),
    responses((status = 204, description = "It is gone."), NotFound, Changed),
)]
async fn remove(
    permit: Permit<ToRemove>,
    author: Author,
    Named(Number(sequence)): Named<Number>,
    _: NoQuery,
    expected: Expected,
    State(context): State<Context>,
) -> Result<StatusCode, Failure> {
    let offer = context.words.now(&context.store, &context.accounts).await?;
    let (uploader, cause) = (uploader(&context, &permit), author.cause());
    work(move || {
        let release = context.store.release(sequence)?.ok_or_else(|| Failure::unknown("release"))?;
        if !permit.has(&release.facts.id) {
            context.note_out_of_scope(&release.facts.id, &cause);
            return Err(Failure::unknown("release"));
        }
        expected.check(&described(&context, &release, &offer.words, uploader)?)?;
        if context.store.remove_release_because(sequence, Origin::Http, &cause)? {
            Ok(StatusCode::NO_CONTENT)
        } else {
            Err(Failure::unknown("release"))
        }
    })
    .await
}

/// The release of a number, if it is for this caller.
pub(super) fn find<N>(context: &Context, permit: &Permit<N>, sequence: Sequence) -> Result<Known, Failure> {
    let release = context.store.release(sequence)?.filter(|release| permit.has(&release.facts.id));
    release.ok_or_else(|| Failure::unknown("release"))
}

/// Everything about a release.
pub(super) fn described(
    context: &Context,
    release: &Known,
    words: &Words,
    uploader: Uploader,
) -> Result<Release, Failure> {
    let documents = context.store.documents(release.sequence)?;
    let documents = documents.ok_or_else(|| Failure::unknown("release"))?;
    let entry = context.accounts.store_entry(release.sequence)?;
    Ok(Release::new(release, &documents, entry, context.as_of(words), uploader))
}

/// Who uploaded something is for those who may upload, too.
pub(super) fn uploader<N>(context: &Context, permit: &Permit<N>) -> Uploader {
    if context.access.gives(permit.caller(), Role::Upload) { Uploader::Shown } else { Uploader::Hidden }
}

/// The device that a request is about.
pub(super) fn device(hardware_id: Option<String>) -> Result<Option<HardwareId>, Failure> {
    let device = hardware_id.map(HardwareId::new).transpose();
    device.map_err(|error| Failure::field("invalid-parameter", "hardwareId", error.to_string()))
}

/// What became of something that was removed while it was about to be opened.
pub(super) fn gone(context: &Context, sequence: Sequence, error: Error) -> Failure {
    let is_missing = matches!(error, Error::Blob(BlobError::NotFound { .. }));
    match context.store.release(sequence) {
        Ok(None) if is_missing => Failure::unknown("release"),
        _ => error.into(),
    }
}
