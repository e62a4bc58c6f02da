//! Clients that do not speak TLS, or stop in the middle of it.

use std::{
    io::{Read as _, Write as _},
    net::{Ipv4Addr, TcpStream},
    time::{Duration, Instant},
};

use amps_server::{ServerLimits, Settings};

use crate::{
    client::{connect, connect_from, is_closed},
    running::Running,
    tls_pki::{Pki, ask, secured},
};

fn limited(pki: &Pki, set: impl FnOnce(&mut ServerLimits)) -> Running {
    let mut settings = Settings { tls: Some(pki.settings(|_| {})), ..Settings::default() };
    set(&mut settings.limits);
    Running::with(settings)
}

/// The first message of a client.
fn hello(pki: &Pki) -> Vec<u8> {
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut stream = secured(address.local_addr().unwrap(), &pki.trusting(None));
    let mut bytes = Vec::new();
    stream.conn.write_tls(&mut bytes).unwrap();
    bytes
}

#[test]
fn garbage_is_closed_and_disturbs_nobody() {
    let pki = Pki::new();
    let server = limited(&pki, |_| {});
    let hello = hello(&pki);
    let too_long = [&[22, 3, 1, 0xff, 0xff][..], &vec![0; 70_000]].concat();
    let mut broken = hello.clone();
    broken[9] ^= 0xff; // the version in the hello
    let all: [&[u8]; 8] = [
        b"\0",
        b"\n\n\n\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        &[0x80, 0x2e, 1, 0, 2],
        &[22, 3, 1, 0, 4, 1, 0xff, 0xff, 0xff],
        &[23, 3, 3, 0, 1, 0],
        &too_long,
        &[&hello[..], &hello[..]].concat(),
    ];
    for bytes in all {
        let mut stream = connect(server.address);
        let _ = stream.write_all(bytes);
        let mut answer = Vec::new();
        let end = stream.read_to_end(&mut answer);
        let is_reset = end.is_err_and(|error| error.kind() == std::io::ErrorKind::ConnectionReset);
        assert!(is_reset || answer.len() < 4096, "{:?}: {}", bytes.get(..9), answer.len());
    }
    assert_eq!(ask(server.address, &pki.trusting(None), "/hello", "").unwrap().status, 200);
}

#[test]
fn a_handshake_that_does_not_go_on_is_closed_as_a_head_is() {
    let pki = Pki::new();
    let server = limited(&pki, |limits| limits.head_time = Duration::from_millis(300));
    let hello = hello(&pki);
    let sent: [&[u8]; 4] = [b"", &hello[..1], &hello[..hello.len() / 2], &hello];
    let streams = sent.map(|bytes| {
        let mut stream = connect(server.address);
        stream.write_all(bytes).unwrap();
        stream
    });
    for mut stream in streams {
        let mut answer = Vec::new();
        // It ends; the last one got its answer before.
        let _ = stream.read_to_end(&mut answer);
        assert!(is_closed(&stream));
    }
    // So is one whose handshake is complete, and who asks for nothing.
    let mut idle = secured(server.address, &pki.trusting(None));
    idle.conn.complete_io(&mut idle.sock).unwrap();
    let mut rest = Vec::new();
    let _ = idle.read_to_end(&mut rest);
    assert!(rest.is_empty() && is_closed(&idle.sock));
}

#[test]
fn many_handshakes_that_stall_disturb_nobody() {
    let pki = Pki::new();
    let server = limited(&pki, |_| {});
    let hello = hello(&pki);
    let stalled: Vec<TcpStream> = (0..400_u16)
        .map(|at| {
            let from = Ipv4Addr::new(127, 0, 0, 2 + u8::try_from(at / 100).unwrap());
            let mut stream = connect_from(from, server.address);
            // Half of them have got an answer that they do not react to.
            let sent = if at % 2 == 0 { &hello[..] } else { &hello[..hello.len() - 1] };
            stream.write_all(sent).unwrap();
            stream
        })
        .collect();
    let client = pki.trusting(None);
    let mut times: Vec<Duration> = (0..50)
        .map(|_| {
            let begin = Instant::now();
            assert_eq!(ask(server.address, &client, "/hello", "").unwrap().status, 200);
            begin.elapsed()
        })
        .collect();
    times.sort();
    assert!(times[45] < Duration::from_millis(500), "{times:?}");
    drop(stalled);
}

#[test]
fn a_server_that_ends_does_not_wait_for_handshakes() {
    let pki = Pki::new();
    let mut server = limited(&pki, |_| {});
    let hello = hello(&pki);
    let mut stalled = connect(server.address);
    stalled.write_all(&hello).unwrap();
    stalled.read_exact(&mut [0; 5]).unwrap();
    let begin = Instant::now();
    server.request_shutdown();
    server.join();
    assert!(begin.elapsed() < Duration::from_secs(10));
}
