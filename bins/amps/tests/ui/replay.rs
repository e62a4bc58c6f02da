//! A server that knows nothing but answers which another one has given: what a browser needs for the same bytes, at the least.

use std::{
    collections::HashMap,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    process::{Command, Stdio},
    sync::Arc,
    thread,
};

/// Whole answers by path and query.
#[derive(Default)]
pub(crate) struct Answers(HashMap<String, Vec<u8>>);

impl Answers {
    /// Asks a server for what a browser has asked it for, and keeps the answer.
    pub(crate) fn record(&mut self, server: SocketAddr, path: &str) {
        let mut stream = TcpStream::connect(server).unwrap();
        let head =
            format!("GET {path} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(answer[..end].to_vec()).unwrap();
        assert!(head.starts_with("HTTP/1.1 200 ") && head.contains("content-length: "), "{path}: {head}");
        // The connection is kept for the next one.
        let kept: Vec<&str> = head.split("\r\n").filter(|line| *line != "connection: close").collect();
        let whole = [kept.join("\r\n").as_bytes(), &answer[end..]].concat();
        self.0.insert(path.to_owned(), whole);
    }

    /// An answer of HTML, compressed.
    pub(crate) fn page(&mut self, path: &str, html: &str) {
        let mut gzip =
            Command::new("gzip").arg("-9").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (mut input, text) = (gzip.stdin.take().unwrap(), html.to_owned());
        let writer = thread::spawn(move || input.write_all(text.as_bytes()).unwrap());
        let body = gzip.wait_with_output().unwrap().stdout;
        writer.join().unwrap();
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        self.0.insert(path.to_owned(), [head.as_bytes(), &body].concat());
    }

    /// Answers until the program ends.
    pub(crate) fn serve(self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let answers = Arc::new(self.0);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let answers = Arc::clone(&answers);
                // A browser that goes away ends it.
                thread::spawn(move || answer(&stream, &answers));
            }
        });
        address
    }
}

fn answer(mut stream: &TcpStream, answers: &HashMap<String, Vec<u8>>) -> std::io::Result<()> {
    const MISSING: &[u8] = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n";
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    loop {
        let (mut path, mut line) = (String::new(), String::new());
        while reader.read_line(&mut line)? > 2 {
            if path.is_empty() {
                path = line.split(' ').nth(1).unwrap_or_default().to_owned();
            }
            line.clear();
        }
        if line.is_empty() {
            return Ok(());
        }
        stream.write_all(answers.get(&path).map_or(MISSING, Vec::as_slice))?;
    }
}
