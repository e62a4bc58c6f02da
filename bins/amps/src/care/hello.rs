//! Whether a server answers.

use std::{
    io::{self, Read as _, Write as _},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream},
    time::Duration,
};

use amps_server::{ListenAddress, ProjectId};

/// How long a server on this machine may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// More than the answer has.
const ANSWER_BYTES: u64 = 4096;

/// What a server says when it is asked whether it serves a project: the first line of its answer, and the rest.
pub(super) struct Answer {
    pub(super) address: SocketAddr,
    pub(super) status: String,
    pub(super) body: String,
}

/// Asks `/hello` at the address at which a server of this machine listens.
pub(super) fn hello(address: ListenAddress, project: &ProjectId) -> io::Result<Answer> {
    let mut last = io::ErrorKind::AddrNotAvailable.into();
    for mut address in address.candidates() {
        // Where it listens on all addresses it is reached at this machine's own.
        match address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
            IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
            _ => {}
        }
        match ask(address, project) {
            Ok(answer) => return Ok(answer),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn ask(address: SocketAddr, project: &ProjectId) -> io::Result<Answer> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let id = in_query(project.as_str());
    write!(stream, "GET /hello?project-id={id} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.take(ANSWER_BYTES).read_to_end(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.lines().next().unwrap_or_default().to_owned();
    Ok(Answer { address, status, body: body.trim().to_owned() })
}

/// With everything escaped that is not a letter or a digit.
fn in_query(text: &str) -> String {
    text.bytes()
        .map(
            |byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            },
        )
        .collect()
}
