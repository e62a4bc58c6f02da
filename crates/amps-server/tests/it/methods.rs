//! What is not there, what is asked for in the wrong way, and what is no question at all.

use std::{
    io::{BufReader, Read as _, Write as _},
    net::Shutdown,
};

use amps_testkit::PackageBuilder;
use serde_json::json;

use crate::{
    client::{answer, connect, request},
    running::Running,
};

#[test]
fn only_the_exact_path_is_found() {
    let server = Running::start();
    for path in [
        "/hello/",
        "/Hello",
        "//hello",
        "/package/list/x",
        "/.packages/",
        "/../hello",
        "/package/../hello",
        "/package%2Flist",
    ] {
        for method in ["GET", "POST", "PUT", "DELETE"] {
            let answer = request(server.address, method, path, "", b"x");
            assert_eq!(
                (answer.status, &answer.json()["error"]),
                (404, &json!("not-found")),
                "{method} {path}"
            );
        }
    }
}

#[test]
fn every_wrong_method_is_told_the_right_ones() {
    let server = Running::start();
    server.add(&PackageBuilder::hello().build());
    let before = server.files();
    for (path, allowed) in [
        ("/hello", "GET,HEAD,POST"),
        ("/package/list", "GET,HEAD,POST"),
        ("/package/icon", "GET,HEAD,POST"),
        ("/package/download", "GET,HEAD,POST"),
        ("/category/list", "GET,HEAD,POST"),
        ("/package/upload", "PUT"),
        ("/package/remove", "POST"),
    ] {
        for method in ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"] {
            let answer = request(server.address, method, &format!("{path}?id=nothing"), "", b"");
            if allowed.split(',').any(|allowed| allowed == method) {
                assert_ne!(answer.status, 405, "{method} {path}");
                continue;
            }
            assert_eq!((answer.status, answer.header("allow")), (405, Some(allowed)), "{method} {path}");
            if method != "HEAD" {
                assert_eq!(answer.json()["error"], "wrong-method", "{method} {path}");
            }
        }
    }
    assert!(server.files() == before);
}

#[test]
fn head_has_the_headers_of_get_and_nothing_follows_them() {
    let server = Running::start();
    server.add(&PackageBuilder::hello().id("a").build());
    for target in [
        "/hello?project-id=PROJECT",
        "/package/list",
        "/package/icon?id=a",
        "/package/download?id=a",
        "/package/download?id=b",
        "/category/list",
    ] {
        let (get, head) = (server.get(target), request(server.address, "HEAD", target, "", b""));
        assert_eq!(head.status, get.status, "{target}");
        for header in ["content-type", "content-length"] {
            assert_eq!(head.header(header), get.header(header), "{header} of {target}");
        }
    }
    let mut stream = connect(server.address);
    stream.write_all(b"HEAD /package/download?id=a HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    stream.write_all(b"GET /category/list HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut reader = BufReader::new(stream);
    answer(&mut reader, false);
    assert_eq!(answer(&mut reader, true).json(), json!(["tools"]));
}

#[test]
fn what_is_not_http_gets_no_more_than_an_error() {
    let server = Running::start();
    let long = format!("GET /hello?x={} HTTP/1.1\r\nHost: x\r\n\r\n", "y".repeat(1 << 20));
    for garbage in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
        b"GET\r\n\r\n",
        b"GET /hello HTTP/1.1\r\nHost : x\r\n\r\n",
        b"GET /hello HTTP/9.9\r\n\r\n",
        b"GET /hello HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"PUT /package/upload HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
        b"PUT /package/upload HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: x\r\n\r\nabcde",
        b"\0\0\0\0\r\n\r\n",
        long.as_bytes(),
    ] {
        let mut stream = connect(server.address);
        // The server may have closed it before everything is written.
        let _ = stream.write_all(garbage);
        let _ = stream.shutdown(Shutdown::Write);
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest);
        assert!(rest.is_empty() || rest.starts_with(b"HTTP/1.1 4"), "{}", String::from_utf8_lossy(&rest));
    }
    assert_eq!(server.get("/hello?project-id=PROJECT").json(), json!({ "status": "ok" }));
}
