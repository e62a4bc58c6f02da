//! How much one client may ask for: each has a credit, which grows with time, and each request costs some of it.
//!
//! What all clients take together is bounded elsewhere (connections, requests, uploads, downloads, logins); this keeps one of them
//! from taking all of it. It costs nothing where nothing is charged: then no page has the layer.

mod accounts;
mod charge;
mod limits;

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header::RETRY_AFTER},
    response::{IntoResponse as _, Response},
};
use ipnet::IpNet;
use tokio::time::Instant;

use crate::{answer::Problem, client_network::ClientNetwork, trusted_proxies::client};
use accounts::Accounts;
pub(crate) use charge::{Charge, charged};
pub use limits::CreditLimits;

/// The credits of all clients, and what things cost. Cheap to clone; clones share the credits.
#[derive(Clone)]
pub(crate) struct Rates {
    pub(crate) costs: CreditLimits,
    accounts: Arc<Accounts>,
    trusted: Arc<[IpNet]>,
    start: Instant,
}

impl Rates {
    /// Nobody has spent anything yet.
    pub(crate) fn new(limits: &CreditLimits, trusted: &[IpNet]) -> Self {
        let accounts = Arc::new(Accounts::new(limits.most, limits.per_second));
        Self { costs: limits.free_if_unlimited(), accounts, trusted: trusted.into(), start: Instant::now() }
    }

    /// The same credits where others speak for clients.
    pub(crate) fn behind(&self, trusted: &[IpNet]) -> Self {
        Self { trusted: trusted.into(), ..self.clone() }
    }

    /// What a download costs.
    pub(crate) fn for_download(&self, is_signing: bool) -> Charge {
        let signature = if is_signing { self.costs.signature } else { 0 };
        Charge { request: self.costs.download.saturating_add(signature), mebibyte: self.costs.mebibyte }
    }

    /// Who is to pay for a request; none if nobody: this machine's own programs can do worse than asking, and a proxy that is
    /// not known as one is not to be taken for the one client of this server.
    fn payer(&self, headers: &HeaderMap, peer: Option<IpAddr>) -> Option<ClientNetwork> {
        let client = client(headers, peer?.to_canonical(), &self.trusted);
        (!client.is_loopback()).then(|| ClientNetwork::of(client))
    }

    fn now(&self) -> Duration {
        self.start.elapsed()
    }
}

/// 429, and when to come again.
fn too_much(wait: Duration) -> Response {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    let problem = Problem {
        status: StatusCode::TOO_MANY_REQUESTS,
        code: "too-many-requests",
        message: format!("this address asks for too much: try again in {seconds} seconds"),
    };
    ([(RETRY_AFTER, HeaderValue::from(seconds))], problem).into_response()
}
