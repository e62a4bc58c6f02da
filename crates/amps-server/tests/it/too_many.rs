//! More of something than a limit allows: who waits, who is closed, who is told to come again.

use std::{
    io::{BufReader, Write as _},
    net::{Ipv4Addr, TcpStream},
    time::Duration,
};

use amps_testkit::PackageBuilder;

use crate::{
    client::{Answer, answer, connect, connect_from, is_closed},
    running::{Running, eventually},
};

const HELLO: &[u8] = b"GET /hello HTTP/1.1\r\nHost: x\r\n\r\n";

/// Asks something small on a connection that stays open.
fn hello(mut stream: &TcpStream) -> Answer {
    stream.write_all(HELLO).unwrap();
    answer(&mut BufReader::new(stream.try_clone().unwrap()), true)
}

/// A connection with an upload that has begun.
fn uploading(server: &Running, from: Ipv4Addr) -> TcpStream {
    let mut stream = connect_from(from, server.address);
    stream
        .write_all(b"PUT /package/upload HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n\x1f\x8b")
        .unwrap();
    stream
}

fn staged(server: &Running) -> usize {
    server.files().keys().filter(|name| name.starts_with(".amps/staging/")).count()
}

fn noise() -> Vec<u8> {
    (0..5_u32 << 20).flat_map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()).collect()
}

#[test]
fn the_connection_above_all_of_an_address_is_told() {
    let server = Running::limited(|limits| limits.connections_per_address = 2);
    let (first, second) = (uploading(&server, Ipv4Addr::LOCALHOST), uploading(&server, Ipv4Addr::LOCALHOST));
    eventually(|| (staged(&server) == 2).then_some(()));
    let refused = hello(&connect(server.address));
    assert_eq!((refused.status, refused.header("retry-after")), (503, Some("5")));
    assert_eq!(refused.json()["error"], "busy");
    // Another address is another client.
    assert_eq!(hello(&connect_from(Ipv4Addr::new(127, 0, 0, 2), server.address)).status, 200);
    drop(first);
    eventually(|| (hello(&connect(server.address)).status == 200).then_some(()));
    drop(second);
}

#[test]
fn an_idle_connection_is_closed_for_a_new_one() {
    let server = Running::limited(|limits| limits.connections = 3);
    let upload = uploading(&server, Ipv4Addr::LOCALHOST);
    eventually(|| (staged(&server) == 1).then_some(()));
    let idle = [connect(server.address), connect(server.address)];
    for stream in &idle {
        assert_eq!(hello(stream).status, 200);
    }
    let next = connect(server.address);
    assert_eq!(hello(&next).status, 200);
    // The one that was idle for longest; neither the other one nor who is at work.
    assert!(is_closed(&idle[0]));
    assert_eq!(hello(&idle[1]).status, 200);
    assert_eq!(hello(&next).status, 200);
    drop(upload);
}

#[test]
fn who_comes_when_all_are_busy_waits_until_one_is_not() {
    let server = Running::limited(|limits| limits.connections = 1);
    let upload = uploading(&server, Ipv4Addr::LOCALHOST);
    eventually(|| (staged(&server) == 1).then_some(()));
    let mut waiting: Vec<TcpStream> = (0..3).map(|_| connect(server.address)).collect();
    for stream in &mut waiting {
        stream.write_all(HELLO).unwrap();
        stream.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        let error = stream.peek(&mut [0; 1]).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
        stream.set_read_timeout(Some(crate::running::PATIENCE)).unwrap();
    }
    drop(upload);
    for stream in waiting {
        assert_eq!(answer(&mut BufReader::new(stream), true).status, 200);
    }
}

#[test]
fn connections_that_say_nothing_make_room() {
    let server = Running::limited(|limits| limits.connections = 20);
    let silent: Vec<TcpStream> = (0..20).map(|_| connect(server.address)).collect();
    assert_eq!(hello(&connect(server.address)).status, 200);
    drop(silent);
}

#[test]
fn the_upload_above_those_that_may_be_open_is_told() {
    let server = Running::limited(|limits| {
        (limits.open_uploads, limits.upload_wait) = (2, Duration::from_millis(20));
    });
    let first = uploading(&server, Ipv4Addr::LOCALHOST);
    let second = uploading(&server, Ipv4Addr::LOCALHOST);
    eventually(|| (staged(&server) == 2).then_some(()));
    let package = PackageBuilder::hello().build();
    let upload = || crate::client::request(server.address, "PUT", "/package/upload", "", &package);
    let refused = upload();
    assert_eq!((refused.status, refused.header("retry-after")), (503, Some("5")));
    assert_eq!(refused.json()["error"], "busy");
    drop(first);
    eventually(|| (upload().status == 200).then_some(()));
    drop(second);
}

#[test]
fn uploads_whose_clients_are_silent_give_way_to_others() {
    let server = Running::limited(|limits| limits.open_uploads = 2);
    let first = uploading(&server, Ipv4Addr::LOCALHOST);
    eventually(|| (staged(&server) == 1).then_some(()));
    let second = uploading(&server, Ipv4Addr::LOCALHOST);
    eventually(|| (staged(&server) == 2).then_some(()));
    server.add(&PackageBuilder::hello().build());
    // One place was enough, and the one that had it was told why it lost it.
    assert_eq!(staged(&server), 1);
    let told = answer(&mut BufReader::new(first), true).json()["message"].to_string();
    assert!(told.contains("no data for 3 seconds while other uploads wait"), "{told}");
    drop(second);
}

#[test]
fn an_upload_that_waits_for_its_client_lets_others_go_first() {
    let server = Running::limited(|limits| limits.concurrent_uploads = 1);
    let slow: Vec<TcpStream> = (0..5).map(|_| uploading(&server, Ipv4Addr::LOCALHOST)).collect();
    eventually(|| (staged(&server) == 5).then_some(()));
    server.add(&PackageBuilder::hello().build());
    assert_eq!(staged(&server), 5);
    drop(slow);
}

#[test]
fn the_download_above_those_that_may_be_open_is_told() {
    let server = Running::limited(|limits| limits.open_downloads = 2);
    server.add(&PackageBuilder::hello().id("a").file("noise", noise()).build());
    let download = || {
        let mut stream = connect(server.address);
        stream.write_all(b"GET /package/download?id=a HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        let mut status = [0; 12];
        std::io::Read::read_exact(&mut stream, &mut status).unwrap();
        (stream, String::from_utf8_lossy(&status[9..]).into_owned())
    };
    let (first, second) = (download(), download());
    assert_eq!((first.1.as_str(), second.1.as_str()), ("200", "200"));
    let refused = server.get("/package/download?id=a");
    assert_eq!((refused.status, refused.header("retry-after")), (503, Some("5")));
    assert_eq!(server.get("/package/list").status, 200);
    drop(first);
    eventually(|| (download().1 == "200").then_some(()));
    drop(second);
}

#[test]
fn the_request_above_all_that_may_run_is_told() {
    let server = Running::limited(|limits| limits.requests = 2);
    let first = uploading(&server, Ipv4Addr::LOCALHOST);
    eventually(|| (staged(&server) == 1).then_some(()));
    assert_eq!(server.get("/hello").status, 200);
    let second = uploading(&server, Ipv4Addr::LOCALHOST);
    eventually(|| (staged(&server) == 2).then_some(()));
    assert_eq!(server.get("/hello").status, 503);
    drop(first);
    eventually(|| (server.get("/hello").status == 200).then_some(()));
    drop(second);
}
