//! `/uploads/tus`: resumable uploads by tus 1.0, with the extensions creation, termination and expiration.

mod append;
mod begin;
mod finish;
mod headers;
mod look;

use std::{net::SocketAddr, sync::Arc};

use amps_core::accounts::DownloadToken;
use axum::{
    Extension,
    http::{HeaderValue, StatusCode},
    middleware::map_response,
    response::Response,
    routing::MethodRouter,
};

use super::{Context, Failure, operations::Operations, problem::work, uploads::address};
use crate::{
    access::{Caller, Permit},
    answer::Problem,
    partial_uploads::{Owner, PartialUpload},
};
pub(super) use finish::finish_complete;
pub(super) use headers::TusVersion;

/// The version that is spoken.
const VERSION: HeaderValue = HeaderValue::from_static("1.0.0");

pub(super) fn operations(operations: Operations) -> Operations {
    let operations = begin::operations(operations);
    let operations = append::operations(operations);
    look::operations(operations)
}

/// Says with every answer which version is spoken.
fn versioned(methods: MethodRouter<Context>) -> MethodRouter<Context> {
    methods.layer(map_response(async |mut answer: Response| {
        answer.headers_mut().insert("tus-resumable", VERSION);
        answer
    }))
}

/// Whose an upload is that somebody begins or goes on with.
fn owner<N>(permit: &Permit<N>, peer: Option<Extension<SocketAddr>>) -> Owner {
    let (token, user) = match permit.caller() {
        Caller::Token(token) => (Some(token.name.to_string()), None),
        Caller::User(user) => (None, Some(user.name.to_string())),
        Caller::Anonymous => (None, None),
    };
    Owner { token, user, address: address(peer) }
}

/// The upload of a name, if it is this owner's.
async fn find(context: &Context, name: DownloadToken, owner: Owner) -> Result<Arc<PartialUpload>, Failure> {
    let context = context.clone();
    let found = work(move || Ok(context.partial_uploads.find(&name, &owner, context.clock.now())));
    found.await?.ok_or_else(|| Failure::unknown("upload"))
}

/// What the disk says.
fn disk(error: &std::io::Error) -> Failure {
    use std::io::ErrorKind::{QuotaExceeded, StorageFull};
    if matches!(error.kind(), StorageFull | QuotaExceeded) {
        let detail = "the server has no room for the upload: its disk is full";
        return Failure::new(StatusCode::INSUFFICIENT_STORAGE, "disk-full", detail);
    }
    Problem::internal(error).into()
}
