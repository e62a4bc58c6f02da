//! A listener for those who run the server: metrics, and whether it is well.

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    http::{HeaderValue, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::get,
};

use crate::{
    answer::{Problem, not_found, wrong_method},
    health::{self, Health, Reader},
    listen_address::ListenAddress,
    metrics::{Metrics, Route},
    site::Site,
};

/// The port if none is named: the next one but that of the packages.
pub(crate) const DEFAULT_PORT: u16 = 8021;

/// Where the pages for those who run the server are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManagementSettings {
    /// Where to listen. Everybody who can connect reads everything there. Default `localhost:8021`.
    pub listen_address: ListenAddress,
}

impl Default for ManagementSettings {
    fn default() -> Self {
        Self { listen_address: ListenAddress::localhost(DEFAULT_PORT) }
    }
}

/// What the format is called.
const OPEN_METRICS: HeaderValue =
    HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");

/// What its requests are counted as.
pub(crate) fn routes() -> Vec<Route> {
    let mut routes = health::routes("management");
    routes.extend(Route::all_of("management", "", &["/metrics"]));
    routes
}

/// The pages.
pub(crate) fn site(metrics: Arc<Metrics>, health: &Arc<Health>) -> Site {
    let router = Router::new()
        .route("/metrics", get(answer))
        .fallback(not_found)
        .method_not_allowed_fallback(wrong_method)
        .with_state(metrics)
        .merge(health::pages(health, Reader::Operator));
    Site::from(router)
}

async fn answer(State(metrics): State<Arc<Metrics>>) -> Result<Response, Problem> {
    let text = metrics.text().await.map_err(|error| Problem::internal(&error))?;
    Ok(([(CONTENT_TYPE, OPEN_METRICS)], text).into_response())
}
