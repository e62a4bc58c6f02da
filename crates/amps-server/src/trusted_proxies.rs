//! Whom a connection comes from, as far as a proxy in between can be believed.

use std::net::{IpAddr, SocketAddr};

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
        // Bytes: what a client has sent stands before what its proxy has added, and must not make that unreadable.
        for item in value.as_bytes().rsplit(|byte| *byte == b',') {
            // Who has sent something else is somebody that this proxy trusts.
            let Some(ip) = address(item) else { return last };
            last = Some(ip);
            if !is_among(trusted, ip) {
                return last;
            }
        }
    }
    last
}

/// An address; some proxies put its port behind it.
fn address(item: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(item).ok()?.trim();
    let ip = text.parse().or_else(|_| text.parse::<SocketAddr>().map(|address| address.ip()));
    ip.ok().map(|ip| ip.to_canonical())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn nothing_that_a_client_sends_hides_what_the_proxy_adds() {
        let trusted = ["127.0.0.0/8".parse().unwrap(), "10.0.0.0/8".parse().unwrap()];
        let proxy = IpAddr::from([127, 0, 0, 1]);
        for (values, expected) in [
            (&[][..], "127.0.0.1"),
            (&[&b"192.0.2.1"[..]], "192.0.2.1"),
            (&[b"203.0.113.1, 192.0.2.1"], "192.0.2.1"),
            (&[b"203.0.113.1", b"192.0.2.1"], "192.0.2.1"),
            (&[b"192.0.2.1, 10.0.0.1,10.0.0.2"], "192.0.2.1"),
            (&[b"::ffff:192.0.2.1"], "192.0.2.1"),
            (&[b"192.0.2.1:50123"], "192.0.2.1"),
            (&[b"[2001:db8::1]:50123"], "2001:db8::1"),
            // Forged, so that the whole cannot be read.
            (&[b"\xff, 192.0.2.1"], "192.0.2.1"),
            (&[b"\xff", b"192.0.2.1"], "192.0.2.1"),
            (&[b"unknown, 192.0.2.1, 10.0.0.1"], "192.0.2.1"),
            (&[b"\xff, 10.0.0.1"], "10.0.0.1"),
            (&[b"127.0.0.1.evil, 10.0.0.1"], "10.0.0.1"),
            (&[b"nobody"], "127.0.0.1"),
        ] {
            let values = values.iter().map(|value| HeaderValue::from_bytes(value).unwrap());
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append("x-forwarded-for", value);
            }
            assert_eq!(client(&headers, proxy, &trusted).to_string(), expected, "{headers:?}");
            let stranger = IpAddr::from([192, 0, 2, 9]);
            assert_eq!(client(&headers, stranger, &trusted), stranger);
        }
    }
}
