//! From where a request comes, for the audit trail.

use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
};

use amps_core::audit::{Cause, Channel};
use axum::{
    extract::FromRequestParts,
    http::{Extensions, HeaderMap, HeaderValue, request::Parts},
};

use crate::{
    access::{Access, Caller, Guards},
    trusted_proxies::client,
};

/// The id of a request, as its answer will have it: an extension of the request.
#[derive(Clone)]
pub(crate) struct GivenId(pub(crate) HeaderValue);

/// From where a request comes: the address, and the id. Cheap to make, because most requests need it for nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct AskedFrom {
    address: Option<IpAddr>,
    request: Option<HeaderValue>,
}

impl AskedFrom {
    /// What the connection says, and the proxy at its other end if it is trusted.
    pub(crate) fn of(extensions: &Extensions, headers: &HeaderMap, access: &Access) -> Self {
        let peer: Option<&SocketAddr> = extensions.get();
        let address = peer.map(|peer| client(headers, peer.ip().to_canonical(), access.trusted_proxies()));
        Self { address, request: extensions.get::<GivenId>().map(|id| id.0.clone()) }
    }

    /// Who asks, and from where.
    pub(crate) fn cause(self, caller: &Caller, channel: Channel) -> Cause {
        let request = self.request.and_then(|id| id.to_str().ok()?.parse().ok());
        Cause { actor: caller.actor(), channel, address: self.address, request }
    }
}

impl<S: Guards> FromRequestParts<S> for AskedFrom {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.extensions, &parts.headers, state.access()))
    }
}
