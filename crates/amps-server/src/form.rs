//! Forms: the short bodies in which parameters come.

use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE},
};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use tokio::time::timeout;

use crate::{answer::Problem, drain::drain};

/// Bytes that a form may have; ids, architectures and filters need a fraction of it.
pub(crate) const FORM_BYTES: usize = 64 * 1024;

/// Whether a request says that its body is a form.
pub(crate) fn is_form(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).is_some_and(|kind| {
        let essence = kind.split(';').next().unwrap_or_default().trim();
        essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
    })
}

/// Reads a form. It is as short as a head, and has as long to arrive.
pub(crate) async fn read(mut body: Body, time: Duration) -> Result<Bytes, Problem> {
    let incomplete =
        |status, message: &str| Problem { status, code: "incomplete-body", message: message.into() };
    match timeout(time, Limited::new(&mut body, FORM_BYTES).collect()).await {
        Ok(Ok(form)) => Ok(form.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            drain(&mut body).await;
            Err(Problem {
                status: StatusCode::PAYLOAD_TOO_LARGE,
                code: "form-too-large",
                message: format!("the form has more than {FORM_BYTES} bytes"),
            })
        }
        Ok(Err(_)) => Err(incomplete(StatusCode::BAD_REQUEST, "the form did not arrive")),
        Err(_) => Err(incomplete(StatusCode::REQUEST_TIMEOUT, "the form did not arrive in time")),
    }
}
