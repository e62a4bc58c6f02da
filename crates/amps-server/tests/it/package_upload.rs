//! `/package/upload`.

use std::{
    io::{BufReader, Read as _, Write as _},
    net::Shutdown,
    thread,
    time::Duration,
};

use amps_testkit::PackageBuilder;
use serde_json::json;

use crate::{
    client::{answer, connect, request},
    running::{Running, eventually},
    verdicts::fixture,
};

#[test]
fn adds_updates_and_tells_when_nothing_changes() {
    let server = Running::start();
    for (name, result) in [
        ("qt6/hello.ampkg", "added"),
        ("qt6/hello.ampkg", "no changes"),
        ("qt6/hello-2.0.ampkg", "updated"),
        ("qt6/hello-dev1.ampkg", "updated"),
        ("qt6/hello-dev1.ampkg", "no changes"),
    ] {
        let expected =
            json!({ "status": "ok", "result": result, "id": "org.example.hello", "architecture": "all" });
        assert_eq!(server.add(&fixture(name)), expected, "{name}");
        assert!(server.get("/package/download?id=org.example.hello").body == fixture(name));
    }
    let console = server.console();
    let uploads: Vec<&str> = console.lines().skip_while(|line| !line.starts_with("> Upload")).collect();
    assert_eq!(
        uploads,
        [
            "> Upload via HTTP:",
            " + adding   org.example.hello [all]",
            "> Upload via HTTP:",
            " = skipping org.example.hello [all] (no changes)",
            "> Upload via HTTP:",
            " ! updating org.example.hello [all]",
            "> Upload via HTTP:",
            " ! updating org.example.hello [all]",
            "> Upload via HTTP:",
            " = skipping org.example.hello [all] (no changes)",
        ]
    );
    // Of each package and its icon there is one file, whatever was there before.
    let blobs = server.files().keys().filter(|name| name.starts_with(".amps/blobs/")).count();
    assert_eq!(blobs, 2);
}

#[test]
fn a_body_in_chunks_is_as_good() {
    let server = Running::start();
    let package = fixture("qt6/hello.ampkg");
    let mut stream = connect(server.address);
    write!(stream, "PUT /package/upload HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n").unwrap();
    for chunk in package.chunks(1000) {
        write!(stream, "{:x}\r\n", chunk.len()).unwrap();
        stream.write_all(chunk).unwrap();
        write!(stream, "\r\n").unwrap();
    }
    write!(stream, "0\r\n\r\n").unwrap();
    assert_eq!(answer(&mut BufReader::new(stream), true).json()["result"], "added");
}

#[test]
fn a_client_that_goes_away_leaves_nothing_behind() {
    let server = Running::start();
    server.add(&fixture("qt6/tree.ampkg"));
    let before = server.files();
    let package = fixture("qt6/hello.ampkg");
    // Everything but the padding is a whole package, if only its end were known.
    for (sent, head) in [
        (1, "Content-Length: 10240\r\n\r\n"),
        (3000, "Content-Length: 10240\r\n\r\n"),
        (10239, "Content-Length: 10240\r\n\r\n"),
        (10240, "Content-Length: 10241\r\n\r\n"),
        (10240, "Transfer-Encoding: chunked\r\n\r\n2800\r\n"),
    ] {
        let mut stream = connect(server.address);
        write!(stream, "PUT /package/upload HTTP/1.1\r\nHost: test\r\n{head}").unwrap();
        stream.write_all(&package[..sent]).unwrap();
        let refused = server.console().matches("x failed").count();
        stream.shutdown(Shutdown::Both).unwrap();
        eventually(|| (server.console().matches("x failed").count() > refused).then_some(()));
        eventually(|| (server.files() == before).then_some(()));
    }
    assert_eq!(server.get("/package/download?id=org.example.hello").status, 404);
}

#[test]
fn a_refusal_reaches_a_client_that_is_still_sending() {
    let server = Running::start();
    let mut body = vec![0; 50 << 20];
    body[..4].copy_from_slice(b"junk");
    let answer = request(server.address, "PUT", "/package/upload", "", &body);
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.json(),
        json!({ "status": "fail", "message": "not a gzip-compressed file: it begins with 6a 75 6e 6b" })
    );
}

#[test]
fn a_client_that_sends_nothing_is_given_up() {
    let server = Running::limited(|limits| limits.upload_idle = Duration::from_millis(50));
    let before = server.files();
    let mut stream = connect(server.address);
    write!(stream, "PUT /package/upload HTTP/1.1\r\nHost: test\r\nContent-Length: 10240\r\n\r\n").unwrap();
    stream.write_all(&fixture("qt6/hello.ampkg")[..5000]).unwrap();
    eventually(|| server.console().contains("x failed").then_some(()));
    assert!(server.files() == before);
}

#[test]
fn limits_are_the_settings() {
    let package = PackageBuilder::hello().build();
    let size = package.len() as u64;
    for (limit, status) in [(size, "ok"), (size - 1, "fail")] {
        let server = Running::limited(|limits| limits.package.package_bytes = limit);
        assert_eq!(server.upload(&package)["status"], status);
    }
}

#[test]
fn uploads_of_the_same_package_at_once_are_one_package() {
    let server = Running::limited(|limits| limits.concurrent_uploads = 3);
    let packages: Vec<Vec<u8>> =
        ["1", "2"].map(|version| PackageBuilder::hello().version(version).build()).into();
    thread::scope(|scope| {
        for at in 0..12 {
            let (server, package) = (&server, &packages[at % 2]);
            scope.spawn(move || server.add(package));
        }
    });
    let kept = server.get("/package/download?id=org.example.hello").body;
    assert!(packages.contains(&kept));
    let blobs = server.files().keys().filter(|name| name.starts_with(".amps/blobs/")).count();
    assert_eq!(blobs, 2, "a package and its icon");
}

#[test]
fn the_answer_to_half_a_request_is_no_answer() {
    let server = Running::start();
    let mut stream = connect(server.address);
    stream.write_all(b"PUT /package/upload HTTP/1.1\r\nHost").unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).unwrap();
    assert!(!String::from_utf8_lossy(&rest).contains("200 OK"));
}
