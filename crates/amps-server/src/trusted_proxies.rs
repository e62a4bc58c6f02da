//! Whom a connection comes from, as far as a proxy in between can be believed.

use std::net::IpAddr;

use axum::http::HeaderMap;
use ipnet::IpNet;

/// Who sends a request over a connection of `peer`: whoever asked the outermost proxy that is trusted. From others, the header says
/// nothing.
pub(crate) fn client(headers: &HeaderMap, peer: IpAddr, trusted: &[IpNet]) -> IpAddr {
    if is_among(trusted, peer) { original_client(headers, trusted).unwrap_or(peer) } else { peer }
}

/// Whether an address, in its canonical form, is of one of these networks.
pub(crate) fn is_among(networks: &[IpNet], ip: IpAddr) -> bool {
    networks.iter().any(|network| network.contains(&ip))
}

/// The last of several values, which is the one that the last proxy has added.
pub(crate) fn last_value<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let text = headers.get_all(name).iter().next_back()?.to_str().ok()?;
    text.rsplit(',').next().map(str::trim).filter(|value| !value.is_empty())
}

fn original_client(headers: &HeaderMap, trusted: &[IpNet]) -> Option<IpAddr> {
    let mut last = None;
    for value in headers.get_all("x-forwarded-for").iter().rev() {
        for text in value.to_str().ok()?.rsplit(',') {
            let ip = text.trim().parse::<IpAddr>().ok()?.to_canonical();
            last = Some(ip);
            if !is_among(trusted, ip) {
                return last;
            }
        }
    }
    last
}
