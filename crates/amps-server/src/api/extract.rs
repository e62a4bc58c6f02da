//! What requests say, as types: queries, bodies and names in paths. Whatever is not documented is refused.

use std::{borrow::Cow, str::FromStr, time::Duration};

use amps_core::Password;
use axum::{
    body::{Body, Bytes, HttpBody as _},
    extract::{FromRequest, FromRequestParts, OptionalFromRequest, Path, Request},
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE, request::Parts},
};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde::{Deserialize, Deserializer, de::DeserializeOwned, de::Error as _};
use tokio::time::timeout;

use super::{Context, Failure};
use crate::drain::drain;

/// Bytes that a body in JSON may have, inclusive: enough for a certificate, and much more than for everything else.
const JSON_BYTES: usize = 64 * 1024;

/// The parameters of a query.
pub(super) struct Query<T>(pub(super) T);

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let query = parts.uri.query().unwrap_or_default();
        let pairs = serde_urlencoded::Deserializer::new(form_urlencoded::parse(query.as_bytes()));
        serde_path_to_error::deserialize(pairs).map(Self).map_err(|error| {
            let field = error.path().to_string();
            at(field, "invalid-parameter", error.into_inner().to_string())
        })
    }
}

/// That there is no query.
pub(super) struct NoQuery;

impl<S: Sync> FromRequestParts<S> for NoQuery {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let query = parts.uri.query().unwrap_or_default();
        match form_urlencoded::parse(query.as_bytes()).next() {
            None => Ok(Self),
            Some((name, _)) => {
                let detail = format!("unknown parameter {}: expected none", ampkg::quoted(&name));
                Err(Failure::field("invalid-parameter", name, detail))
            }
        }
    }
}

/// What the last part of a path names. What cannot be a name is that of nothing.
pub(super) struct Named<T>(pub(super) T);

impl<S: Sync + Send, T: FromStr> FromRequestParts<S> for Named<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let unknown = || Failure::unknown("thing");
        let Path(name) = Path::<String>::from_request_parts(parts, state).await.map_err(|_| unknown())?;
        name.parse().map(Self).map_err(|_| unknown())
    }
}

/// A body in JSON.
pub(super) struct JsonBody<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<Context> for JsonBody<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, context: &Context) -> Result<Self, Failure> {
        let (parts, mut body) = request.into_parts();
        if media_type(&parts.headers).as_deref() != Some("application/json") {
            drain(&mut body).await;
            return Err(Failure::media_type("application/json"));
        }
        let text = read(body, JSON_BYTES, context.settings.limits.head_time).await?;
        // Fields without names, in their order, would be taken too.
        if text.trim_ascii_start().first() != Some(&b'{') {
            return Err(Failure::bad("invalid-body", "the body is not an object in JSON"));
        }
        let mut json = serde_json::Deserializer::from_slice(&text);
        let invalid = |field: String, error: serde_json::Error| at(field, "invalid-body", error.to_string());
        let value = serde_path_to_error::deserialize(&mut json)
            .map_err(|error| invalid(error.path().to_string(), error.into_inner()))?;
        json.end().map_err(|error| invalid(".".into(), error))?;
        Ok(Self(value))
    }
}

/// A body that may be missing.
impl<T: DeserializeOwned> OptionalFromRequest<Context> for JsonBody<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, context: &Context) -> Result<Option<Self>, Failure> {
        if request.body().is_end_stream() && !request.headers().contains_key(CONTENT_TYPE) {
            return Ok(None);
        }
        <Self as FromRequest<Context>>::from_request(request, context).await.map(Some)
    }
}

/// What is wrong at a place; `.` is no field.
fn at(field: String, code: &'static str, detail: String) -> Failure {
    if field == "." { Failure::bad(code, detail) } else { Failure::field(code, field, detail) }
}

/// The media type that a request says its body has, in lower case, without parameters.
pub(super) fn media_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(CONTENT_TYPE)?.to_str().unwrap_or("?");
    Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
}

/// Reads a whole body that is short.
pub(super) async fn read(mut body: Body, limit_bytes: usize, time: Duration) -> Result<Bytes, Failure> {
    match timeout(time, Limited::new(&mut body, limit_bytes).collect()).await {
        Ok(Ok(bytes)) => Ok(bytes.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            drain(&mut body).await;
            let detail = format!("the body has more than {limit_bytes} bytes");
            Err(Failure::new(StatusCode::PAYLOAD_TOO_LARGE, "body-too-large", detail))
        }
        Ok(Err(_)) => Err(Failure::bad("incomplete-body", "the body did not arrive")),
        Err(_) => Err(Failure::new(
            StatusCode::REQUEST_TIMEOUT,
            "incomplete-body",
            "the body did not arrive in time",
        )),
    }
}

/// A text that becomes a type.
#[derive(Clone, Debug)]
pub(super) struct Text<T>(pub(super) T);

impl<'de, T: FromStr<Err: std::fmt::Display>> Deserialize<'de> for Text<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        text.parse().map(Self).map_err(D::Error::custom)
    }
}

/// A password, which no message repeats.
pub(super) struct Secret(pub(super) Password);

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer).map_err(|_| D::Error::custom("expected a text"))?;
        Ok(Self(Password::new(text)))
    }
}

/// A field that may be missing, null or there: what is null goes.
#[allow(clippy::option_option, reason = "three cases: missing, null and there")]
pub(super) fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}
