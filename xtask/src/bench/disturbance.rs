//! Clients that stand still, or nearly: many at a time, for as long as the value lives.

use crate::error::Error;
use rustix::net::{AddressFamily, SocketType, bind, connect, socket, sockopt};
use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How many connections come from one address: less than `connectionsPerAddress` lets in.
const CONNECTIONS_PER_ADDRESS: u32 = 110;

/// Clients that upload slowly.
const SLOW_UPLOADS: u32 = 50;

/// What each of them sends in a second. Bytes.
const SLOW_BYTES_PER_SECOND: usize = 1_000;

/// What the client of a download lets the system keep for it. Bytes; the system takes more.
const RECEIVE_BUFFER_BYTES: usize = 4_096;

/// What a client does that stands still.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stalled {
    Silent,
    HalfHead,
    HalfUpload,
    UnreadDownload,
}

/// 500 of them. With the slow ones, the uploads are fewer than `openUploads` lets in: others are to find a place.
const STALLED: &[(Stalled, u32)] = &[
    (Stalled::Silent, 170),
    (Stalled::HalfHead, 170),
    (Stalled::HalfUpload, 60),
    (Stalled::UnreadDownload, 100),
];

/// 500 clients that stand still and 50 that upload 1 kB in a second; they go when it is dropped.
pub(super) struct Disturbance {
    stalled: Vec<(Stalled, TcpStream)>,
    is_over: Arc<AtomicBool>,
    slow: Option<JoinHandle<io::Result<()>>>,
}

impl Disturbance {
    /// `package` is the beginning of a package and its length; `download` the target of a large download.
    pub(super) fn new(address: &str, package: (&[u8], usize), download: &str) -> Result<Self, Error> {
        Self::open(address, package, download)
            .map_err(|error| Error::failed(format!("clients that stand still: {error}")))
    }

    fn open(address: &str, (package, length): (&[u8], usize), download: &str) -> io::Result<Self> {
        let SocketAddr::V4(server) = address.parse().map_err(io::Error::other)? else {
            return Err(io::Error::other(format!("expected an IPv4 address, found {address}")));
        };
        let upload =
            format!("PUT /package/upload HTTP/1.1\r\nHost: bench\r\nContent-Length: {length}\r\n\r\n");
        let half = package.get(..package.len() / 2).unwrap_or_default();
        let mut addresses = addresses();
        let mut open = || from(addresses.next().unwrap_or(Ipv4Addr::LOCALHOST), server);
        let mut stalled = Vec::new();
        for (kind, count) in STALLED {
            for _ in 0..*count {
                let mut stream = open()?;
                match kind {
                    Stalled::Silent => {}
                    Stalled::HalfHead => stream.write_all(b"GET /hello?project-id=PROJECT HTTP/1.1\r\nHo")?,
                    Stalled::HalfUpload => {
                        stream.write_all(upload.as_bytes())?;
                        stream.write_all(half)?;
                    }
                    Stalled::UnreadDownload => {
                        stream.write_all(
                            format!("GET {download} HTTP/1.1\r\nHost: bench\r\n\r\n").as_bytes(),
                        )?;
                    }
                }
                stalled.push((*kind, stream));
            }
        }
        let mut slow = (0..SLOW_UPLOADS).map(|_| open()).collect::<io::Result<Vec<_>>>()?;
        slow.iter_mut().try_for_each(|stream| stream.write_all(upload.as_bytes()))?;
        let is_over = Arc::new(AtomicBool::new(false));
        let (stop, package) = (Arc::clone(&is_over), package.to_vec());
        let slow = thread::spawn(move || send_slowly(&mut slow, &package, &stop));
        Ok(Self { stalled, is_over, slow: Some(slow) })
    }

    /// Ends it; an error if the server had turned one of the clients away, who disturbed nobody then.
    pub(super) fn end(mut self) -> Result<(), Error> {
        self.is_over.store(true, Ordering::Relaxed);
        for (kind, stream) in &self.stalled {
            let has_answer =
                has_answer(stream).map_err(|error| Error::failed(format!("{kind:?}: {error}")))?;
            if has_answer != (*kind == Stalled::UnreadDownload) {
                return Err(Error::failed(format!("a client that stands still ({kind:?}) was turned away")));
            }
        }
        match self.slow.take().map(JoinHandle::join) {
            Some(Ok(Ok(()))) => Ok(()),
            Some(Ok(Err(error))) => Err(Error::failed(format!("a slow upload ended: {error}"))),
            _ => Err(Error::unable("the thread of the slow uploads panicked")),
        }
    }
}

impl Drop for Disturbance {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        if let Some(slow) = self.slow.take() {
            let _ = slow.join();
        }
    }
}

/// 127.0.0.2, 127.0.0.3, …: each as often as the limit allows.
fn addresses() -> impl Iterator<Item = Ipv4Addr> {
    (2..=254).flat_map(|last| (0..CONNECTIONS_PER_ADDRESS).map(move |_| Ipv4Addr::new(127, 0, 0, last)))
}

/// A connection from this address, which keeps little for its client.
fn from(source: Ipv4Addr, server: SocketAddrV4) -> io::Result<TcpStream> {
    let socket = socket(AddressFamily::INET, SocketType::STREAM, None)?;
    sockopt::set_socket_recv_buffer_size(&socket, RECEIVE_BUFFER_BYTES)?;
    bind(&socket, &SocketAddrV4::new(source, 0))?;
    connect(&socket, &server)?;
    let stream = TcpStream::from(socket);
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Whether there is something to read; an error if the server closed the connection.
fn has_answer(stream: &TcpStream) -> io::Result<bool> {
    stream.set_nonblocking(true)?;
    match stream.peek(&mut [0]) {
        Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
        Err(error) => Err(error),
    }
}

/// An error if one of the uploads has an answer already: it was refused.
fn turned_away(streams: &[TcpStream]) -> io::Result<()> {
    for stream in streams {
        if has_answer(stream)? {
            return Err(io::Error::other("it was refused"));
        }
    }
    Ok(())
}

/// One after the other sends its piece, so that all have sent one in a second.
fn send_slowly(streams: &mut [TcpStream], package: &[u8], is_over: &AtomicBool) -> io::Result<()> {
    let pause = Duration::from_secs(1) / SLOW_UPLOADS;
    for piece in package.chunks(SLOW_BYTES_PER_SECOND) {
        for stream in &mut *streams {
            if is_over.load(Ordering::Relaxed) {
                return turned_away(streams);
            }
            stream.write_all(piece)?;
            thread::sleep(pause);
        }
    }
    Err(io::Error::other("the package is sent, and nobody took it back"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_500_clients_that_stand_still() {
        assert_eq!(STALLED.iter().map(|(_, count)| count).sum::<u32>(), 500);
    }

    #[test]
    fn no_address_has_more_connections_than_the_limit() {
        let addresses: Vec<_> = addresses().take(550).collect();
        let last = addresses.last().unwrap();
        assert_eq!(*last, Ipv4Addr::new(127, 0, 0, 6));
        assert_eq!(addresses.iter().filter(|address| *address == last).count(), 110);
    }
}
