//! Measures what clients that are slow, or do nothing, cost others: `stalled_clients ADDRESS` asks a server on this machine,
//! alone and then beside 500 stalled connections and 50 uploads of 1,000 bytes a second. The server gets two packages. The
//! clients have addresses from 127.0.0.2 on, so that the limit for one address does not keep them away.
#![allow(clippy::print_stdout, reason = "a measuring program for developers")]

use std::{
    error::Error,
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    sync::mpsc::{RecvTimeoutError, channel},
    thread,
    time::{Duration, Instant},
};

use amps_testkit::PackageBuilder;
use tokio::net::TcpSocket;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

const REQUESTS: u32 = 5000;
const HELLO: &str = "GET /hello?project-id=PROJECT HTTP/1.1\r\nHost: x\r\n\r\n";

fn main() -> Outcome<()> {
    let address: SocketAddr = std::env::args().nth(1).ok_or("usage: stalled_clients ADDRESS")?.parse()?;
    let noise: Vec<u8> = (0..3_u32 << 18).flat_map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()).collect();
    let package = PackageBuilder::hello().id("stalled-clients").file("noise", noise).build();
    let small = PackageBuilder::hello().id("stalled-clients-small").build();
    upload(address, &package)?;
    measure("alone", address, &small)?;

    let head =
        format!("PUT /package/upload HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n", package.len());
    let half_a_body = [head.as_bytes(), package.get(..1000).unwrap_or_default()].concat();
    let download = b"GET /package/download?id=stalled-clients HTTP/1.1\r\nHost: x\r\n\r\n";
    let stalled = [
        connections(address, 2, 150, b"")?,
        connections(address, 4, 150, b"GET /hello HTTP/1.1\r\nHost: ")?,
        connections(address, 6, 50, &half_a_body)?,
        connections(address, 7, 150, download)?,
    ];
    let mut uploads = connections(address, 9, 50, head.as_bytes())?;
    let (stop, stopped) = channel::<()>();
    let trickle = thread::spawn(move || {
        for piece in package.chunks(100) {
            uploads.retain_mut(|stream| stream.write_all(piece).is_ok());
            if !matches!(stopped.recv_timeout(Duration::from_millis(100)), Err(RecvTimeoutError::Timeout)) {
                break;
            }
        }
    });
    measure("beside 550 of them", address, &small)?;
    drop(stop);
    trickle.join().map_err(|_| "the thread of the slow uploads failed")?;
    drop(stalled);
    Ok(())
}

/// Connections that have sent something, at most 100 of one address.
fn connections(address: SocketAddr, from: u8, count: u8, sent: &[u8]) -> io::Result<Vec<TcpStream>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let connect = |at: u8| {
        let mut stream = runtime.block_on(async {
            let socket = TcpSocket::new_v4()?;
            socket.bind((Ipv4Addr::new(127, 0, 0, from + at / 100), 0).into())?;
            socket.connect(address).await?.into_std()
        })?;
        stream.set_nonblocking(false)?;
        stream.write_all(sent)?;
        Ok(stream)
    };
    (0..count).map(connect).collect()
}

fn measure(name: &str, address: SocketAddr, package: &[u8]) -> Outcome<()> {
    for (way, is_fresh) in [("kept connection", false), ("new connections", true)] {
        let mut kept = TcpStream::connect(address)?;
        let mut times = Vec::new();
        for _ in 0..REQUESTS {
            let begin = Instant::now();
            if is_fresh {
                kept = TcpStream::connect(address)?;
            }
            kept.set_nodelay(true)?;
            kept.write_all(HELLO.as_bytes())?;
            answer(&kept)?;
            times.push(begin.elapsed());
        }
        times.sort();
        let at = |share: usize| times.get((times.len() - 1) * share / 1000).copied().unwrap_or_default();
        println!(
            "{name}, {way}: median {:?}, p99 {:?}, p99.9 {:?}, most {:?}",
            at(500),
            at(990),
            at(999),
            at(1000)
        );
    }
    let begin = Instant::now();
    upload(address, package)?;
    println!("{name}, upload of {} bytes: {:?}", package.len(), begin.elapsed());
    Ok(())
}

fn upload(address: SocketAddr, package: &[u8]) -> Outcome<()> {
    let mut stream = TcpStream::connect(address)?;
    write!(stream, "PUT /package/upload HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n", package.len())?;
    stream.write_all(package)?;
    let answer = answer(&stream)?;
    if answer.contains(r#""status":"ok""#) { Ok(()) } else { Err(answer.into()) }
}

/// The body of the next answer.
fn answer(stream: &TcpStream) -> Outcome<String> {
    let mut reader = BufReader::new(stream);
    let (mut length, mut line) = (0, String::new());
    while reader.read_line(&mut line)? > 2 {
        if let Some(text) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = text.trim().parse()?;
        }
        line.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(String::from_utf8_lossy(&body).into_owned())
}
