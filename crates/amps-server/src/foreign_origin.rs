//! Requests that a web page of somebody else makes in a user's browser.

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
