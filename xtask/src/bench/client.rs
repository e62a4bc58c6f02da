//! Downloads over connections that stay open, by a client that does next to nothing itself.

use crate::error::Error;
use std::io::{self, Read as _, Write};
use std::net::TcpStream;
use std::ops::Range;
use std::thread;

/// What one read takes from the system. Bytes.
const BUFFER_BYTES: usize = 256 << 10;

/// The longest head of an answer. Bytes.
const MAX_HEAD_BYTES: usize = 8 << 10;

/// A range of numbers, each the hardware id of a device, cut into pieces of almost the same size, one for each connection.
///
/// Every device downloads the package once; anything but a complete 200 is an error.
pub(super) fn download(address: &str, id: &str, devices: Range<u64>, connections: u64) -> Result<(), Error> {
    let count = devices.end - devices.start;
    let bound = |part: u64| devices.start + count * part / connections;
    thread::scope(|scope| {
        let parts: Vec<_> = (0..connections)
            .map(|part| {
                let devices = bound(part)..bound(part + 1);
                scope.spawn(move || one_connection(address, id, devices))
            })
            .collect();
        parts.into_iter().try_for_each(|part| {
            let done = part.join().map_err(|_| Error::unable("the thread of a connection panicked"))?;
            done.map_err(|error| Error::unable(format!("download of {id}: {error}")))
        })
    })
}

fn one_connection(address: &str, id: &str, devices: Range<u64>) -> io::Result<()> {
    let mut connection = Connection::open(address)?;
    devices.into_iter().try_for_each(|device| connection.download(id, device, &mut io::sink()))
}

/// A connection that stays open, and what was read from it last.
pub(super) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub(super) fn open(address: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: vec![0; BUFFER_BYTES] })
    }

    /// Writes the package with this id to `output`, as a device with this number gets it.
    pub(super) fn download(&mut self, id: &str, device: u64, output: &mut dyn Write) -> io::Result<()> {
        let target = format!("/package/download?id={id}&hardware-id={device}");
        self.exchange(&target, "", output)?.expect_status(200)
    }

    /// Asks for a target, with these fields (complete lines) besides `Host`, and writes the body to `output`.
    pub(super) fn exchange(
        &mut self,
        target: &str,
        fields: &str,
        output: &mut dyn Write,
    ) -> io::Result<Head> {
        self.request(("GET", target), fields, &[], output)
    }

    /// The same with any method, and with a body.
    pub(super) fn request(
        &mut self,
        (method, target): (&str, &str),
        fields: &str,
        body: &[u8],
        output: &mut dyn Write,
    ) -> io::Result<Head> {
        let length = if body.is_empty() && method == "GET" {
            String::new()
        } else {
            format!("Content-Length: {}\r\n", body.len())
        };
        self.send(&format!("{method} {target} HTTP/1.1\r\nHost: bench\r\n{length}{fields}\r\n"))?;
        self.send_bytes(body)?;
        let (head, body) = self.head()?;
        let mut left = head.length;
        let mut take = |piece: &[u8]| {
            left = left.checked_sub(piece.len()).ok_or(io::Error::other("more bytes than the answer has"))?;
            output.write_all(piece)?;
            Ok::<bool, io::Error>(left == 0)
        };
        let mut is_complete = take(self.buffer.get(body).unwrap_or_default())?;
        while !is_complete {
            match self.stream.read(&mut self.buffer)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                read => is_complete = take(self.buffer.get(..read).unwrap_or_default())?,
            }
        }
        Ok(head)
    }

    /// Sends this and no more.
    pub(super) fn send(&mut self, request: &str) -> io::Result<()> {
        self.stream.write_all(request.as_bytes())
    }

    /// The same with bytes.
    pub(super) fn send_bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// Reads the head of an answer, and says where in the buffer the part of the body stands that came along.
    fn head(&mut self) -> io::Result<(Head, Range<usize>)> {
        let mut filled = 0;
        loop {
            let read = self.stream.read(self.buffer.get_mut(filled..).unwrap_or_default())?;
            filled += read;
            let bytes = self.buffer.get(..filled).unwrap_or_default();
            let end = bytes.windows(4).take(MAX_HEAD_BYTES).position(|window| window == b"\r\n\r\n");
            if let Some(end) = end {
                let head = bytes.get(..end).and_then(Head::parse);
                let head = head.ok_or_else(|| io::Error::other("expected HTTP/1.1 with a content-length"))?;
                return Ok((head, end + 4..filled));
            }
            if read == 0 || filled > MAX_HEAD_BYTES {
                return Err(io::Error::other("expected the head of an answer"));
            }
        }
    }
}

/// What the head of an answer says.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) status: u16,
    /// Of the body. Bytes.
    pub(super) length: usize,
    pub(super) tag: Option<String>,
    pub(super) is_gzip: bool,
    /// The first cookie that it sets, without its attributes.
    pub(super) cookie: Option<String>,
    /// What it leads to.
    pub(super) location: Option<String>,
}

impl Head {
    fn parse(head: &[u8]) -> Option<Self> {
        let head = str::from_utf8(head).ok()?;
        let mut lines = head.lines();
        let status = lines.next()?.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()?;
        let fields: Vec<_> = lines.filter_map(|line| line.split_once(": ")).collect();
        let field = |wanted: &str| {
            fields.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| *value)
        };
        let length = match field("content-length") {
            // These have no body, whatever it says of the one that it does not send (RFC 9112, section 6.3).
            _ if matches!(status, 204 | 304) => 0,
            length => length?.parse().ok()?,
        };
        let is_gzip = field("content-encoding") == Some("gzip");
        let cookie = field("set-cookie").and_then(|cookie| cookie.split(';').next()).map(str::to_owned);
        let [tag, location] = ["etag", "location"].map(|name| field(name).map(str::to_owned));
        Some(Self { status, length, tag, is_gzip, cookie, location })
    }

    /// An error if the answer is another one.
    pub(super) fn expect_status(&self, expected: u16) -> io::Result<()> {
        if self.status == expected {
            return Ok(());
        }
        Err(io::Error::other(format!("expected status {expected}, found {}", self.status)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    /// A server that answers every request of one connection with this, and says which devices asked.
    fn serve(answer: &'static str) -> (String, thread::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let asked = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut asked = String::new();
            let mut buffer = [0; 1024];
            while let Ok(1..) = stream.read(&mut buffer) {
                let text = String::from_utf8_lossy(&buffer).into_owned();
                let device = text.split_once("hardware-id=").unwrap().1;
                asked.push_str(device.split(' ').next().unwrap());
                asked.push(';');
                // In two pieces, the second of which is not awaited by the one who reads heads.
                let (one, two) = answer.split_at(answer.len() - 2);
                stream.write_all(one.as_bytes()).unwrap();
                stream.write_all(two.as_bytes()).unwrap();
            }
            asked
        });
        (address, asked)
    }

    #[test]
    fn every_device_asks_once() {
        let (address, asked) = serve("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody");
        download(&address, "x", 7..10, 1).unwrap();
        assert_eq!(asked.join().unwrap(), "7;8;9;");
    }

    #[test]
    fn anything_but_a_complete_answer_is_an_error() {
        for answer in [
            "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 4\r\n\r\nbody",
            "HTTP/1.1 200 OK\r\n\r\nbody",
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbody",
            "HTTP/1.1 304 Not Modified\r\n\r\nbody",
        ] {
            let (address, _) = serve(answer);
            let error = download(&address, "x", 0..2, 1).unwrap_err().to_string();
            assert!(error.starts_with("download of x: "), "{error}");
        }
    }

    #[test]
    fn an_answer_without_a_body_is_complete() {
        let (address, _) = serve("HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\nContent-Length: 9\r\n\r\n");
        let mut connection = Connection::open(&address).unwrap();
        for _ in 0..2 {
            let head = connection.exchange("/?hardware-id=1", "", &mut io::sink()).unwrap();
            assert_eq!((head.status, head.length, head.tag.as_deref()), (304, 0, Some("\"x\"")));
        }
    }
}
