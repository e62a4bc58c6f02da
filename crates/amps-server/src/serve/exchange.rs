//! A request and its answer, whatever it is about: its id, its log line, and the limits that hold for all.

use std::{
    convert::Infallible,
    mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    Router,
    body::{Body, Bytes, HttpBody},
    http::{HeaderValue, Request, Response, StatusCode, Version},
    response::IntoResponse as _,
};
use hyper::{
    body::{Frame, Incoming, SizeHint},
    service::Service as _,
};
use hyper_util::service::TowerToHyperService;
use ipnet::IpNet;
use tokio::time::Instant;
use tracing::{
    Instrument as _, Level, Span,
    field::{Empty, display},
};

use super::{
    connection::Connection,
    request_id::{RequestIds, X_REQUEST_ID},
};
use crate::{
    answer::Problem,
    audit::GivenId,
    busy::busy,
    limits::ServerLimits,
    metrics::{ListenerMetrics, RequestKind},
    site::{Shortcut, Site},
    trusted_proxies::client,
};

/// What all requests share.
pub(super) struct Exchange {
    router: TowerToHyperService<Router>,
    shortcut: Option<Arc<dyn Shortcut>>,
    trusted_proxies: Arc<[IpNet]>,
    ids: RequestIds,
    seen: Arc<ListenerMetrics>,
    limits: ServerLimits,
}

impl Exchange {
    pub(super) fn new(site: Site, seen: Arc<ListenerMetrics>, limits: &ServerLimits) -> Self {
        Self {
            router: TowerToHyperService::new(site.router),
            shortcut: site.shortcut,
            trusted_proxies: site.trusted_proxies,
            ids: RequestIds::new(),
            seen,
            limits: limits.clone(),
        }
    }

    /// Answers a request.
    pub(super) async fn answer(
        self: Arc<Self>,
        connection: Arc<Connection>,
        mut request: Request<Incoming>,
    ) -> Result<Response<Answer>, Infallible> {
        let number = connection.begin_request(request.version() == Version::HTTP_2);
        let id = self.ids.id(request.headers(), connection.number, number);
        let is_logged = tracing::enabled!(Level::INFO);
        let requests = self.seen.begin_request();
        let kind = self.seen.kind(request.method(), request.uri().path());
        let begin = Instant::now();
        let (exchange, connection) = (Arc::clone(&self), Arc::clone(&connection));
        let running = Running { exchange, connection, kind, begin, is_logged };
        let is_few = requests <= self.limits.requests && request.headers().len() <= self.limits.head_fields;
        if is_few && let Some(ready) = self.ready(&running.connection, &request) {
            // Nothing is left that could fail, so its span is needed for the log of requests only.
            let span =
                if is_logged { self.span(&request, &id, &running.connection, true) } else { Span::none() };
            return Ok(Answer::to(ready.map(Payload::Ready), id, span, running));
        }
        let span = self.span(&request, &id, &running.connection, is_logged);
        let response = if requests > self.limits.requests {
            busy("requests")
        } else if request.headers().len() > self.limits.head_fields {
            too_many_fields(self.limits.head_fields)
        } else {
            request.extensions_mut().insert(running.connection.peer);
            request.extensions_mut().insert(GivenId(id.clone()));
            if let Some(secured) = running.connection.secured.get() {
                request.extensions_mut().insert(secured.clone());
            }
            match self.router.call(request).instrument(span.clone()).await {
                Ok(response) => response,
                Err(never) => match never {},
            }
        };
        Ok(Answer::to(response.map(Payload::Streamed), id, span, running))
    }

    /// The answer if it needs no router, and does not depend on who asks.
    fn ready(&self, connection: &Connection, request: &Request<Incoming>) -> Option<Response<Bytes>> {
        let shortcut = self.shortcut.as_ref()?;
        if connection.secured.get().is_some_and(|secured| secured.device.is_some()) {
            return None;
        }
        shortcut.answer(request.method(), request.uri(), request.headers())
    }

    /// What log lines about a request begin with. Failures are to name the request even where requests are not logged; then the id is
    /// all, because the rest would cost each request a microsecond.
    fn span(
        &self,
        request: &Request<Incoming>,
        id: &HeaderValue,
        connection: &Connection,
        is_full: bool,
    ) -> Span {
        let id = id.to_str().unwrap_or_default();
        if !is_full {
            return tracing::error_span!("request", id);
        }
        // The path alone: a query may hold a hardware id.
        let (method, path) = (request.method(), without_token(request.uri().path()));
        let (token, user) = (Empty, Empty); // known when somebody has looked at the request: see `access`
        let peer = connection.peer.ip().to_canonical();
        let behind = Some(client(request.headers(), peer, &self.trusted_proxies));
        let client = behind.filter(|client| *client != peer).map(display);
        tracing::error_span!("request", id, %method, path, peer = %connection.peer, client, token, user)
    }
}

/// A path without what lets whoever knows it download something or go on with an upload.
pub(crate) fn without_token(path: &str) -> &str {
    const SECRETS: [&str; 2] = ["/app/download/", "/uploads/tus/"];
    let end = SECRETS.iter().find_map(|before| Some(path.find(before)? + before.len()));
    end.and_then(|end| path.get(..end)).unwrap_or(path)
}

fn too_many_fields(most: usize) -> Response<Body> {
    Problem {
        status: StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
        code: "too-many-fields",
        message: format!("the header has more than {most} fields"),
    }
    .into_response()
}

/// Counts as a request until it is dropped.
struct Running {
    exchange: Arc<Exchange>,
    connection: Arc<Connection>,
    kind: RequestKind,
    begin: Instant,
    is_logged: bool,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.exchange.seen.end_request();
        self.connection.end_request();
    }
}

/// What is to be sent.
enum Payload {
    /// This, in one piece.
    Ready(Bytes),
    /// What comes.
    Streamed(Body),
}

/// The body of an answer. The request ends with it.
pub(super) struct Answer {
    payload: Payload,
    /// The size of the piece that the connection has. If it asks for the next one, the client has made room for it.
    handed_over: Option<u64>,
    bytes: u64,
    status: StatusCode,
    span: Span,
    running: Running,
}

impl Answer {
    /// The answer to a request, with its name.
    fn to(response: Response<Payload>, id: HeaderValue, span: Span, running: Running) -> Response<Self> {
        let status = response.status();
        let mut response =
            response.map(|payload| Self { payload, handed_over: None, bytes: 0, status, span, running });
        response.headers_mut().insert(X_REQUEST_ID, id);
        response
    }

    fn take_back(&mut self) {
        if let Some(bytes) = self.handed_over.take() {
            self.running.connection.take_back(bytes);
        }
    }
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.take_back();
        let frame = match &mut self.payload {
            Payload::Ready(bytes) if bytes.is_empty() => Poll::Ready(None),
            Payload::Ready(bytes) => Poll::Ready(Some(Ok(Frame::data(mem::take(bytes))))),
            Payload::Streamed(body) => Pin::new(body).poll_frame(context),
        };
        if let Poll::Ready(Some(Ok(frame))) = &frame
            && let Some(data) = frame.data_ref()
        {
            let bytes = data.len() as u64;
            self.bytes += bytes;
            self.handed_over = Some(bytes);
            self.running.connection.hand_over();
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        match &self.payload {
            Payload::Ready(bytes) => bytes.is_empty(),
            Payload::Streamed(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.payload {
            Payload::Ready(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Payload::Streamed(body) => body.size_hint(),
        }
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.take_back();
        let Running { exchange, kind, begin, is_logged, .. } = &self.running;
        let duration = begin.elapsed();
        exchange.seen.answered(*kind, self.status, self.bytes, duration);
        if *is_logged {
            let milliseconds = duration.as_secs_f64() * 1000.0;
            let (status, bytes) = (self.status.as_u16(), self.bytes);
            tracing::info!(parent: &self.span, status, bytes, milliseconds, "answered");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_opens_something_is_no_part_of_a_path_that_is_kept() {
        for (path, kept) in [
            ("/app/download/secret", "/app/download/"),
            ("/prefix/app/download/secret", "/prefix/app/download/"),
            ("/api/v1/uploads/tus/secret", "/api/v1/uploads/tus/"),
            ("/api/v1/uploads/tus", "/api/v1/uploads/tus"),
            ("/package/list", "/package/list"),
        ] {
            assert_eq!(without_token(path), kept);
        }
    }
}
