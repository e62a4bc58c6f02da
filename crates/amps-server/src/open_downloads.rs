//! How many downloads there are at a time, and how long each may take.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use hyper::body::{Frame, SizeHint};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Instant,
};

use crate::{busy::busy, limits::ServerLimits};

/// The downloads of a server.
#[derive(Clone)]
pub(crate) struct OpenDownloads {
    open: Arc<Semaphore>,
    time: Duration,
}

impl OpenDownloads {
    pub(crate) fn new(limits: &ServerLimits) -> Self {
        Self { open: Arc::new(Semaphore::new(limits.open_downloads)), time: limits.download_time }
    }
}

/// Answers a download if there are not too many, and 503 otherwise: each has an open file, and a client that takes its time.
pub(crate) async fn limit(State(downloads): State<OpenDownloads>, request: Request, next: Next) -> Response {
    let Ok(open) = downloads.open.try_acquire_owned() else { return busy("downloads") };
    let until = Instant::now() + downloads.time;
    let answer = next.run(request).await;
    if answer.body().is_end_stream() {
        return answer;
    }
    answer.map(|body| Body::new(Download { body, until, time: downloads.time, _open: open }))
}

/// The body of an answer that counts as a download until it is dropped. It can see how late it is only when somebody asks for
/// more; a client that does not is found by the watch over connections.
struct Download {
    body: Body,
    until: Instant,
    time: Duration,
    _open: OwnedSemaphorePermit,
}

impl HttpBody for Download {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if Instant::now() > self.until {
            let text = format!("the download took longer than {} seconds", self.time.as_secs());
            return Poll::Ready(Some(Err(axum::Error::new(io::Error::new(io::ErrorKind::TimedOut, text)))));
        }
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
