//! Many clients that are slow, or do nothing at all, disturb nobody.

use std::{
    io::{BufReader, Write as _},
    net::{Ipv4Addr, TcpStream},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::{Duration, Instant},
};

use amps_testkit::PackageBuilder;

use crate::{
    client::{answer, connect, connect_from},
    running::{Running, eventually},
};

/// What each address has; below the limit.
const OF_ADDRESS: usize = 100;
/// For a busy machine that runs other tests. On an idle one the worst is 2 ms (`examples/stalled_clients.rs` measures).
const AT_MOST: Duration = Duration::from_millis(500);

/// Connections that have sent something and then stop.
fn stalled(server: &Running, count: usize, sent: &[u8], from: u8) -> Vec<TcpStream> {
    (0..count)
        .map(|at| {
            let host = from + u8::try_from(at / OF_ADDRESS).unwrap();
            let mut stream = connect_from(Ipv4Addr::new(127, 0, 0, host), server.address);
            stream.write_all(sent).unwrap();
            stream
        })
        .collect()
}

/// Sends 1,000 bytes a second on each connection until it is told to stop.
fn trickle(mut streams: Vec<TcpStream>, package: &[u8], stop: &Receiver<()>) {
    for piece in package.chunks(100) {
        for stream in &mut streams {
            let _ = stream.write_all(piece);
        }
        if !matches!(stop.recv_timeout(Duration::from_millis(100)), Err(RecvTimeoutError::Timeout)) {
            return;
        }
    }
}

/// How long each of so many requests takes, sorted.
fn times(server: &Running, requests: usize) -> Vec<Duration> {
    let kept = connect(server.address);
    let mut times: Vec<Duration> = (0..requests)
        .map(|at| {
            let begin = Instant::now();
            let fresh = (at % 2 == 0).then(|| connect(server.address));
            let mut stream = fresh.as_ref().unwrap_or(&kept);
            stream.write_all(b"GET /hello?project-id=PROJECT HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
            let answer = answer(&mut BufReader::new(stream.try_clone().unwrap()), true);
            assert_eq!(answer.json()["status"], "ok");
            begin.elapsed()
        })
        .collect();
    times.sort();
    times
}

#[test]
fn disturb_neither_readers_nor_uploaders() {
    let server = Running::start();
    let noise: Vec<u8> = (0..3_u32 << 18).flat_map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()).collect();
    let package = PackageBuilder::hello().id("a").file("noise", noise).build();
    server.add(&package);
    let upload =
        format!("PUT /package/upload HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n", package.len());
    let half_a_body = [upload.as_bytes(), &package[..1000]].concat();
    let held = [
        stalled(&server, 150, b"", 2),
        stalled(&server, 150, b"GET /hello HTTP/1.1\r\nHost: ", 4),
        stalled(&server, 30, &half_a_body, 6),
        stalled(&server, 100, b"PUT /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf", 7),
        stalled(&server, 70, b"GET /package/download?id=a HTTP/1.1\r\nHost: x\r\n\r\n", 8),
    ];
    assert_eq!(held.iter().map(Vec::len).sum::<usize>(), 500);
    let trickling = stalled(&server, 50, upload.as_bytes(), 9);
    let (stop, stopped) = channel();
    thread::scope(|scope| {
        let package = &package;
        scope.spawn(move || trickle(trickling, package, &stopped));
        // All of them have threads of the server, which sleep.
        eventually(|| {
            let staging = server.files().into_keys().filter(|name| name.starts_with(".amps/staging/"));
            (staging.count() == 80).then_some(())
        });
        let times = times(&server, 300);
        let p99 = times[times.len() * 99 / 100];
        assert!(p99 < AT_MOST, "{p99:?}");
        let begin = Instant::now();
        server.add(&PackageBuilder::hello().id("b").build());
        assert!(server.get("/package/download?id=a").body == *package);
        assert!(begin.elapsed() < 10 * AT_MOST, "{:?}", begin.elapsed());
        drop(stop);
    });
}
