//! Clients that send a body too slowly, or take an answer too slowly, or not at all.

use std::{
    io::{BufReader, Read as _, Write as _},
    time::{Duration, Instant},
};

use amps_testkit::PackageBuilder;

use crate::{
    client::{answer, connect},
    running::{PATIENCE, Running, eventually},
};

/// A package that no buffer of the system can hold.
fn large() -> Vec<u8> {
    let noise: Vec<u8> = (0..6_u32 << 20).flat_map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()).collect();
    PackageBuilder::hello().id("large").file("noise", noise).build()
}

#[test]
fn an_upload_below_the_least_rate_is_told() {
    let server = Running::limited(|limits| {
        (limits.upload_idle, limits.upload_rate) = (Duration::from_millis(200), 1 << 20);
    });
    let package = PackageBuilder::hello().build();
    let mut stream = connect(server.address);
    write!(stream, "PUT /package/upload HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n", package.len())
        .unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(10))).unwrap();
    let mut bytes = package.iter();
    // Never silent for long, and always too slow.
    eventually(|| {
        stream.write_all(&[*bytes.next().unwrap()]).unwrap();
        stream.peek(&mut [0; 1]).ok()
    });
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let answer = answer(&mut BufReader::new(stream), true).json();
    let message = answer["message"].as_str().unwrap();
    assert!(message.contains("slower than 1048576 bytes per second"), "{message}");
    server.add(&package);
}

#[test]
fn an_upload_has_so_much_time() {
    let server = Running::limited(|limits| limits.upload_time = Duration::from_millis(100));
    let mut stream = connect(server.address);
    stream.write_all(b"PUT /package/upload HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n").unwrap();
    let answer = answer(&mut BufReader::new(stream), true).json();
    let message = answer["message"].as_str().unwrap();
    assert!(message.contains("the upload took longer than "), "{message}");
}

#[test]
fn who_takes_nothing_of_an_answer_is_closed() {
    let mut server = Running::limited(|limits| limits.download_idle = Duration::from_millis(200));
    let package = large();
    server.add(&package);
    let mut stream = connect(server.address);
    stream.write_all(b"GET /package/download?id=large HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut first = [0; 12];
    stream.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    // A server that is told to end waits for every connection that it has.
    let begin = Instant::now();
    server.request_shutdown();
    server.join();
    assert!(begin.elapsed() < Duration::from_secs(10), "{:?}", begin.elapsed());
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest);
    assert!(rest.len() < package.len());
}

#[test]
fn who_takes_little_but_enough_gets_everything() {
    let server = Running::limited(|limits| limits.download_idle = Duration::from_secs(1));
    let package = large();
    server.add(&package);
    let mut stream = connect(server.address);
    stream
        .write_all(b"GET /package/download?id=large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        .unwrap();
    let (mut buffer, mut bytes) = (vec![0; 256 * 1024], 0);
    loop {
        match stream.read(&mut buffer).unwrap() {
            0 => break,
            read => bytes += read,
        }
    }
    assert!(bytes > package.len());
}

#[test]
fn a_download_has_so_much_time() {
    let server = Running::limited(|limits| limits.download_time = Duration::from_millis(300));
    let package = large();
    server.add(&package);
    let mut stream = connect(server.address);
    stream.write_all(b"GET /package/download?id=large HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    stream.read_exact(&mut [0; 12]).unwrap();
    // The server has sent what fits into the system's buffers; it finds out when it is asked for more.
    let begin = Instant::now();
    eventually(|| (begin.elapsed() > Duration::from_millis(400)).then_some(()));
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest);
    let bytes = rest.len();
    assert!(bytes < package.len(), "{bytes}");
}

#[test]
fn a_client_that_stalls_does_not_keep_the_server_from_ending() {
    let mut server = Running::limited(|limits| limits.shutdown = Duration::from_millis(100));
    server.add(&large());
    let mut upload = connect(server.address);
    upload.write_all(b"PUT /package/upload HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n").unwrap();
    let mut download = connect(server.address);
    download.write_all(b"GET /package/download?id=large HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    download.read_exact(&mut [0; 12]).unwrap();
    let begin = Instant::now();
    server.request_shutdown();
    server.join();
    assert!(begin.elapsed() < PATIENCE, "{:?}", begin.elapsed());
}
