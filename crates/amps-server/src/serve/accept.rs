//! Taking connections, and serving each on a task of its own.

use std::{
    future::{Future, poll_fn},
    net::SocketAddr,
    pin::pin,
    sync::Arc,
    task::Poll,
    time::Duration,
};

use hyper::{
    server::conn::{http1, http2},
    service::service_fn,
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::graceful::GracefulConnection,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};

use super::{
    connection::{Connection, Order},
    exchange::Exchange,
    metered_stream::MeteredStream,
    opened_stream::{OpenedStream, Protocol},
    registry::{Admission, Full, Registry},
    tls::{SecuredStream, Tls},
    turn_away::TurnAway,
};
use crate::{limits::ServerLimits, metrics::ListenerMetrics, site::Site};

/// How long to wait when the system has no file descriptor left for a connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// How often to look whether a connection has become idle when all places are taken.
const FULL_PAUSE: Duration = Duration::from_millis(50);

/// Answers connections until `shutdown`, then those that are there.
pub(super) async fn accept(
    listener: TcpListener,
    site: Site,
    seen: Arc<ListenerMetrics>,
    limits: &ServerLimits,
    tls: Option<Arc<Tls>>,
    shutdown: impl Future<Output = ()>,
) {
    let http = Arc::new(Http::new(limits));
    let exchange = Arc::new(Exchange::new(site, Arc::clone(&seen), limits));
    let registry = Arc::new(Registry::new(Arc::clone(&seen), limits));
    let watching = tokio::spawn({
        let registry = Arc::clone(&registry);
        async move { registry.watch().await }
    });
    let taking = async {
        let turn_away = TurnAway::new();
        loop {
            let (stream, peer) = next(&listener).await;
            if let Some(admission) = admit(&registry, peer).await {
                let (http, exchange) = (Arc::clone(&http), Arc::clone(&exchange));
                tokio::spawn(serve(http, exchange, tls.clone(), stream, admission));
            } else {
                seen.connections.turned_away.one_more();
                // With TLS, it would not understand what it is told.
                if tls.is_none() {
                    turn_away.tell(stream);
                }
            }
        }
    };
    tokio::select! {
        () = shutdown => {}
        () = taking => {}
    }
    drop(listener);
    registry.finish().await;
    watching.abort();
}

/// How the two protocols are spoken.
struct Http {
    http1: http1::Builder,
    http2: http2::Builder<TokioExecutor>,
}

/// What hyper makes room for without being asked; more costs an allocation for each request.
const HTTP1_FIELDS: usize = 100;
/// Hyper's buffer for a connection. It grows up to this only while much is sent.
const HTTP1_BUFFER_BYTES: usize = 400 * 1024;
/// What a client may send although nobody reads it, on a connection and for a request.
const HTTP2_WINDOW_BYTES: u32 = 256 * 1024;
const HTTP2_SEND_BYTES: usize = 256 * 1024;

impl Http {
    fn new(limits: &ServerLimits) -> Self {
        let number = |limit: usize| u32::try_from(limit).unwrap_or(u32::MAX);
        let mut http1 = http1::Builder::new();
        // The watch over connections takes the place of a timer for each head.
        http1.header_read_timeout(None).max_header_size(limits.head_bytes);
        if limits.head_fields > HTTP1_FIELDS {
            http1.max_headers(limits.head_fields);
        }
        http1.max_buf_size(HTTP1_BUFFER_BYTES.max(limits.head_bytes + 1));
        // A client that has said that it sends no more still waits for its answer (RFC 9112, section 9.6).
        http1.half_close(true);
        let mut http2 = http2::Builder::new(TokioExecutor::new());
        http2
            .max_concurrent_streams(number(limits.streams))
            // There, a field counts 32 bytes more (RFC 9113, section 6.5.2).
            .max_header_list_size(number(limits.head_bytes + 32 * limits.head_fields))
            .initial_stream_window_size(HTTP2_WINDOW_BYTES)
            .initial_connection_window_size(HTTP2_WINDOW_BYTES)
            .max_send_buf_size(HTTP2_SEND_BYTES);
        Self { http1, http2 }
    }
}

async fn next(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                // Without this, the last small piece of an answer waits for an acknowledgement (Nagle's algorithm).
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "cannot set nodelay");
                }
                return (stream, peer);
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Takes a connection in, as soon as there is a place for it; those behind it wait in the system's queue. None if its client has
/// too many.
async fn admit(registry: &Arc<Registry>, peer: SocketAddr) -> Option<Admission> {
    loop {
        match registry.admit(peer) {
            Ok(admission) => return Some(admission),
            Err(Full::Network) => return None,
            Err(Full::Server) => drop(timeout(FULL_PAUSE, registry.one_ended()).await),
        }
    }
}

/// Serves a connection to its end. How it ends is its client's business.
async fn serve(
    http: Arc<Http>,
    exchange: Arc<Exchange>,
    tls: Option<Arc<Tls>>,
    stream: TcpStream,
    admission: Admission,
) {
    let connection = &admission.connection;
    let stream = MeteredStream::new(stream, Arc::clone(connection));
    let Some(tls) = tls else { return speak(&http, &exchange, connection, stream, None).await };
    if let Some(SecuredStream { stream, secured, protocol }) =
        until_told(connection, tls.secure(stream)).await.flatten()
    {
        let _ = connection.secured.set(secured); // nobody else sets it
        speak(&http, &exchange, connection, stream, protocol).await;
    }
}

/// Speaks HTTP, in the version that the client has chosen or begins to speak.
async fn speak<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    http: &Http,
    exchange: &Arc<Exchange>,
    connection: &Arc<Connection>,
    stream: S,
    protocol: Option<Protocol>,
) {
    let mut stream = OpenedStream::new(stream);
    let protocol = match protocol {
        None => until_told(connection, stream.protocol()).await.and_then(Result::ok),
        known => known,
    };
    let service = service_fn(|request| Arc::clone(exchange).answer(Arc::clone(connection), request));
    match protocol {
        None => {}
        Some(Protocol::Http1) => {
            drive(connection, http.http1.serve_connection(TokioIo::new(stream), service)).await;
        }
        Some(Protocol::Http2) => {
            drive(connection, http.http2.serve_connection(TokioIo::new(stream), service)).await;
        }
    }
}

/// Waits for something on a connection that has not asked for anything yet; none if it is to end.
async fn until_told<T>(connection: &Connection, waiting: impl Future<Output = T>) -> Option<T> {
    let mut waiting = pin!(waiting);
    poll_fn(|context| match connection.order(context.waker()) {
        Order::GoOn => waiting.as_mut().poll(context).map(Some),
        Order::Finish | Order::Close => Poll::Ready(None),
    })
    .await
}

/// Lets the protocol run, and tells it what the connection is told.
async fn drive(connection: &Connection, serving: impl GracefulConnection) {
    let mut serving = pin!(serving);
    let mut is_finishing = false;
    poll_fn(|context| {
        match connection.order(context.waker()) {
            Order::Close => return Poll::Ready(()),
            Order::Finish if !is_finishing => {
                is_finishing = true;
                serving.as_mut().graceful_shutdown();
            }
            Order::Finish | Order::GoOn => {}
        }
        serving.as_mut().poll(context).map(drop)
    })
    .await;
}
