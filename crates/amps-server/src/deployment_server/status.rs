//! Answers that are one word: `{"status": …}`.

use axum::{
    Json,
    http::{HeaderValue, header::CACHE_CONTROL},
    response::{IntoResponse, Response},
};
use serde::Serialize;

/// The word. It depends on who asks and when, so nobody may keep it.
pub(super) struct Status(pub(super) &'static str);

/// What it is sent as.
#[derive(Serialize)]
pub(super) struct Word<'w> {
    pub(super) status: &'w str,
}

impl IntoResponse for Status {
    fn into_response(self) -> Response {
        not_kept(Json(Word { status: self.0 }))
    }
}

/// An answer for this one request.
pub(super) fn not_kept(answer: impl IntoResponse) -> Response {
    ([(CACHE_CONTROL, HeaderValue::from_static("no-store"))], answer).into_response()
}
