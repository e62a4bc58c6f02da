//! Connections: many requests on one, and how they end.

use std::{
    io::{BufReader, Read as _, Write as _},
    net::{Shutdown, TcpStream},
    time::Duration,
};

use amps_testkit::PackageBuilder;

use crate::{
    client::{answer, connect},
    running::Running,
};

#[test]
fn one_connection_answers_many_requests_in_their_order() {
    let server = Running::start();
    let mut stream = connect(server.address);
    let request = |project| format!("GET /hello?project-id={project} HTTP/1.1\r\nHost: test\r\n\r\n");
    let requests = ["PROJECT", "other", "PROJECT"].map(request).concat();
    stream.write_all(requests.as_bytes()).unwrap();
    let mut reader = BufReader::new(stream);
    for status in ["ok", "incompatible-project-id", "ok"] {
        assert_eq!(answer(&mut reader, true).json()["status"], status);
    }
}

#[test]
fn an_idle_connection_does_not_keep_the_server_from_ending() {
    let mut server = Running::start();
    let mut stream = connect(server.address);
    stream.write_all(b"GET /hello HTTP/1.1\r\nHost: test\r\n\r\n").unwrap();
    let mut reader = BufReader::new(stream);
    assert_eq!(answer(&mut reader, true).status, 200);
    server.request_shutdown();
    server.join();
    let mut rest = Vec::new();
    reader.read_to_end(&mut rest).unwrap();
    assert!(rest.is_empty());
    assert!(TcpStream::connect(server.address).is_err());
    assert!(!server.data.path().join(".lock").exists());
}

#[test]
fn a_client_that_does_not_finish_its_head_is_given_up() {
    let server = Running::limited(|limits| limits.head_time = Duration::from_millis(50));
    let mut stream = connect(server.address);
    stream.write_all(b"GET /hello HTTP/1.1\r\nHost: te").unwrap();
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).unwrap();
    assert!(!String::from_utf8_lossy(&rest).contains("200 OK"));
}

#[test]
fn a_client_that_says_that_it_sends_no_more_is_answered() {
    let server = Running::start();
    let ask = |head: &str, body: &[u8]| {
        let mut stream = connect(server.address);
        stream.write_all(&[head.as_bytes(), body].concat()).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let mut all = Vec::new();
        stream.read_to_end(&mut all).unwrap();
        assert!(all.starts_with(b"HTTP/1.1 200 OK\r\n"), "{head}{}", String::from_utf8_lossy(&all));
    };
    ask("GET /hello HTTP/1.1\r\nHost: test\r\n\r\n", b"");
    let package = PackageBuilder::hello().build();
    ask(
        &format!("PUT /package/upload HTTP/1.1\r\nHost: test\r\nContent-Length: {}\r\n\r\n", package.len()),
        &package,
    );
    ask("GET /package/download?id=org.example.hello HTTP/1.1\r\nHost: test\r\n\r\n", b"");
}
