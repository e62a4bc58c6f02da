//! The headers of tus.

use amps_core::Timestamp;
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, StatusCode, request::Parts},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use utoipa::ToSchema;

use super::VERSION;
use crate::api::{Failure, extract::NoQuery};

/// Bytes in what a client says of an upload, inclusive.
const METADATA_BYTES: usize = 4096;

/// The versions of tus that are spoken.
#[derive(ToSchema)]
#[allow(dead_code, reason = "for the document")]
pub(in crate::api) enum TusVersion {
    #[serde(rename = "1.0.0")]
    V1,
}

/// That the client speaks the version that is spoken here, and that there is no query.
pub(super) struct Spoken;

impl<S: Sync> FromRequestParts<S> for Spoken {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        NoQuery::from_request_parts(parts, state).await?;
        if parts.headers.get("tus-resumable") == Some(&VERSION) {
            return Ok(Self);
        }
        let detail = "the header Tus-Resumable is not the version that is spoken here: expected 1.0.0";
        Err(Failure::new(StatusCode::PRECONDITION_FAILED, "tus-version", detail)
            .with_header(axum::http::HeaderName::from_static("tus-version"), VERSION))
    }
}

/// A number of bytes.
pub(super) fn bytes(headers: &HeaderMap, name: &'static str) -> Result<u64, Failure> {
    let invalid =
        || Failure::field("invalid-header", name, format!("expected {name} with a number of bytes"));
    let text = headers.get(name).and_then(|value| value.to_str().ok()).ok_or_else(invalid)?;
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(invalid());
    }
    text.parse().map_err(|_| invalid())
}

/// What a client says of an upload: keys with values in base64. It is kept, and told again.
pub(super) fn metadata(headers: &HeaderMap) -> Result<Option<String>, Failure> {
    const NAME: &str = "Upload-Metadata";
    let Some(value) = headers.get(NAME) else { return Ok(None) };
    let invalid = |detail: String| Failure::field("invalid-header", NAME, detail);
    if value.len() > METADATA_BYTES {
        let found = value.len();
        return Err(invalid(format!("{NAME} has {found} bytes: expected at most {METADATA_BYTES}")));
    }
    let text = value.to_str().unwrap_or_default().trim();
    let is_pair = |pair: &str| {
        let (key, value) = pair.trim().split_once(' ').unwrap_or((pair.trim(), ""));
        let is_key = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_graphic());
        is_key && BASE64_STANDARD.decode(value.trim()).is_ok()
    };
    if text.split(',').all(is_pair) {
        Ok(Some(text.to_owned()))
    } else {
        Err(invalid(format!("{NAME} is expected to be keys with values in base64")))
    }
}

/// When an upload is forgotten.
pub(super) fn expires(at: i64) -> Option<HeaderValue> {
    HeaderValue::from_str(&httpdate::fmt_http_date(Timestamp(at).system_time()?)).ok()
}
