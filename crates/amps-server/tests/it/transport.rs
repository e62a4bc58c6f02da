//! Uploads by every way that HTTP has, in full and cut off.

use std::{
    io::{BufReader, Read as _, Write as _},
    net::{Shutdown, TcpStream},
    time::Duration,
};

use amps_testkit::PackageBuilder;

use crate::{
    client::{answer, connect, request},
    running::{Running, eventually},
};

fn package(id: &str, version: &str) -> Vec<u8> {
    PackageBuilder::hello().id(id).version(version).build()
}

/// Sends the head of an upload.
fn begin(server: &Running, head: &str) -> TcpStream {
    let mut stream = connect(server.address);
    write!(stream, "PUT /package/upload HTTP/1.1\r\nHost: test\r\n{head}\r\n").unwrap();
    stream
}

fn length(bytes: &[u8]) -> String {
    format!("Content-Length: {}\r\n", bytes.len())
}

fn staged(server: &Running) -> usize {
    server.files().keys().filter(|name| name.starts_with(".amps/staging/")).count()
}

#[test]
fn chunks_may_have_any_size_extensions_and_trailers() {
    let server = Running::start();
    for (version, size) in [("1", 1), ("2", 7), ("3", 100), ("4", 1 << 20)] {
        let package = package("a", version);
        let mut stream = begin(&server, "Transfer-Encoding: chunked\r\n");
        let mut body = Vec::new();
        for chunk in package.chunks(size) {
            write!(body, "{:x};some=extension\r\n", chunk.len()).unwrap();
            body.extend(chunk);
            body.extend(b"\r\n");
        }
        body.extend(b"0\r\nA-Trailer: x\r\n\r\n");
        stream.write_all(&body).unwrap();
        assert_eq!(answer(&mut BufReader::new(stream), true).json()["status"], "ok");
        assert!(server.get("/package/download?id=a").body == package);
    }
}

#[test]
fn a_client_that_waits_is_asked_for_the_body() {
    let server = Running::start();
    let package = package("a", "1");
    let mut stream = begin(&server, &format!("{}Expect: 100-continue\r\n", length(&package)));
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(&package).unwrap();
    assert_eq!(answer(&mut BufReader::new(stream), true).json()["status"], "ok");
}

#[test]
fn one_connection_takes_many_uploads() {
    let server = Running::start();
    let stream = connect(server.address);
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    for (body, status) in [
        (package("a", "1"), "ok"),
        (b"garbage".to_vec(), "fail"),
        (package("b", "1"), "ok"),
        (vec![], "fail"),
    ] {
        write!(&stream, "PUT /package/upload HTTP/1.1\r\nHost: test\r\n{}\r\n", length(&body)).unwrap();
        (&stream).write_all(&body).unwrap();
        assert_eq!(answer(&mut reader, true).json()["status"], status);
    }
}

#[test]
fn what_is_said_about_the_body_does_not_matter() {
    let server = Running::start();
    for (target, head) in [
        ("/package/upload?id=other&architecture=x", ""),
        ("/package/upload", "Content-Type: application/x-www-form-urlencoded\r\n"),
        ("/package/upload", "Content-Type: multipart/form-data\r\nContent-Encoding: gzip\r\n"),
    ] {
        let answer = request(server.address, "PUT", target, head, &package("a", "1"));
        assert_eq!(answer.json()["id"], "a", "{target} {head}");
    }
}

#[test]
fn an_upload_waits_for_a_place_and_gets_it() {
    let server = Running::limited(|limits| limits.concurrent_uploads = 1);
    let slow = package("slow", "1");
    let mut stream = begin(&server, &length(&slow));
    stream.write_all(&slow[..100]).unwrap();
    eventually(|| (staged(&server) == 1).then_some(()));
    std::thread::scope(|scope| {
        let second = scope.spawn(|| server.add(&package("quick", "1")));
        // Reading does not wait for an upload.
        assert_eq!(server.get("/package/list").json(), serde_json::json!([]));
        stream.write_all(&slow[100..]).unwrap();
        assert_eq!(answer(&mut BufReader::new(stream), true).json()["status"], "ok");
        assert_eq!(second.join().unwrap()["id"], "quick");
    });
}

#[test]
fn however_a_client_goes_away_nothing_stays_and_its_place_is_free() {
    let server = Running::limited(|limits| limits.concurrent_uploads = 2);
    server.add(&package("a", "1"));
    let before = server.files();
    let noise: Vec<u8> = (0..1_u32 << 18).flat_map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()).collect();
    let large = PackageBuilder::hello().id("a").version("2").file("noise", noise).build();
    for end in [0, 1, 10, 100, 1000, 100_000, large.len() - 1] {
        for how in [None, Some(Shutdown::Write), Some(Shutdown::Both)] {
            let refused = server.console().matches("x failed").count();
            let mut stream = begin(&server, &length(&large));
            stream.write_all(&large[..end]).unwrap();
            if end > 0 {
                eventually(|| (staged(&server) == 1).then_some(()));
            }
            match how {
                None => drop(stream),
                Some(how) => stream.shutdown(how).unwrap(),
            }
            eventually(|| (server.console().matches("x failed").count() > refused).then_some(()));
            eventually(|| (staged(&server) == 0).then_some(()));
            assert!(server.files() == before, "after {end} bytes, {how:?}");
        }
    }
    server.add(&large);
}

#[test]
fn a_whole_package_in_half_a_body_is_not_taken() {
    let server = Running::start();
    let before = server.files();
    let package = package("a", "1");
    let size = format!("{:x}\r\n", package.len());
    let chunk = [size.as_bytes(), &package, b"\r\n"].concat();
    let more = format!("Content-Length: {}\r\n", package.len() + 1000);
    for (head, body) in [
        // Zeros may follow a package: nothing is missing but what was promised.
        (more.as_str(), [&package[..], &[0; 10]].concat()),
        ("Transfer-Encoding: chunked\r\n", chunk.clone()),
        ("Transfer-Encoding: chunked\r\n", [&chunk[..], b"0\r\n"].concat()),
        ("Transfer-Encoding: chunked\r\n", [&chunk[..], b"zz\r\n\r\n"].concat()),
        ("Transfer-Encoding: chunked\r\n", chunk[..chunk.len() - 10].to_vec()),
    ] {
        let refused = server.console().matches("x failed").count();
        let mut stream = begin(&server, head);
        stream.write_all(&body).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let _ = stream.read_to_end(&mut Vec::new());
        eventually(|| (server.console().matches("x failed").count() > refused).then_some(()));
        assert!(server.files() == before, "{}", String::from_utf8_lossy(&body[body.len() - 10..]));
    }
}

#[test]
fn a_client_that_falls_asleep_is_told_and_gives_its_place_up() {
    let server = Running::limited(|limits| {
        (limits.upload_idle, limits.concurrent_uploads) = (Duration::from_millis(100), 1);
    });
    let before = server.files();
    let package = package("a", "1");
    for end in [0, 400] {
        let mut stream = begin(&server, &length(&package));
        stream.write_all(&package[..end]).unwrap();
        let answer = answer(&mut BufReader::new(stream), true).json();
        let message = answer["message"].as_str().unwrap();
        assert!(message.starts_with("the package did not arrive: no data for "), "{message}");
        assert!(server.files() == before);
    }
    server.add(&package);
}
