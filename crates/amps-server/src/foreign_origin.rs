//! Requests that a web page of somebody else makes in a user's browser.

use std::net::IpAddr;

use axum::{
    extract::Request,
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{HOST, ORIGIN},
        uri::Authority,
    },
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::answer::Problem;

/// Refuses a request that a page of another origin makes: a browser sends a plain POST for any page, so one that a user of a
/// server on localhost happens to look at could remove packages. Devices and scripts send no `Origin`.
pub(crate) async fn refuse(request: Request, next: Next) -> Response {
    let authority = request.uri().authority().map(Authority::as_str);
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).or(authority);
    if is_foreign(request.headers(), host) {
        return refusal().into_response();
    }
    next.run(request).await
}

/// What such a page is told.
pub(crate) fn refusal() -> Problem {
    Problem {
        status: StatusCode::FORBIDDEN,
        code: "foreign-origin",
        message: "a page of another origin may not change anything here".into(),
    }
}

/// Whether there is an origin and it is not the host that was asked (RFC 6454, section 7; `null` is nobody's), or the browser says
/// that it is another one (Fetch Metadata; it cannot be forged by a page).
pub(crate) fn is_foreign(headers: &HeaderMap, host: Option<&str>) -> bool {
    let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    if matches!(site, Some(b"cross-site" | b"same-site")) {
        return true;
    }
    headers.get(ORIGIN).is_some_and(|origin| !is_origin(origin, host))
}

/// Whether the browser says that a page of this host sends a request. Nothing that is no browser does; then a cookie is no
/// proof that its owner wants what is asked for.
pub(crate) fn is_own(headers: &HeaderMap, host: Option<&str>) -> bool {
    !is_foreign(headers, host)
        && (headers.contains_key(ORIGIN)
            || headers.get("sec-fetch-site").is_some_and(|site| site == "same-origin"))
}

/// Whether a browser on this machine asks under a name that is not this machine's. A page whose name has been made to lead here
/// (DNS rebinding) is of the origin that it asks, so nothing but its name tells it from a page of ours.
pub(crate) fn is_misled(headers: &HeaderMap, host: Option<&str>, peer: IpAddr) -> bool {
    let is_browser = headers.contains_key(ORIGIN) || headers.contains_key("sec-fetch-site");
    is_browser && peer.to_canonical().is_loopback() && !host.is_some_and(is_own_name)
}

/// Whether a name, with or without a port, leads to this machine whatever a DNS server says, or is an address.
fn is_own_name(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    let last = name.rsplit('.').next().unwrap_or(name);
    bare.parse::<IpAddr>().is_ok() || last.eq_ignore_ascii_case("localhost")
}

/// Whether an origin is that of a host.
fn is_origin(origin: &HeaderValue, host: Option<&str>) -> bool {
    let authority =
        origin.to_str().ok().and_then(|origin| origin.split_once("://")).map(|(_, authority)| authority);
    matches!((authority, host), (Some(authority), Some(host)) if authority.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_browser_says_counts_without_an_origin() {
        for (site, foreign) in
            [("cross-site", true), ("same-site", true), ("same-origin", false), ("none", false), ("", false)]
        {
            let headers = HeaderMap::from_iter([("sec-fetch-site".parse().unwrap(), site.parse().unwrap())]);
            assert_eq!(is_foreign(&headers, Some("localhost:8020")), foreign, "{site}");
            assert_eq!(is_own(&headers, Some("localhost:8020")), site == "same-origin", "{site}");
        }
    }

    #[test]
    fn a_page_whose_name_leads_here_is_not_ours() {
        let (here, elsewhere) = (IpAddr::from([127, 0, 0, 1]), IpAddr::from([192, 0, 2, 1]));
        let browsers = [(ORIGIN, "http://x"), ("sec-fetch-site".parse().unwrap(), "same-origin")];
        for (host, is_ours) in [
            (Some("localhost"), true),
            (Some("LocalHost:8020"), true),
            (Some("store.localhost:8020"), true),
            (Some("127.0.0.1:8020"), true),
            (Some("[::1]:8020"), true),
            (Some("[::1]"), true),
            (Some("192.0.2.1"), true),
            (Some("evil.example:8020"), false),
            (Some("localhost.evil.example"), false),
            (Some("127.0.0.1.evil.example:8020"), false),
            (Some("evillocalhost"), false),
            (Some("127.0.0.1:x"), false),
            (Some(""), false),
            (None, false),
        ] {
            for (name, value) in &browsers {
                let headers = HeaderMap::from_iter([(name.clone(), value.parse().unwrap())]);
                assert_eq!(!is_misled(&headers, host, here), is_ours, "{host:?}");
                assert!(!is_misled(&headers, host, elsewhere), "{host:?}");
            }
            // No browser is misled that is none.
            assert!(!is_misled(&HeaderMap::new(), host, here), "{host:?}");
        }
    }

    #[test]
    fn an_origin_must_be_the_host() {
        for (origin, host, foreign) in [
            (None, "localhost:8020", false),
            (Some("http://localhost:8020"), "localhost:8020", false),
            (Some("https://Store.example"), "store.example", false),
            (Some("http://evil.example"), "localhost:8020", true),
            (Some("http://localhost:8021"), "localhost:8020", true),
            (Some("http://localhost:8020.evil.example"), "localhost:8020", true),
            (Some("null"), "localhost:8020", true),
            (Some(""), "localhost:8020", true),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, host.parse().unwrap());
            if let Some(origin) = origin {
                headers.insert(ORIGIN, origin.parse().unwrap());
            }
            assert_eq!(is_foreign(&headers, Some(host)), foreign, "{origin:?} {host}");
            assert_eq!(is_own(&headers, Some(host)), origin.is_some() && !foreign, "{origin:?} {host}");
        }
    }
}
