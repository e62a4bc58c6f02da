//! The parameters of a request: those of the query, and for a POST those of a form body too.

use std::{collections::BTreeMap, time::Duration};

use amps_core::{DeviceView, PackageId, PackageServerToken};
use axum::{
    body::{Body, Bytes},
    extract::{FromRequest, Request},
    http::{Method, StatusCode, header::CONTENT_TYPE},
};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use tokio::time::timeout;

use super::Context;
use crate::{answer::Problem, drain::drain};

/// Bytes that a form may have; ids, architectures and filters need a fraction of it.
const FORM_BYTES: usize = 64 * 1024;

/// The parameters of a request, by name. Where one comes twice the first counts, and the query goes before the form.
pub(super) struct Parameters(BTreeMap<String, String>);

impl Parameters {
    /// The value of a parameter; an empty one is as good as none.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Whether a parameter was given, if only as an empty text.
    pub(super) fn is_given(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The package that the request is about; none if the text is not an id, and so not that of any package.
    pub(super) fn package_id(&self) -> Option<PackageId> {
        self.value("id")?.parse().ok()
    }

    /// The architecture of the device that asks. A text that is none is that of no binary: such a device gets what runs
    /// everywhere.
    pub(super) fn architecture(&self) -> Option<PackageServerToken> {
        self.value("architecture")?.parse().ok()
    }

    /// What the request says of the device.
    pub(super) fn view(&self) -> DeviceView {
        DeviceView::package_server(self.architecture())
    }

    fn add(&mut self, encoded: &[u8]) {
        for (name, value) in form_urlencoded::parse(encoded) {
            self.0.entry(name.into_owned()).or_insert_with(|| value.into_owned());
        }
    }
}

impl FromRequest<Context> for Parameters {
    type Rejection = Problem;

    async fn from_request(request: Request, context: &Context) -> Result<Self, Problem> {
        let mut parameters = Self(BTreeMap::new());
        parameters.add(request.uri().query().unwrap_or_default().as_bytes());
        if request.method() == Method::POST && is_form(&request) {
            parameters.add(&form(request.into_body(), context.settings.limits.head_time).await?);
        }
        Ok(parameters)
    }
}

fn is_form(request: &Request) -> bool {
    request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).is_some_and(|kind| {
        let essence = kind.split(';').next().unwrap_or_default().trim();
        essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
    })
}

/// Reads a form. It is as short as a head, and has as long to arrive.
async fn form(mut body: Body, time: Duration) -> Result<Bytes, Problem> {
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
