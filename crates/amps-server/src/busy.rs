//! The answer of a server that has too much to do.

use axum::{
    http::{HeaderValue, StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Response},
};

use crate::answer::Problem;

/// After how many seconds a client may try again: an upload or a download of usual size has ended by then.
pub(crate) const RETRY_AFTER_SECONDS: HeaderValue = HeaderValue::from_static("5");

/// 503, and when to come again. `what` there are too many of.
pub(crate) fn busy(what: &str) -> Response {
    ([(RETRY_AFTER, RETRY_AFTER_SECONDS)], too_many(what)).into_response()
}

/// The same without saying when.
pub(crate) fn too_many(what: &str) -> Problem {
    Problem {
        status: StatusCode::SERVICE_UNAVAILABLE,
        code: "busy",
        message: format!("there are too many {what} already: try again later"),
    }
}
