//! Under which host a client reaches this server, and from which address, as far as that can be believed.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::http::{HeaderMap, Uri, header::HOST, request::Parts};
use ipnet::IpNet;

use crate::{
    client_device::Secured,
    foreign_origin::{is_foreign, is_own},
    trusted_proxies::{client, is_among, last_value},
};

/// Bytes of a host with its port: 253 of a name, and what goes around it.
pub(crate) const HOST_BYTES: usize = 300;

/// Where a request was sent to, and by whom.
///
/// What a proxy says of that counts only if the connection comes from one that is trusted: anybody can send such headers. Of
/// several values the last one counts, which is the one that this proxy has added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reached {
    pub(crate) scheme: &'static str,
    /// None if the request names none, or something that is not a host.
    pub(crate) host: Option<String>,
    /// Where the request comes from.
    pub(crate) client: Option<IpAddr>,
    /// Whether the connection comes from a proxy that is believed.
    pub(crate) is_proxied: bool,
    /// Whether a page of another origin sends it.
    pub(crate) is_foreign: bool,
    /// Whether a page of this server sends it, as the browser says.
    pub(crate) is_own: bool,
}

impl Reached {
    /// `scheme` is what the connection itself is.
    pub(crate) fn of(
        headers: &HeaderMap,
        uri: &Uri,
        peer: Option<SocketAddr>,
        scheme: &'static str,
        trusted: &[IpNet],
    ) -> Self {
        let peer = peer.map(|peer| peer.ip().to_canonical());
        let is_proxied = peer.is_some_and(|peer| is_among(trusted, peer));
        let forwarded = |name: &str| if is_proxied { last_value(headers, name) } else { None };
        let host = forwarded("x-forwarded-host")
            .or_else(|| headers.get(HOST)?.to_str().ok())
            .or_else(|| uri.authority().map(axum::http::uri::Authority::as_str))
            .filter(|host| is_host(host));
        let scheme = match forwarded("x-forwarded-proto") {
            Some(scheme) if scheme.eq_ignore_ascii_case("https") => "https",
            Some(_) => "http",
            None => scheme,
        };
        Self {
            scheme,
            client: peer.map(|peer| client(headers, peer, trusted)),
            is_proxied,
            is_foreign: is_foreign(headers, host),
            is_own: is_own(headers, host),
            host: host.map(str::to_owned),
        }
    }

    /// The same of a request's head.
    pub(crate) fn of_parts(parts: &Parts, trusted: &[IpNet]) -> Self {
        let peer = parts.extensions.get::<SocketAddr>().copied();
        let scheme = if parts.extensions.get::<Secured>().is_some() { "https" } else { "http" };
        Self::of(&parts.headers, &parts.uri, peer, scheme, trusted)
    }

    /// Where the request comes from, for counting; requests of which nobody knows that count as one client.
    pub(crate) fn client_or_unknown(&self) -> IpAddr {
        self.client.unwrap_or(Ipv4Addr::UNSPECIFIED.into())
    }

    /// Whether the client speaks TLS, with this server or whoever is in front of it.
    pub(crate) fn is_secure(&self) -> bool {
        self.scheme == "https"
    }
}

/// Whether it can stand in a URL between `//` and the path: a name or an address, and perhaps a port.
fn is_host(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte);
    (1..=HOST_BYTES).contains(&text.len()) && text.bytes().all(is_plain)
}
