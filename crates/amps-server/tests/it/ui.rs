//! The web interface: its files, their headers, and what is not there.

use amps_server::{NativeApi, Settings, WebInterface};
use amps_ui::{VERSION, assets, index};

use crate::{client::request, running::Running};

const GZIP: &str = "Accept-Encoding: br, gzip\r\n";

fn address(path: &str) -> String {
    format!("/ui/assets/{VERSION}/{path}")
}

#[test]
fn every_file_is_there_with_its_type_and_may_be_kept() {
    let server = Running::start();
    for file in assets() {
        let plain = server.get(&address(file.path));
        assert_eq!((plain.status, plain.body.as_slice()), (200, file.bytes), "{}", file.path);
        assert_eq!(plain.header("content-type"), Some(file.media_type), "{}", file.path);
        assert_eq!(plain.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(plain.header("cache-control"), Some("public, max-age=31536000, immutable"));
        assert_eq!(plain.header("content-encoding"), None);
        let packed = request(server.address, "GET", &address(file.path), GZIP, b"");
        assert_eq!(packed.header("content-encoding"), file.gzip.map(|_| "gzip"), "{}", file.path);
        assert_eq!(packed.body, file.gzip.unwrap_or(file.bytes), "{}", file.path);
        if file.gzip.is_some() {
            assert_ne!(packed.header("etag"), plain.header("etag"));
            assert_eq!(plain.header("vary"), Some("Accept-Encoding"));
        }
    }
}

#[test]
fn every_address_of_the_interface_is_the_page() {
    let server = Running::start();
    for path in ["/ui/", "/ui/packages/org.example.hello", "/ui/upload", "/ui/?text=x%20y", "/ui/a/b/c.js"] {
        let page = server.get(path);
        assert_eq!((page.status, page.body.as_slice()), (200, index().bytes), "{path}");
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(page.header("cache-control"), Some("no-cache"));
        let known = format!("If-None-Match: {}\r\n", page.header("etag").unwrap());
        let again = request(server.address, "GET", path, &known, b"");
        assert_eq!((again.status, again.body.len()), (304, 0), "{path}");
        let head = request(server.address, "HEAD", path, "", b"");
        let length = index().bytes.len().to_string();
        assert_eq!((head.status, head.header("content-length")), (200, Some(length.as_str())), "{path}");
    }
}

#[test]
fn the_page_may_have_nothing_but_what_comes_from_here() {
    let server = Running::start();
    for path in ["/ui/", "/ui/packages/org.example.hello"] {
        let answer = server.get(path);
        let policy = answer.header("content-security-policy").unwrap();
        for part in [
            "default-src 'none'",
            "script-src 'self';",
            "style-src 'self';",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
        ] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe") && !policy.contains('*'), "{policy}");
        for (name, value) in [
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("x-content-type-options", "nosniff"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{path}");
        }
        assert!(answer.header("permissions-policy").is_some_and(|policy| policy.contains("camera=()")));
    }
}

#[test]
fn a_file_that_is_opened_alone_may_have_nothing() {
    let server = Running::start();
    for path in [&address("js/main.js"), &address("favicon.svg"), "/ui/assets/old/js/main.js"] {
        let answer = server.get(path);
        let policy = Some("default-src 'none'; frame-ancestors 'none'");
        assert_eq!(answer.header("content-security-policy"), policy, "{path}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(answer.header("cross-origin-resource-policy"), Some("same-origin"), "{path}");
    }
}

#[test]
fn what_is_no_file_of_this_version_is_not_found() {
    let server = Running::start();
    let gone = [
        "/ui/assets/".to_owned(),
        "/ui/assets/x".to_owned(),
        "/ui/assets/0000000000000000/js/main.js".to_owned(),
        address(""),
        address("js"),
        address("README.md"),
        address("index.html"),
        address("../../index.html"),
        address("js%2Fmain.js%00"),
        address("%2e%2e/%2e%2e/Cargo.toml"),
    ];
    for path in gone {
        let answer = server.get(&path);
        assert_eq!(answer.status, 404, "{path}");
        assert_ne!(answer.header("cache-control"), Some("public, max-age=31536000, immutable"), "{path}");
    }
}

#[test]
fn nothing_can_be_sent_there() {
    let server = Running::start();
    for path in ["/", "/ui", "/ui/", "/ui/upload", &address("js/main.js")] {
        for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
            let answer = request(server.address, method, path, "", b"");
            assert_eq!((answer.status, answer.header("allow")), (405, Some("GET,HEAD")), "{method} {path}");
        }
    }
}

#[test]
fn a_browser_is_led_to_the_interface_and_nobody_else() {
    let server = Running::start();
    for (accept, status) in [
        ("text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", 302),
        ("application/json, text/html;q=0.1", 302),
        ("*/*", 404),
        ("application/json", 404),
        ("text/htmlx", 404),
    ] {
        let answer = request(server.address, "GET", "/", &format!("Accept: {accept}\r\n"), b"");
        assert_eq!((answer.status, answer.header("vary")), (status, Some("Accept")), "{accept}");
        assert_eq!(answer.header("location"), (status == 302).then_some("/ui/"), "{accept}");
    }
    assert_eq!(server.get("/").json()["error"], "not-found");
}

#[test]
fn without_the_setting_or_the_api_there_is_none() {
    for (native_api, web_interface) in
        [(NativeApi::On, WebInterface::Off), (NativeApi::Off, WebInterface::On)]
    {
        let server = Running::with(Settings { native_api, web_interface, ..Settings::default() });
        for path in ["/", "/ui", "/ui/", "/ui/upload", &address("js/main.js")] {
            let answer = request(server.address, "GET", path, "Accept: text/html\r\n", b"");
            assert_eq!((answer.status, &answer.json()["error"]), (404, &"not-found".into()), "{path}");
        }
    }
}
