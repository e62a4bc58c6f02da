//! A request and its answer, whatever it is about: its id, its log line, and the limits that hold for all.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
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
use tokio::time::Instant;
use tracing::{Instrument as _, Level, Span};

use super::{
    connection::Connection,
    request_id::{RequestIds, X_REQUEST_ID},
};
use crate::{answer::Problem, busy::busy, limits::ServerLimits};

/// What all requests share.
pub(super) struct Exchange {
    router: TowerToHyperService<Router>,
    ids: RequestIds,
    requests: AtomicUsize,
    limits: ServerLimits,
}

impl Exchange {
    pub(super) fn new(router: Router, limits: &ServerLimits) -> Self {
        Self {
            router: TowerToHyperService::new(router),
            ids: RequestIds::new(),
            requests: AtomicUsize::new(0),
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
        let begin = tracing::enabled!(Level::INFO).then(Instant::now);
        let span = span(&request, &id, &connection, begin.is_some());
        let requests = self.requests.fetch_add(1, Relaxed) + 1;
        let running = Running { exchange: Arc::clone(&self), connection: Arc::clone(&connection) };
        let mut response = if requests > self.limits.requests {
            busy("requests")
        } else if request.headers().len() > self.limits.head_fields {
            too_many_fields(self.limits.head_fields)
        } else {
            request.extensions_mut().insert(connection.peer);
            match self.router.call(request).instrument(span.clone()).await {
                Ok(response) => response,
                Err(never) => match never {},
            }
        };
        response.headers_mut().insert(X_REQUEST_ID, id);
        let status = response.status();
        Ok(response.map(|body| Answer { body, handed_over: None, bytes: 0, status, begin, span, running }))
    }
}

/// What log lines about a request begin with. Failures are to name the request even where requests are not logged; then the id is
/// all, because the rest would cost each request a microsecond.
fn span(request: &Request<Incoming>, id: &HeaderValue, connection: &Connection, is_full: bool) -> Span {
    let id = id.to_str().unwrap_or_default();
    if !is_full {
        return tracing::error_span!("request", id);
    }
    // The path alone: a query may hold a hardware id.
    let (method, path) = (request.method(), without_token(request.uri().path()));
    tracing::error_span!("request", id, %method, path, peer = %connection.peer)
}

/// A path without what opens a download to whoever knows it.
fn without_token(path: &str) -> &str {
    const DOWNLOADS: &str = "/app/download/";
    path.find(DOWNLOADS).and_then(|at| path.get(..at + DOWNLOADS.len())).unwrap_or(path)
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
}

impl Drop for Running {
    fn drop(&mut self) {
        self.exchange.requests.fetch_sub(1, Relaxed);
        self.connection.end_request();
    }
}

/// The body of an answer. The request ends with it.
pub(super) struct Answer {
    body: Body,
    /// The size of the piece that the connection has. If it asks for the next one, the client has made room for it.
    handed_over: Option<u64>,
    bytes: u64,
    status: StatusCode,
    begin: Option<Instant>,
    span: Span,
    running: Running,
}

impl Answer {
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
        let frame = Pin::new(&mut self.body).poll_frame(context);
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
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.take_back();
        if let Some(begin) = self.begin {
            let milliseconds = begin.elapsed().as_secs_f64() * 1000.0;
            let (status, bytes) = (self.status.as_u16(), self.bytes);
            tracing::info!(parent: &self.span, status, bytes, milliseconds, "answered");
        }
    }
}
