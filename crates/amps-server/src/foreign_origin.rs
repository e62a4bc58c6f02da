//! Requests that a web page of somebody else makes in a user's browser.

use axum::{
    extract::Request,
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{HOST, ORIGIN},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::answer::Problem;

/// Refuses a request that a page of another origin makes: a browser sends a plain POST for any page, so one that a user of a
/// server on localhost happens to look at could remove packages. Devices and scripts send no `Origin`.
pub(crate) async fn refuse(request: Request, next: Next) -> Response {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
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
    let Some(origin) = headers.get(ORIGIN) else { return false };
    let authority =
        origin.to_str().ok().and_then(|origin| origin.split_once("://")).map(|(_, authority)| authority);
    !matches!((authority, host), (Some(authority), Some(host)) if authority.eq_ignore_ascii_case(host))
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
        }
    }
}
