//! Errors of the API: `application/problem+json` (RFC 9457).

use std::borrow::Cow;

use amps_core::{
    Error,
    accounts::{AccountError, Kind},
};
use axum::{
    Json,
    http::{HeaderName, HeaderValue, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::checks::UploadCheck;
use crate::answer::{Problem, Told, blocking};

/// The media type of problems.
pub(super) const PROBLEM_JSON: &str = "application/problem+json";

/// What went wrong (RFC 9457).
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(super) struct ProblemBody {
    /// A name for the kind of problem: `urn:amps:problem:` and the code.
    #[serde(rename = "type")]
    kind: String,
    /// What the status means.
    title: String,
    /// The status.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What went wrong this time, for people.
    detail: String,
    /// The kind of problem as a stable word.
    code: String,
    /// The parameter, header or field that is wrong, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// What came of each check, if it is about a package that was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<UploadCheck>>, nullable = false)]
    checks: Option<Box<[UploadCheck]>>,
}

/// Why a request is not answered as it wishes to be.
#[derive(Debug)]
pub(crate) struct Failure {
    status: StatusCode,
    code: Cow<'static, str>,
    detail: String,
    field: Option<String>,
    headers: Vec<(HeaderName, HeaderValue)>,
    checks: Option<Box<[UploadCheck]>>,
}

impl Failure {
    pub(super) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            code: code.into(),
            detail: detail.into(),
            field: None,
            headers: Vec::new(),
            checks: None,
        }
    }

    /// There is no such thing, or not for this caller.
    pub(super) fn unknown(what: &str) -> Self {
        Problem::unknown(what).into()
    }

    /// Something in the request is not as documented.
    pub(super) fn bad(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, detail)
    }

    /// The same in a parameter, header or field.
    pub(super) fn field(code: &'static str, field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..Self::bad(code, detail) }
    }

    /// What stands in a field is well-formed, and yet not taken.
    pub(super) fn refused(code: &'static str, field: &str, detail: String) -> Self {
        Self { field: Some(field.into()), ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail) }
    }

    /// What was sent is of a kind that is not taken here.
    pub(super) fn media_type(expected: &str) -> Self {
        let detail = format!("the body is not of a kind that is taken here: expected {expected}");
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", detail)
    }

    /// It is not what `If-Match` expects it to be.
    pub(super) fn changed() -> Self {
        let detail = "it is not, or not any more, what the request expects it to be";
        Self::new(StatusCode::PRECONDITION_FAILED, "precondition-failed", detail)
    }

    /// Why a package was not taken in.
    pub(super) fn of_upload(error: Error) -> Self {
        match error {
            Error::Refused(refusal) => {
                let status = match refusal {
                    amps_core::Refusal::OutOfScope { .. } => StatusCode::FORBIDDEN,
                    _ => StatusCode::UNPROCESSABLE_ENTITY,
                };
                let code = if status == StatusCode::FORBIDDEN { "out-of-scope" } else { refusal.class() };
                Self::new(status, code, Error::Refused(refusal).chain())
            }
            Error::Source(source) if source.kind() == std::io::ErrorKind::TimedOut => {
                Self::new(StatusCode::REQUEST_TIMEOUT, "incomplete-body", source.to_string())
            }
            error @ Error::Source(_) => Self::bad("incomplete-body", error.chain()),
            error if error.is_disk_full() => {
                let detail = "the server has no room for the package: its disk is full";
                Self::new(StatusCode::INSUFFICIENT_STORAGE, "disk-full", detail)
            }
            error => Problem::internal(&error).into(),
        }
    }

    #[must_use]
    pub(super) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The same with what came of each check; nothing is said if nothing is known.
    #[must_use]
    pub(super) fn with_checks(mut self, checks: Vec<UploadCheck>) -> Self {
        self.checks = (!checks.is_empty()).then(|| checks.into());
        self
    }

    /// Its code and what it says, for keeping.
    pub(super) fn into_words(self) -> (u16, String, String) {
        (self.status.as_u16(), self.code.into_owned(), self.detail)
    }

    /// One that was kept.
    pub(super) fn of_words(status: u16, code: String, detail: String) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self { status, code: code.into(), detail, field: None, headers: Vec::new(), checks: None }
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::new(problem.status, problem.code, problem.message)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Problem::from(error).into()
    }
}

impl From<AccountError> for Failure {
    fn from(error: AccountError) -> Self {
        let conflict = |code| Self::new(StatusCode::CONFLICT, code, error.to_string());
        match &error {
            AccountError::Exists { .. } => conflict("exists"),
            AccountError::InUse { .. } => conflict("in-use"),
            AccountError::TooMany { .. } => conflict("too-many"),
            // The vendor's user is the only thing that is named in a body.
            AccountError::Missing { kind: Kind::User, .. } => {
                Self::refused("missing-user", "user", error.to_string())
            }
            AccountError::Missing { kind, .. } => Self::unknown(&kind.to_string()),
            AccountError::Password(_) => Self::refused("invalid-password", "password", error.to_string()),
            AccountError::TooLong { .. } => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "too-long", error.to_string())
            }
            _ => Problem::internal(&error).into(),
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let body = ProblemBody {
            kind: format!("urn:amps:problem:{}", self.code),
            title: self.status.canonical_reason().unwrap_or("Error").into(),
            status: self.status.as_u16(),
            detail: self.detail,
            code: self.code.into_owned(),
            field: self.field,
            checks: self.checks,
        };
        let mut answer = (self.status, Json(body)).into_response();
        let headers = answer.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        headers.extend(self.headers);
        answer
    }
}

/// Says problems of what the API has in common with others as the API does.
pub(super) async fn say(answer: Response) -> Response {
    let Some(told) = answer.extensions().get::<Told>().cloned() else { return answer };
    let (parts, _) = answer.into_parts();
    let said = Failure::new(parts.status, told.code, told.message).into_response();
    let (mut head, body) = said.into_parts();
    for (name, value) in &parts.headers {
        if !head.headers.contains_key(name) && name != axum::http::header::CONTENT_LENGTH {
            head.headers.append(name, value.clone());
        }
    }
    Response::from_parts(head, body)
}

/// Runs work that may wait for the disk or the catalog, or takes long, away from the network's threads.
pub(super) async fn work<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    blocking(move || Ok(work())).await?
}
