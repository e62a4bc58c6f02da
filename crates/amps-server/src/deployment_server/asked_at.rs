//! Under which URL a client reaches this interface.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, StatusCode, Uri, request::Parts},
};

use super::{Context, settings::DeploymentSettings, url_prefix::UrlPrefix};
use crate::{answer::Problem, client_device::Secured, reached::Reached, trusted_proxies::last_value};

/// Where a request was sent to, and by whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AskedAt {
    reached: Reached,
    prefix: String,
    /// Whether a page of another origin sends it.
    pub(super) is_foreign: bool,
}

impl AskedAt {
    /// `scheme` is what the connection itself is.
    fn of(
        headers: &HeaderMap,
        uri: &Uri,
        peer: Option<SocketAddr>,
        scheme: &'static str,
        settings: &DeploymentSettings,
    ) -> Self {
        let reached = Reached::of(headers, uri, peer, scheme, &settings.trusted_proxies);
        let outer = if reached.is_proxied { last_value(headers, "x-forwarded-prefix") } else { None };
        let outer = outer.and_then(|prefix| prefix.parse::<UrlPrefix>().ok());
        Self {
            prefix: format!("{}{}", outer.unwrap_or_default(), settings.url_prefix),
            is_foreign: reached.is_foreign,
            reached,
        }
    }

    /// The absolute URL that paths of this interface are appended to; ends in `/`.
    pub(super) fn base_url(&self) -> Result<String, Problem> {
        let Self { reached: Reached { scheme, host, .. }, prefix, .. } = self;
        let host = host.as_ref().ok_or_else(|| Problem {
            status: StatusCode::BAD_REQUEST,
            code: "bad-host",
            message:
                "the answer has URLs, and the request does not say of which host: expected the header Host"
                    .into(),
        })?;
        Ok(format!("{scheme}://{host}{prefix}/"))
    }

    /// Where the request comes from, for counting; requests of which nobody knows that count as one client.
    pub(super) fn client_or_unknown(&self) -> IpAddr {
        self.reached.client_or_unknown()
    }

    /// Whether the client speaks TLS, with this server or whoever is in front of it.
    pub(super) fn is_secure(&self) -> bool {
        self.reached.is_secure()
    }
}

impl FromRequestParts<Context> for AskedAt {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, context: &Context) -> Result<Self, Self::Rejection> {
        let peer = parts.extensions.get::<SocketAddr>().copied();
        let scheme = if parts.extensions.get::<Secured>().is_some() { "https" } else { "http" };
        Ok(Self::of(&parts.headers, &parts.uri, peer, scheme, &context.settings))
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;
    use crate::reached::HOST_BYTES;

    fn asked(peer: &str, headers: &[(&str, &str)]) -> AskedAt {
        let settings = DeploymentSettings {
            url_prefix: "store".parse().unwrap(),
            trusted_proxies: vec!["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()],
            ..DeploymentSettings::default()
        };
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name: HeaderName = name.parse().unwrap();
            map.append(name, HeaderValue::from_str(value).unwrap());
        }
        AskedAt::of(&map, &"/x".parse().unwrap(), Some(peer.parse().unwrap()), "http", &settings)
    }

    const PROXY: &str = "10.1.2.3:4";
    const STRANGER: &str = "192.0.2.1:4";

    #[track_caller]
    fn check_url(peer: &str, headers: &[(&str, &str)], expected: &str) {
        assert_eq!(asked(peer, headers).base_url().unwrap(), expected, "{headers:?}");
    }

    #[test]
    fn urls_have_the_host_that_was_asked() {
        for host in ["store.example", "store.example:8080", "[::1]:8080", "127.0.0.1"] {
            check_url(STRANGER, &[("host", host)], &format!("http://{host}/store/"));
        }
        for host in ["", "a b", "a/b", "a@b", "a?b", "a#b", "<b>", "a%41", &"a".repeat(HOST_BYTES + 1)] {
            assert_eq!(asked(STRANGER, &[("host", host)]).base_url().unwrap_err().code, "bad-host", "{host}");
        }
        assert_eq!(asked(STRANGER, &[]).base_url().unwrap_err().status, 400);
        let h2 = AskedAt::of(
            &HeaderMap::new(),
            &"http://store.example/x".parse().unwrap(),
            None,
            "https",
            &DeploymentSettings::default(),
        );
        assert_eq!(h2.base_url().unwrap(), "https://store.example/", "what the connection is");
        assert!(h2.is_secure());
    }

    #[test]
    fn a_trusted_proxy_says_how_it_is_reached() {
        let headers = [
            ("host", "inner:8080"),
            ("x-forwarded-host", "evil.example, store.example"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-prefix", "/cars"),
        ];
        for proxy in [PROXY, "[::ffff:10.1.2.3]:4", "[::1]:4"] {
            check_url(proxy, &headers, "https://store.example/cars/store/");
            assert!(asked(proxy, &headers).is_secure());
        }
        check_url(STRANGER, &headers, "http://inner:8080/store/");
        check_url(PROXY, &[("host", "a"), ("x-forwarded-proto", "javascript")], "http://a/store/");
        check_url(PROXY, &[("host", "a"), ("x-forwarded-prefix", "/../x y")], "http://a/store/");
        assert!(asked(PROXY, &[("host", "a"), ("x-forwarded-host", "<b>")]).base_url().is_err());
    }

    #[test]
    fn the_client_is_the_last_one_that_is_no_proxy() {
        for (peer, forwarded, expected) in [
            (STRANGER, "198.51.100.7", "192.0.2.1"),
            (PROXY, "198.51.100.7", "198.51.100.7"),
            (PROXY, "203.0.113.9, 198.51.100.7, 10.9.9.9", "198.51.100.7"),
            (PROXY, "::ffff:198.51.100.7", "198.51.100.7"),
            (PROXY, "10.9.9.9", "10.9.9.9"),
            (PROXY, "unknown", "10.1.2.3"),
        ] {
            let client = asked(peer, &[("x-forwarded-for", forwarded)]).reached.client.unwrap();
            assert_eq!(client.to_string(), expected, "{peer} {forwarded}");
        }
        let several = [("x-forwarded-for", "203.0.113.9"), ("x-forwarded-for", "198.51.100.7")];
        assert_eq!(asked(PROXY, &several).reached.client.unwrap().to_string(), "198.51.100.7");
    }

    #[test]
    fn an_origin_must_be_the_host_that_was_asked() {
        for (peer, origin, foreign) in [
            (STRANGER, "http://inner", false),
            (STRANGER, "https://INNER", false),
            (STRANGER, "https://outer", true),
            (PROXY, "https://outer", false),
            (PROXY, "https://inner", true),
            (PROXY, "null", true),
            (PROXY, "", true),
        ] {
            let headers = [("host", "inner"), ("x-forwarded-host", "outer"), ("origin", origin)];
            assert_eq!(asked(peer, &headers).is_foreign, foreign, "{peer} {origin}");
        }
        assert!(!asked(STRANGER, &[("host", "inner")]).is_foreign);
    }
}
