//! Parameters in queries and forms, well-formed and not.

use std::{
    io::{BufReader, Read as _, Write as _},
    net::{Shutdown, TcpStream},
    time::Duration,
};

use amps_server::Settings;
use amps_testkit::PackageBuilder;
use serde_json::json;

use crate::{
    client::{answer, connect, request},
    running::Running,
};

const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";

fn filled(settings: Settings) -> Running {
    let server = Running::with(settings);
    for id in ["a", "100%", "b c"] {
        server.add(&PackageBuilder::hello().id(id).build());
    }
    server
}

/// Sends the head of a POST.
fn begin(server: &Running, target: &str, head: &str) -> TcpStream {
    let mut stream = connect(server.address);
    write!(stream, "POST {target} HTTP/1.1\r\nHost: test\r\n{FORM}{head}\r\n").unwrap();
    stream
}

#[test]
fn the_query_goes_before_the_form_and_the_first_before_the_second() {
    let server = filled(Settings::default());
    for (target, form, status) in [
        ("/package/icon", "id=a", 200),
        ("/package/icon?id=a", "id=nothing", 200),
        ("/package/icon?id=nothing", "id=a", 404),
        ("/package/icon?id=", "id=a", 404),
        ("/package/icon", "id=a&id=nothing", 200),
        ("/package/icon", "id=nothing&id=a", 404),
        ("/package/icon?architecture=all", "id=b+c", 200),
        ("/package/icon", "&&id=a&&=&x", 200),
        ("/package/icon", "ID=a", 404),
    ] {
        assert_eq!(server.post(target, form).status, status, "{target} {form}");
    }
}

#[test]
fn only_a_form_is_read_as_one() {
    let server = filled(Settings::default());
    for (kind, status) in [
        ("application/x-www-form-urlencoded", 200),
        ("Application/X-WWW-Form-Urlencoded ; charset=latin-1", 200),
        ("text/plain", 404),
        ("application/json", 404),
        ("multipart/form-data; boundary=x", 404),
    ] {
        let head = format!("Content-Type: {kind}\r\n");
        let status_of = |method| request(server.address, method, "/package/icon", &head, b"id=a").status;
        assert_eq!(status_of("POST"), status, "{kind}");
        assert_eq!(status_of("GET"), 404, "{kind}: GET has no form");
    }
}

#[test]
fn odd_percent_signs_are_taken_as_they_stand() {
    let server = filled(Settings::default());
    for (query, status) in [
        ("id=100%25", 200),
        ("id=100%", 200),
        ("id=%61", 200),
        ("%69%64=a", 200),
        ("id=b%20c", 200),
        ("id=b+c", 200),
        ("id=b%2Bc", 404),
        ("id=%6", 404),
        ("id=%zz", 404),
        ("id=%E4", 404),
        ("id=%C3%A4", 404),
        ("id=%FF%FE", 404),
        ("id=%00", 404),
        ("id=a%00", 404),
        ("id=a%0A", 404),
    ] {
        assert_eq!(server.get(&format!("/package/icon?{query}")).status, status, "{query}");
        assert_eq!(server.post("/package/icon", query).status, status, "{query}");
    }
    // Bytes that are no UTF-8, and not encoded either.
    for (form, status) in [(&b"id=\xff\xfe"[..], 404), (b"x=\xff&id=a", 200)] {
        assert_eq!(request(server.address, "POST", "/package/icon", FORM, form).status, status);
    }
}

#[test]
fn a_filter_may_have_anything_in_it() {
    let server = Running::start();
    for (id, name) in [("a", "Hörfunk 100%"), ("b", "Map & Route")] {
        server.add(&PackageBuilder::hello().id(id).name(name).build());
    }
    for (query, expected) in [
        ("filter=H%C3%96RF", &["a"][..]),
        ("filter=100%25", &["a"]),
        ("filter=100%", &["a"]),
        ("filter=%26", &["b"]),
        ("filter=p+%26+r", &["b"]),
        ("filter=.*", &[]),
        ("filter=%FF", &[]),
        ("filter=", &["a", "b"]),
    ] {
        let list = server.get(&format!("/package/list?{query}")).json();
        let ids: Vec<_> = list.as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect();
        assert_eq!(ids, expected, "{query}");
        assert_eq!(server.post("/package/list", query).json(), list, "{query}");
    }
}

#[test]
fn a_form_that_is_far_too_large_gets_its_answer_too() {
    let server = filled(Settings::default());
    let mut stream = begin(&server, "/package/remove", "Content-Length: 20971520\r\n");
    for _ in 0..20 {
        stream.write_all(&vec![b'x'; 1 << 20]).unwrap();
    }
    let answer = answer(&mut BufReader::new(stream), true);
    assert_eq!((answer.status, &answer.json()["error"]), (413, &json!("form-too-large")));
}

#[test]
fn a_form_in_chunks_counts() {
    let server = filled(Settings::default());
    let mut stream = begin(&server, "/package/icon", "Transfer-Encoding: chunked\r\n");
    stream.write_all(b"3\r\nid=\r\n1\r\na\r\n0\r\n\r\n").unwrap();
    assert_eq!(answer(&mut BufReader::new(stream), true).status, 200);
}

#[test]
fn a_form_that_is_cut_off_does_nothing() {
    let server = filled(Settings::default());
    let before = server.files();
    for target in ["/package/remove", "/package/remove?id=a"] {
        let mut stream = begin(&server, target, "Content-Length: 100\r\n");
        stream.write_all(b"id=a").unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        // The server may close without a word.
        let mut rest = String::new();
        stream.read_to_string(&mut rest).unwrap();
        assert!(rest.is_empty() || rest.starts_with("HTTP/1.1 400 "), "{rest}");
    }
    assert!(server.files() == before);
}

#[test]
fn a_form_that_never_comes_is_not_waited_for() {
    let mut settings = Settings::default();
    settings.limits.head_time = Duration::from_millis(100);
    let server = filled(settings);
    let before = server.files();
    let mut stream = begin(&server, "/package/remove", "Content-Length: 100\r\n");
    stream.write_all(b"id=a&x=").unwrap();
    let answer = answer(&mut BufReader::new(stream), true);
    assert_eq!((answer.status, &answer.json()["error"]), (408, &json!("incomplete-body")));
    assert!(server.files() == before);
}
