//! Requests that are refused while the client still sends: it must see why.

use std::{
    fs::File,
    io::{BufReader, Write as _},
    process::Command,
};

use amps_testkit::PackageBuilder;

use crate::{
    client::{Answer, answer, connect},
    running::Running,
};

/// Sends everything before it looks for the answer, as most clients do. That fails if the server closes the connection.
fn send(server: &Running, method: &str, path: &str, body: &[u8]) -> Answer {
    let mut stream = connect(server.address);
    write!(stream, "{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n", body.len()).unwrap();
    stream.write_all(body).unwrap_or_else(|error| panic!("{method} {path}: {error}"));
    answer(&mut BufReader::new(stream), true)
}

/// Bytes of which the first tell that they are no package.
fn garbage(mebibytes: usize) -> Vec<u8> {
    vec![b'x'; mebibytes << 20]
}

#[test]
fn a_large_upload_gets_its_answer() {
    let server = Running::start();
    let before = server.files();
    let package = PackageBuilder::hello().build();
    for (body, message) in [
        (garbage(1), "not a gzip-compressed file"),
        (garbage(30), "not a gzip-compressed file"),
        ([&package[..], &garbage(20)].concat(), "other data follows the gzip data"),
    ] {
        let answer = send(&server, "PUT", "/package/upload", &body);
        assert_eq!(answer.status, 200);
        assert!(answer.json()["message"].as_str().unwrap().starts_with(message), "{}", answer.json());
    }
    assert!(server.files() == before);
}

#[test]
fn a_large_upload_in_chunks_gets_its_answer() {
    let server = Running::start();
    let mut stream = connect(server.address);
    stream
        .write_all(b"PUT /package/upload HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        .unwrap();
    let chunk = [&b"100000\r\n"[..], &garbage(1), b"\r\n"].concat();
    for _ in 0..20 {
        stream.write_all(&chunk).unwrap();
    }
    stream.write_all(b"0\r\n\r\n").unwrap();
    assert_eq!(answer(&mut BufReader::new(stream), true).json()["status"], "fail");
}

#[test]
fn a_client_that_listens_while_it_sends_gets_its_answer_whatever_it_has() {
    let server = Running::start();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("large");
    // Without a single block on disk.
    File::create(&file).unwrap().set_len(1 << 30).unwrap();
    let url = format!("http://{}/package/upload", server.address);
    let curl = Command::new("curl").args(["-sS", "-m", "60", "-T"]).arg(&file).arg(&url).output().unwrap();
    let text = String::from_utf8_lossy(&curl.stdout);
    assert!(text.contains("not a gzip-compressed file"), "{text}\n{}", String::from_utf8_lossy(&curl.stderr));
}

#[test]
fn whoever_asks_the_wrong_thing_gets_an_answer() {
    let server = Running::start();
    for (method, path, status) in [
        ("POST", "/package/upload", 405),
        ("PUT", "/package/uplaod", 404),
        ("PUT", "/hello", 405),
        ("DELETE", "/", 405),
        ("DELETE", "/nowhere", 404),
    ] {
        assert_eq!(send(&server, method, path, &garbage(30)).status, status, "{method} {path}");
    }
}

#[test]
fn whoever_asks_before_it_sends_is_not_made_to_send() {
    let server = Running::start();
    for (path, status) in [("/nowhere", "404"), ("/hello", "405")] {
        let mut stream = connect(server.address);
        write!(
            stream,
            "PUT {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\nExpect: 100-continue\r\n\r\n"
        )
        .unwrap();
        let mut line = String::new();
        std::io::BufRead::read_line(&mut BufReader::new(stream), &mut line).unwrap();
        assert!(line.starts_with(&format!("HTTP/1.1 {status} ")), "{line}");
    }
}
