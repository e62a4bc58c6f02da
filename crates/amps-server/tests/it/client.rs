//! As little of an HTTP client as the tests need, with nothing between them and the bytes.

use std::{
    io::{BufRead as _, BufReader, ErrorKind, Read, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpStream},
};

use serde_json::Value;
use tokio::net::TcpSocket;

use crate::running::{PATIENCE, Running};

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.header("content-type"), Some("application/json"));
        serde_json::from_slice(&self.body).unwrap()
    }
}

pub(crate) fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Connects from another address of this machine.
pub(crate) fn connect_from(ip: Ipv4Addr, address: SocketAddr) -> TcpStream {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    let stream = runtime.block_on(async {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((ip, 0).into()).unwrap();
        socket.connect(address).await.unwrap().into_std().unwrap()
    });
    stream.set_nonblocking(false).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Whether the other side has closed the connection; waits for bytes or that.
pub(crate) fn is_closed(mut stream: &TcpStream) -> bool {
    match stream.read(&mut [0; 1]) {
        Ok(bytes) => bytes == 0,
        Err(error) => error.kind() == ErrorKind::ConnectionReset,
    }
}

/// Reads one answer; `has_body` is false for the one to a HEAD.
pub(crate) fn answer(reader: &mut BufReader<impl Read>, has_body: bool) -> Answer {
    let mut line = || {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    };
    let status = loop {
        let status: u16 = line().split(' ').nth(1).expect("a status line").parse().unwrap();
        if status != 100 {
            break status;
        }
        assert_eq!(line(), "");
    };
    let mut head = Vec::new();
    loop {
        let line = line();
        let Some((name, value)) = line.split_once(": ") else { break };
        head.push((name.to_owned(), value.to_owned()));
    }
    let mut answer = Answer { status, head, body: Vec::new() };
    if has_body {
        let length = answer.header("content-length").map_or(0, |length| length.parse().unwrap());
        answer.body = vec![0; length];
        reader.read_exact(&mut answer.body).unwrap();
    }
    answer
}

pub(crate) fn request(address: SocketAddr, method: &str, target: &str, head: &str, body: &[u8]) -> Answer {
    let mut stream = connect(address);
    write!(
        stream,
        "{method} {target} HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Length: {}\r\n{head}\r\n",
        body.len()
    )
    .unwrap();
    // A server that refuses may stop reading before everything is written.
    let _ = stream.write_all(body);
    answer(&mut BufReader::new(stream), method != "HEAD")
}

impl Running {
    pub(crate) fn get(&self, target: &str) -> Answer {
        request(self.address, "GET", target, "", b"")
    }

    /// Asks where those who run the server do.
    pub(crate) fn manage(&self, target: &str) -> Answer {
        request(self.management.expect("a listener for operators"), "GET", target, "", b"")
    }

    pub(crate) fn post(&self, target: &str, form: &str) -> Answer {
        let head = "Content-Type: application/x-www-form-urlencoded\r\n";
        request(self.address, "POST", target, head, form.as_bytes())
    }

    pub(crate) fn upload(&self, package: &[u8]) -> Value {
        let answer = request(self.address, "PUT", "/package/upload", "", package);
        assert_eq!(answer.status, 200);
        answer.json()
    }

    /// Uploads a package that must be taken.
    #[track_caller]
    pub(crate) fn add(&self, package: &[u8]) -> Value {
        let answer = self.upload(package);
        assert_eq!(answer["status"], "ok", "{answer}");
        answer
    }
}
