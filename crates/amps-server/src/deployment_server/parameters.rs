//! The parameters of a request: those of the query, or those of the form that a POST brings.

use std::collections::BTreeMap;

use ampkg::PackageId;
use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{HeaderMap, Method, StatusCode, header::CONTENT_TYPE},
};
use futures_util::stream;
use multer::Multipart;

use super::Context;
use crate::{answer::Problem, form};

/// The parameters of a request, by name. Where one comes twice the last counts, as in the Django server.
#[derive(Debug, Default)]
pub(super) struct Parameters(BTreeMap<String, String>);

impl Parameters {
    /// Those in a query or a form.
    pub(super) fn of_encoded(encoded: &[u8]) -> Self {
        Self(form_urlencoded::parse(encoded).into_owned().collect())
    }

    /// The value of a parameter.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The value of a parameter for which an empty one is as good as none.
    pub(super) fn filled(&self, name: &str) -> Option<&str> {
        self.value(name).filter(|value| !value.is_empty())
    }

    /// The package that the request is about; none if the text is not an id, and so not that of any package.
    pub(super) fn package_id(&self) -> Option<PackageId> {
        self.value("id")?.parse().ok()
    }

    /// Adds one, in place of the one before.
    pub(super) fn add(&mut self, name: String, value: String) {
        self.0.insert(name, value);
    }
}

impl FromRequest<Context> for Parameters {
    type Rejection = Problem;

    async fn from_request(request: Request, context: &Context) -> Result<Self, Problem> {
        let query = Self::of_encoded(request.uri().query().unwrap_or_default().as_bytes());
        if request.method() != Method::POST {
            return Ok(query);
        }
        let time = context.limits.head_time;
        if form::is_form(request.headers()) {
            return Ok(Self::of_encoded(&form::read(request.into_body(), time).await?));
        }
        match boundary(request.headers()) {
            Some(boundary) => of_multipart(form::read(request.into_body(), time).await?, boundary).await,
            None => Ok(query),
        }
    }
}

/// What stands between the parts of a multipart form, if a request says that its body is one.
pub(super) fn boundary(headers: &HeaderMap) -> Option<String> {
    multer::parse_boundary(headers.get(CONTENT_TYPE)?.to_str().ok()?).ok()
}

/// What a body is told that is not the form that it says it is.
pub(super) fn malformed(error: &multer::Error) -> Problem {
    Problem { status: StatusCode::BAD_REQUEST, code: "malformed-form", message: error.to_string() }
}

/// The fields of a multipart form that has arrived.
async fn of_multipart(body: Bytes, boundary: String) -> Result<Parameters, Problem> {
    let body = stream::iter([Ok::<_, std::convert::Infallible>(body)]);
    let mut parts = Multipart::new(body, boundary);
    let mut parameters = Parameters::default();
    while let Some(field) = parts.next_field().await.map_err(|error| malformed(&error))? {
        let Some(name) = field.name().map(str::to_owned) else { continue };
        let bytes = field.bytes().await.map_err(|error| malformed(&error))?;
        parameters.add(name, String::from_utf8_lossy(&bytes).into_owned());
    }
    Ok(parameters)
}
