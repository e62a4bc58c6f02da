//! Saying no to a client that has too many connections, or that speaks something else.

use std::{io, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpStream,
    sync::Semaphore,
    time::timeout,
};

/// The whole answer. A client of HTTP/2 sees a connection that does not work, and it does not.
const ANSWER: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 5\r\n\
    Content-Type: application/json\r\nContent-Length: 78\r\n\r\n\
    {\"error\":\"busy\",\"message\":\"this address has too many connections: close some\"}";
/// The whole answer to a request without TLS where TLS is expected.
pub(super) const PLAIN_HTTP: &[u8] = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\
    Content-Type: application/json\r\nContent-Length: 69\r\n\r\n\
    {\"error\":\"plain-http\",\"message\":\"this port speaks TLS: use https://\"}";
/// How many are told at a time; others are closed without a word.
const TOLD_AT_A_TIME: usize = 64;
/// How long a client may go on sending. If it were closed at once, what it has sent would make the system throw the answer away.
const LINGER: Duration = Duration::from_secs(2);

pub(super) struct TurnAway {
    telling: Arc<Semaphore>,
}

impl TurnAway {
    pub(super) fn new() -> Self {
        Self { telling: Arc::new(Semaphore::new(TOLD_AT_A_TIME)) }
    }

    /// Answers whatever the client asks with 503.
    pub(super) fn tell(&self, stream: TcpStream) {
        if let Ok(place) = Arc::clone(&self.telling).try_acquire_owned() {
            tokio::spawn(async move {
                say(stream, ANSWER).await;
                drop(place);
            });
        }
    }
}

/// Sends an answer to whatever the client asks, and ends.
pub(super) async fn say(stream: impl AsyncRead + AsyncWrite + Unpin, answer: &[u8]) {
    // It is for the client alone; if it does not want it, nobody else does.
    let _ = timeout(LINGER, send(stream, answer)).await;
}

async fn send(mut stream: impl AsyncRead + AsyncWrite + Unpin, answer: &[u8]) -> io::Result<()> {
    stream.write_all(answer).await?;
    stream.shutdown().await?;
    let mut sink = [0; 4096];
    while stream.read(&mut sink).await? > 0 {}
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_as_long_as_they_say() {
        for answer in [ANSWER, PLAIN_HTTP] {
            let (head, body) = str::from_utf8(answer).unwrap().split_once("\r\n\r\n").unwrap();
            assert!(head.ends_with(&format!("\r\nContent-Length: {}", body.len())), "{head}");
        }
    }
}
