//! The id of a request: in its answer, and in what is logged about it.

use amps_server::Settings;
use amps_testkit::PackageBuilder;

use crate::{
    client::request,
    log::{collect, text},
    running::{Running, eventually},
};

/// The lines about a request, as soon as there are some.
fn lines(id: &str) -> Vec<String> {
    eventually(|| {
        let log = text();
        let lines: Vec<String> = log.lines().filter(|line| line.contains(id)).map(str::to_owned).collect();
        (!lines.is_empty()).then_some(lines)
    })
}

#[test]
fn each_answer_has_one_of_its_own() {
    let server = Running::start();
    let ids: Vec<String> = ["/hello", "/hello", "/nowhere", "/package/download?id=none"]
        .iter()
        .map(|path| server.get(path).header("x-request-id").unwrap().to_owned())
        .collect();
    for (at, id) in ids.iter().enumerate() {
        assert!(!ids[..at].contains(id), "{ids:?}");
    }
}

#[test]
fn the_clients_own_comes_back_if_it_can_stand_in_a_log() {
    let server = Running::start();
    for (given, is_kept) in [("trace-1.a_B", true), ("a b", false), ("a;b", false), (&"x".repeat(65), false)]
    {
        let answer = request(server.address, "GET", "/hello", &format!("X-Request-Id: {given}\r\n"), b"");
        assert_eq!(answer.header("x-request-id") == Some(given), is_kept, "{given}");
    }
}

#[test]
fn a_request_is_one_line_without_secrets() {
    collect();
    let server = Running::start();
    server.add(&PackageBuilder::hello().id("a").build());
    let head = "X-Request-Id: seen-in-the-log\r\n";
    let answer = request(server.address, "GET", "/package/download?id=a&hardware-id=geheim", head, b"");
    let lines = lines("seen-in-the-log");
    let [line] = lines.as_slice() else { panic!("{lines:#?}") };
    for part in [
        "INFO",
        "method=GET",
        r#"path="/package/download""#,
        "peer=127.0.0.1:",
        "status=200",
        &format!("bytes={}", answer.body.len()),
        "milliseconds=",
    ] {
        assert!(line.contains(part), "{part}: {line}");
    }
    assert!(!line.contains("geheim") && !line.contains('?'), "{line}");
}

#[test]
fn a_line_has_the_address_that_a_trusted_proxy_names() {
    collect();
    let trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()];
    let server = Running::with(Settings { trusted_proxies, ..Settings::default() });
    let stranger = Running::start();
    for (server, id) in [(&server, "seen-proxied"), (&stranger, "seen-forged")] {
        let head = format!("X-Request-Id: {id}\r\nX-Forwarded-For: 203.0.113.7\r\n");
        assert_eq!(request(server.address, "GET", "/package/list", &head, b"").status, 200);
    }
    let line = lines("seen-proxied").concat();
    assert!(line.contains("peer=127.0.0.1:") && line.contains("client=203.0.113.7"), "{line}");
    let forged = lines("seen-forged").concat();
    assert!(!forged.contains("203.0.113.7") && !forged.contains("client="), "{forged}");
}

#[test]
fn a_failure_names_its_request() {
    collect();
    let server = Running::start();
    server.add(&PackageBuilder::hello().id("a").build());
    let blob = server.files().into_keys().filter(|name| name.starts_with(".amps/blobs/"));
    for blob in blob {
        std::fs::remove_file(server.data.path().join(blob)).unwrap();
    }
    let head = "X-Request-Id: seen-failing\r\n";
    let answer = request(server.address, "GET", "/package/download?id=a", head, b"");
    assert_eq!(answer.status, 500);
    let lines = lines("seen-failing");
    assert!(lines.iter().any(|line| line.contains("ERROR") && line.contains("cannot answer")), "{lines:#?}");
}
