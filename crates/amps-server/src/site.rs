//! What a listener serves: routes, and a shorter way for what is asked for most.

use std::sync::Arc;

use amps_core::accounts::Login;
use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, Method, Response, Uri},
};
use ipnet::IpNet;

use crate::metrics::{NamedCache, Route};

/// The answers to all requests that come to a listener.
#[derive(Clone)]
pub(crate) struct Site {
    pub(crate) router: Router,
    pub(crate) shortcut: Option<Arc<dyn Shortcut>>,
    /// What requests are counted as. Whatever is not among them is counted as `other`.
    pub(crate) routes: Vec<Route>,
    /// Caches that are counted.
    pub(crate) caches: Vec<NamedCache>,
    /// Where logins are counted.
    pub(crate) logins: Option<Arc<Login>>,
    /// Who speaks for clients.
    pub(crate) trusted_proxies: Arc<[IpNet]>,
}

impl Site {
    /// The same with the routes of another, which has no shortcut.
    pub(crate) fn with(mut self, other: Self) -> Self {
        self.routes.extend(other.routes);
        self.caches.extend(other.caches);
        let logins = self.logins.or(other.logins);
        Self { router: self.router.merge(other.router), logins, ..self }
    }
}

impl From<Router> for Site {
    fn from(router: Router) -> Self {
        Self {
            router,
            shortcut: None,
            routes: Vec::new(),
            caches: Vec::new(),
            logins: None,
            trusted_proxies: [].into(),
        }
    }
}

/// Knows the answers to some requests that have no body. Routing and logging would cost more than they do.
pub(crate) trait Shortcut: Send + Sync {
    /// What the router would answer, if that is known without waiting for anything.
    fn answer(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Option<Response<Bytes>>;
}
