//! The parameters of a request: those of the query, and for a POST those of a form body too.

use std::collections::BTreeMap;

use amps_core::{DeviceView, PackageId, PackageServerToken};
use axum::{
    extract::{FromRequest, Request},
    http::Method,
};

use super::Context;
use crate::{answer::Problem, form};

/// The parameters of a request, by name. Where one comes twice the first counts, and the query goes before the form.
pub(super) struct Parameters(BTreeMap<String, String>);

impl Parameters {
    /// Those of a query.
    pub(super) fn of_query(query: &str) -> Self {
        let mut parameters = Self(BTreeMap::new());
        parameters.add(query.as_bytes());
        parameters
    }

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
        let mut parameters = Self::of_query(request.uri().query().unwrap_or_default());
        if request.method() == Method::POST && form::is_form(request.headers()) {
            parameters.add(&form::read(request.into_body(), context.settings.limits.head_time).await?);
        }
        Ok(parameters)
    }
}
