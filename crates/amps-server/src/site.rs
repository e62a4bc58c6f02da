//! What a listener serves: routes, and a shorter way for what is asked for most.

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, Method, Response, Uri},
};

/// The answers to all requests that come to a listener.
#[derive(Clone)]
pub(crate) struct Site {
    pub(crate) router: Router,
    pub(crate) shortcut: Option<Arc<dyn Shortcut>>,
}

impl From<Router> for Site {
    fn from(router: Router) -> Self {
        Self { router, shortcut: None }
    }
}

/// Knows the answers to some requests that have no body. Routing and logging would cost more than they do.
pub(crate) trait Shortcut: Send + Sync {
    /// What the router would answer, if that is known without waiting for anything.
    fn answer(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Option<Response<Bytes>>;
}
