//! Errors as answers, and work that must not block the network.

use std::error::Error as StdError;

use axum::{
    Extension, Json,
    extract::Request,
    http::{StatusCode, header::EXPECT},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use crate::drain::drain;

/// An answer that says what went wrong: a status, a stable code for machines, a text for people.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

/// What a problem says, as an extension of its answer: for whoever says it in another form.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

#[derive(Serialize)]
struct Body {
    error: &'static str,
    message: String,
}

impl Problem {
    /// There is no such thing.
    pub(crate) fn unknown(what: &str) -> Self {
        Self { status: StatusCode::NOT_FOUND, code: "not-found", message: format!("there is no such {what}") }
    }

    /// Something failed that is none of the client's business.
    pub(crate) fn internal(error: &(dyn StdError + 'static)) -> Self {
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            code: "internal",
            message: "the server could not answer; its log says why".into(),
        }
        .logged(error)
    }

    fn logged(self, error: &(dyn StdError + 'static)) -> Self {
        tracing::error!(error = amps_core::chain(error), "cannot answer a request");
        self
    }
}

impl From<amps_core::Error> for Problem {
    fn from(error: amps_core::Error) -> Self {
        Self::internal(&error)
    }
}

impl From<amps_core::accounts::AccountError> for Problem {
    fn from(error: amps_core::accounts::AccountError) -> Self {
        Self::internal(&error)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let told = Told { code: self.code, message: self.message.clone() };
        (self.status, Extension(told), Json(Body { error: self.code, message: self.message })).into_response()
    }
}

pub(crate) async fn not_found(request: Request) -> Problem {
    see_through(request).await;
    Problem::unknown("page")
}

pub(crate) async fn wrong_method(request: Request) -> Problem {
    let message = format!("{} is not for this page: see the header Allow", request.method());
    see_through(request).await;
    Problem { status: StatusCode::METHOD_NOT_ALLOWED, code: "wrong-method", message }
}

/// Reads a request that nobody wants, unless the client has asked whether to send it at all.
async fn see_through(request: Request) {
    if !request.headers().contains_key(EXPECT) {
        drain(&mut request.into_body()).await;
    }
}

/// Runs work that reads the disk or the catalog on a thread that may block.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let span = tracing::Span::current(); // it has the request's id
    match tokio::task::spawn_blocking(move || span.in_scope(work)).await {
        Ok(result) => result,
        Err(error) => Err(Problem::internal(&error)),
    }
}
