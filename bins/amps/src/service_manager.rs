//! Tells systemd how the server is: it listens, it still answers, it ends. Without systemd nothing happens.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use sd_notify::NotifyState;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

/// How often the server is asked within the time after which systemd ends it: one answer may get lost, or be late.
const ASKED_WITHIN_WATCHDOG: u32 = 4;

/// Says that clients can connect, and from now on that they are answered. Called on the runtime that answers them, so that
/// nothing is said when that stands still.
pub(crate) fn listens(address: SocketAddr) {
    tell(NotifyState::Ready);
    if let Some(watchdog) = sd_notify::watchdog_enabled() {
        tokio::spawn(watch(address, watchdog / ASKED_WITHIN_WATCHDOG));
    }
}

/// Says that the server ends, and how long that may take is no longer a matter of answering.
pub(crate) fn ends() {
    tell(NotifyState::Stopping);
}

fn tell(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::warn!(error = %error, "cannot tell the service manager how the server is");
    }
}

/// Asks again and again, and passes on that there was an answer.
async fn watch(address: SocketAddr, patience: Duration) {
    let address = reachable(address);
    let mut turns = tokio::time::interval(patience);
    loop {
        turns.tick().await;
        if answers(address, patience).await {
            tell(NotifyState::Watchdog);
        } else {
            tracing::warn!(%address, ?patience, "the server does not answer itself");
        }
    }
}

/// Whether whoever listens there reacts to a request in time. A refusal is an answer, and so is the end of the connection (a
/// listener that speaks TLS hangs up on this request): what does not answer is a server that takes no connections any more, which the
/// system's queue would hide from somebody who only connects.
async fn answers(address: SocketAddr, patience: Duration) -> bool {
    let exchange = async {
        let Ok(mut stream) = TcpStream::connect(address).await else { return false };
        let request = format!(
            "GET /hello HTTP/1.1\r\nHost: {address}\r\nUser-Agent: amps-watchdog\r\nConnection: close\r\n\r\n"
        );
        // One that hangs up at once may not take the request; that it hung up is seen by reading.
        let _ = stream.write_all(request.as_bytes()).await;
        let _ = stream.read(&mut [0; 64]).await;
        true
    };
    timeout(patience, exchange).await.unwrap_or(false)
}

/// Where this host reaches a server that listens on this address.
fn reachable(address: SocketAddr) -> SocketAddr {
    let host = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(host, address.port())
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(30);

    async fn listener() -> (TcpListener, SocketAddr) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        (listener, address)
    }

    #[tokio::test]
    async fn an_answer_is_any_byte_or_the_end() {
        for answer in ["HTTP/1.1 503 Service Unavailable\r\n\r\n", ""] {
            let (listener, address) = listener().await;
            let serving = async {
                let (mut stream, _) = listener.accept().await.unwrap();
                stream.write_all(answer.as_bytes()).await.unwrap();
            };
            assert!(tokio::join!(answers(address, PATIENCE), serving).0, "{answer}");
        }
    }

    #[tokio::test]
    async fn one_that_takes_no_connections_does_not_answer() {
        let (listener, address) = listener().await;
        assert!(!answers(address, Duration::from_millis(50)).await);
        drop(listener);
        assert!(!answers(address, PATIENCE).await);
    }

    #[test]
    fn any_address_is_reached_through_the_loopback() {
        for (listening, reached) in [
            ("0.0.0.0:1", "127.0.0.1:1"),
            ("[::]:2", "[::1]:2"),
            ("192.0.2.1:3", "192.0.2.1:3"),
            ("[::1]:4", "[::1]:4"),
        ] {
            assert_eq!(reachable(listening.parse().unwrap()), reached.parse().unwrap());
        }
    }
}
