//! HTTP/2 without TLS, by a client that knows that the server speaks it; and HTTP/1.0.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    process::Command,
    time::{Duration, Instant},
};

use amps_testkit::PackageBuilder;

use crate::{
    client::connect,
    running::{PATIENCE, Running, eventually},
};

/// Runs curl; gives what it was told to write out, and the body.
fn curl(server: &Running, path: &str, options: &[&str]) -> (String, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let body = folder.path().join("body");
    let url = format!("http://{}{path}", server.address);
    let output = Command::new("curl")
        .args(["-sS", "-m", "20", "-w", "%{http_version} %{http_code}", "-o"])
        .arg(&body)
        .args(options)
        .arg(&url)
        .output()
        .expect("these tests need the command curl");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    (String::from_utf8(output.stdout).unwrap(), std::fs::read(&body).unwrap_or_default())
}

fn noise(bytes: u32) -> Vec<u8> {
    (0..bytes / 4).flat_map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()).collect()
}

#[test]
fn every_version_of_http_uploads_and_downloads() {
    let server = Running::start();
    let folder = tempfile::tempdir().unwrap();
    for (option, name) in [("--http2-prior-knowledge", "2"), ("--http1.1", "1.1"), ("--http1.0", "1.0")] {
        let package = PackageBuilder::hello().version(name).file("noise", noise(3 << 20)).build();
        let file = folder.path().join(name);
        std::fs::write(&file, &package).unwrap();
        let (code, body) = curl(&server, "/package/upload", &[option, "-T", file.to_str().unwrap()]);
        // curl sends an upload as 1.1 whatever it is told, if it knows no better.
        assert!(code.ends_with(" 200") && body.starts_with(br#"{"status":"ok""#), "{name}: {code}");
        let (code, body) = curl(&server, "/package/download?id=org.example.hello", &[option]);
        assert_eq!(code, format!("{name} 200").replace("1.0 ", &code[..code.len() - 3]));
        assert!(body == package, "{name}");
    }
}

#[test]
fn a_client_of_http_1_0_gets_the_whole_answer_and_the_end() {
    let server = Running::start();
    let package = PackageBuilder::hello().id("a").file("noise", noise(3 << 20)).build();
    server.add(&package);
    let mut stream = connect(server.address);
    stream.write_all(b"GET /package/download?id=a HTTP/1.0\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    assert!(answer.starts_with(b"HTTP/1.0 200 OK\r\n"));
    assert!(answer.ends_with(&package));
}

#[test]
fn a_header_with_too_many_fields_is_refused() {
    let server = Running::limited(|limits| limits.head_fields = 10);
    // curl itself sends two.
    for (more, code) in [(8, "2 200"), (9, "2 431")] {
        let fields: Vec<String> = (0..more).map(|at| format!("-HX{at}: x")).collect();
        let fields = fields.iter().map(String::as_str);
        let options: Vec<&str> = ["--http2-prior-knowledge"].into_iter().chain(fields).collect();
        assert_eq!(curl(&server, "/hello", &options).0, code);
    }
}

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;

/// RFC 9113, section 4.1.
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// A GET, in literals and entries of the static table (RFC 7541, appendix A).
fn get(stream: u32, path: &str) -> Vec<u8> {
    let length = u8::try_from(path.len()).unwrap();
    let block = [&[0x82, 0x86, 0x01, 1, b'x', 0x04, length], path.as_bytes()].concat();
    frame(HEADERS, 0x5, stream, &block) // END_STREAM, END_HEADERS
}

/// Reads frames until there is one of a kind and a stream. None: the connection was closed.
fn next(connection: &mut TcpStream, kind: u8, stream: u32) -> Option<Vec<u8>> {
    loop {
        let mut head = [0; 9];
        connection.read_exact(&mut head).ok()?;
        let mut payload = vec![0; u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize];
        connection.read_exact(&mut payload).ok()?;
        if (head[3], &head[5..9]) == (kind, &stream.to_be_bytes()[..]) {
            return Some(payload);
        }
    }
}

/// Begins a connection whose client has no room for bodies.
fn without_room(server: &Running) -> TcpStream {
    let mut connection = connect(server.address);
    connection.write_all(PREFACE).unwrap();
    // SETTINGS_INITIAL_WINDOW_SIZE = 0
    connection.write_all(&frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 0, 0])).unwrap();
    connection
}

#[test]
fn the_beginning_may_come_byte_by_byte() {
    let server = Running::start();
    let mut connection = connect(server.address);
    let bytes = [PREFACE, &frame(SETTINGS, 0, 0, &[]), &get(1, "/hello")].concat();
    for byte in bytes {
        connection.write_all(&[byte]).unwrap();
    }
    let head = next(&mut connection, HEADERS, 1).unwrap();
    assert_eq!(head[0], 0x88, "an entry of the static table: 200");
}

#[test]
fn a_client_that_never_makes_room_is_closed_although_it_is_there() {
    let server = Running::limited(|limits| limits.download_idle = Duration::from_millis(200));
    server.add(&PackageBuilder::hello().id("a").file("noise", noise(3 << 20)).build());
    let mut connection = without_room(&server);
    connection.write_all(&get(1, "/package/download?id=a")).unwrap();
    assert_eq!(next(&mut connection, HEADERS, 1).unwrap()[0], 0x88);
    // It goes on being polite.
    connection.set_nonblocking(true).unwrap();
    eventually(|| {
        let ping = connection.write_all(&frame(PING, 0, 0, &[0; 8]));
        let read = connection.read(&mut [0; 1000]);
        (ping.is_err() || matches!(read, Ok(0))).then_some(())
    });
}

#[test]
fn downloads_that_wait_are_counted_on_one_connection_too() {
    let server = Running::limited(|limits| limits.open_downloads = 3);
    server.add(&PackageBuilder::hello().id("a").file("noise", noise(3 << 20)).build());
    let mut connection = without_room(&server);
    for stream in [1, 3, 5] {
        connection.write_all(&get(stream, "/package/download?id=a")).unwrap();
        assert_eq!(next(&mut connection, HEADERS, stream).unwrap()[0], 0x88);
    }
    assert_eq!(server.get("/package/download?id=a").status, 503);
    drop(connection);
    eventually(|| (server.get("/package/download?id=a").status == 200).then_some(()));
}

#[test]
fn requests_that_are_taken_back_at_once_disturb_nobody() {
    let server = Running::start();
    let mut connection = connect(server.address);
    connection.write_all(&[PREFACE, &frame(SETTINGS, 0, 0, &[])].concat()).unwrap();
    connection.set_write_timeout(Some(Duration::from_secs(1))).unwrap();
    let taken_back =
        |stream| [get(stream, "/package/list"), frame(RST_STREAM, 0, stream, &[0, 0, 0, 8])].concat();
    for at in 0..20_000 {
        // A server may end such a connection, or stop reading it.
        if connection.write_all(&taken_back(2 * at + 1)).is_err() {
            break;
        }
        if at % 1000 == 0 {
            assert_eq!(server.get("/hello").status, 200);
        }
    }
    assert_eq!(server.get("/package/list").status, 200);
}

#[test]
fn a_server_that_ends_lets_requests_finish() {
    let mut server = Running::start();
    let mut connection = connect(server.address);
    connection.write_all(&[PREFACE, &frame(SETTINGS, 0, 0, &[]), &get(1, "/hello")].concat()).unwrap();
    assert_eq!(next(&mut connection, HEADERS, 1).unwrap()[0], 0x88);
    let begin = Instant::now();
    server.request_shutdown();
    // Even if the client does not say that it has understood.
    server.join();
    assert!(begin.elapsed() < PATIENCE);
    assert!(next(&mut connection, HEADERS, 3).is_none());
}
