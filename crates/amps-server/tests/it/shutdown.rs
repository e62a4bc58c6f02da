//! How a server ends.

use std::{
    io::{BufReader, Read as _, Write as _},
    net::TcpStream,
    time::Instant,
};

use amps_server::Settings;
use amps_testkit::PackageBuilder;

use crate::{
    client::{answer, connect},
    running::{PATIENCE, Running, eventually},
};

#[test]
fn running_uploads_are_finished() {
    let mut server = Running::start();
    let package = PackageBuilder::hello().id("a").build();
    let mut stream = connect(server.address);
    write!(stream, "PUT /package/upload HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n", package.len())
        .unwrap();
    stream.write_all(&package[..100]).unwrap();
    eventually(|| server.files().keys().any(|name| name.starts_with(".amps/staging/")).then_some(()));
    server.request_shutdown();
    eventually(|| TcpStream::connect(server.address).is_err().then_some(()));
    stream.write_all(&package[100..]).unwrap();
    assert_eq!(answer(&mut BufReader::new(stream), true).json()["status"], "ok");
    let server = Running::on(server.stop(), Settings::default());
    assert!(server.get("/package/download?id=a").body == package);
}

#[test]
fn a_connection_that_has_said_nothing_yet_is_closed() {
    // Browsers open some in advance. The default time for a head is longer than the patience of this test.
    let settings = Settings::default();
    assert!(settings.limits.head_time > PATIENCE);
    let mut server = Running::with(settings);
    let mut silent = connect(server.address);
    // The server has taken it by the time it answers the next one.
    assert_eq!(server.get("/hello").status, 200);
    let begin = Instant::now();
    server.request_shutdown();
    let mut rest = Vec::new();
    let _ = silent.read_to_end(&mut rest);
    assert!(rest.is_empty());
    server.join();
    assert!(begin.elapsed() < PATIENCE);
}
