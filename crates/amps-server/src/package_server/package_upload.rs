//! `/package/upload`: a package comes in, and is verified while it does.

use std::net::SocketAddr;

use amps_core::{Error, Origin, Provenance, Upload, UploadResult, audit::Channel};
use axum::{
    Extension, Json,
    body::{Body, HttpBody as _},
    extract::State,
    http::{HeaderMap, header::EXPECT},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use super::Context;
use crate::{
    access::{Denied, Permit, ToUpload, out_of_scope},
    answer::Problem,
    audit::AskedFrom,
    busy::busy,
    drain::drain,
    upload_body::{Pump, pump},
    upload_places::OpenUpload,
};

/// Always 200: the word is in `status`. Scripts in the field look there.
#[derive(Serialize)]
#[serde(tag = "status", rename_all = "lowercase")]
enum Answer {
    Ok { result: &'static str, id: String, architecture: String },
    Fail { message: String },
}

pub(super) async fn answer(
    permit: Result<Permit<ToUpload>, Denied>,
    State(context): State<Context>,
    peer: Option<Extension<SocketAddr>>,
    asked_from: AskedFrom,
    headers: HeaderMap,
    mut body: Body,
) -> Result<Response, Problem> {
    let permit = match permit {
        Ok(permit) => permit,
        Err(denied) => {
            refuse(&headers, &mut body).await;
            return Ok(denied.into_response());
        }
    };
    // Waiting here costs nothing but a connection: not a byte of the package is read before there is a thread for it.
    let Some(upload) = context.uploads.open().await else {
        refuse(&headers, &mut body).await;
        return Ok(busy("uploads"));
    };
    let peer = peer.map_or_else(|| "an unknown address".to_owned(), |Extension(peer)| peer.ip().to_string());
    let from = Provenance {
        origin: Origin::Http,
        name: format!("upload from {peer}"),
        by: permit.caller().bringing(&peer),
        cause: asked_from.cause(permit.caller(), Channel::PackageServer),
    };
    let bytes = body.size_hint().exact();
    let counted = context.access.count_upload(permit.caller(), bytes, &from.cause, "/package/upload");
    if let Err(refusal) = counted.await {
        refuse(&headers, &mut body).await;
        return Ok(refusal.into_response());
    }
    let OpenUpload { open, place, silent } = upload;
    let (reader, mut pump) = pump(body, place, silent, &context.settings.limits);
    let span = tracing::Span::current();
    let verifying = tokio::task::spawn_blocking(move || {
        let scope = permit.scope().cloned().unwrap_or_default();
        let upload = span.in_scope(|| context.store.upload_within(reader, &from, &scope));
        drop(open);
        upload
    });
    let pumped = pump.run().await;
    let upload = verifying.await.map_err(|error| Problem::internal(&error))?;
    if matches!(pumped, Pump::Refused) {
        // The answer would be lost if the connection were closed while the client still sends.
        pump.drain().await;
    }
    match upload.as_ref().err().and_then(out_of_scope) {
        Some(problem) => Err(problem),
        None => Ok(Json(word(upload)).into_response()),
    }
}

/// Reads what nobody wants, unless the client has asked whether to send it at all.
async fn refuse(headers: &HeaderMap, body: &mut Body) {
    if !headers.contains_key(EXPECT) {
        drain(body).await;
    }
}

fn word(upload: Result<Upload, Error>) -> Answer {
    match upload {
        Ok(upload) => Answer::Ok {
            result: match upload.result {
                UploadResult::Added => "added",
                UploadResult::Updated => "updated",
                UploadResult::Unchanged => "no changes",
            },
            id: upload.id.to_string(),
            architecture: upload.architecture.to_string(),
        },
        Err(error @ (Error::Refused(_) | Error::Source(_))) => Answer::Fail { message: error.chain() },
        Err(error) if error.is_disk_full() => {
            Answer::Fail { message: "the server has no room for the package: its disk is full".into() }
        }
        // What is wrong with the server is for its console, which has been told.
        Err(_) => Answer::Fail { message: "the server could not store the package".into() },
    }
}
