//! The parts of a multipart form, one after the other, with bounds on what is held and how long is waited.

use std::{
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, Bytes, HttpBody as _},
    http::StatusCode,
};
use futures_util::Stream;
use multer::{Field, Multipart};
use tokio::time::{Instant, timeout, timeout_at};

use super::parameters::malformed;
use crate::{answer::Problem, drain::drain};

/// Parts of a form; an upload has five.
const MOST_PARTS: usize = 32;
/// Bytes between two parts: their boundary and the header of the second.
const BETWEEN_BYTES: usize = 16 * 1024;

/// The parts of a form that is still arriving.
pub(super) struct Parts {
    multipart: Multipart<'static>,
    body: Arc<Mutex<Body>>,
    /// Bytes that were read since the last part or piece of one.
    held: Arc<AtomicUsize>,
    count: usize,
    time: Duration,
}

impl Parts {
    /// Reads a body; each part but the package has so long to arrive.
    pub(super) fn new(body: Body, boundary: String, time: Duration) -> Self {
        let (body, held) = (Arc::new(Mutex::new(body)), Arc::new(AtomicUsize::new(0)));
        let source = Source { body: Arc::clone(&body), held: Arc::clone(&held), must_pause: false };
        Self { multipart: Multipart::new(source, boundary), body, held, count: 0, time }
    }

    /// The next part. The one before must have been read to its end.
    pub(super) async fn next(&mut self) -> Result<Option<Part>, Problem> {
        self.held.store(0, Relaxed);
        self.count += 1;
        if self.count > MOST_PARTS + 1 {
            return Err(too_large(format!("the form has more than {MOST_PARTS} parts")));
        }
        let field = timeout(self.time, self.multipart.next_field()).await.map_err(|_| too_slow())?;
        let field = field.map_err(|error| malformed(&error))?;
        Ok(field.map(|field| Part { field, held: Arc::clone(&self.held), time: self.time }))
    }

    /// Reads what is left, for nobody.
    pub(super) async fn drain(self) {
        let Self { multipart, body, .. } = self;
        drop(multipart);
        if let Ok(body) = Arc::try_unwrap(body) {
            drain(&mut body.into_inner().unwrap_or_else(PoisonError::into_inner)).await;
        }
    }
}

/// One part of a form.
pub(super) struct Part {
    field: Field<'static>,
    held: Arc<AtomicUsize>,
    time: Duration,
}

impl Part {
    /// What it is called; a part without a name is for nobody.
    pub(super) fn name(&self) -> &str {
        self.field.name().unwrap_or_default()
    }

    /// Reads it as text of at most so many bytes. What is no UTF-8 in it is replaced.
    pub(super) async fn text(mut self, most_bytes: usize) -> Result<String, Problem> {
        let mut text = Vec::new();
        let until = Instant::now() + self.time;
        while let Some(piece) = timeout_at(until, self.piece())
            .await
            .map_err(|_| too_slow())?
            .map_err(|error| malformed(&error))?
        {
            if text.len() + piece.len() > most_bytes {
                let name = ampkg::quoted(self.name());
                return Err(too_large(format!("the field {name} has more than {most_bytes} bytes")));
            }
            text.extend_from_slice(&piece);
        }
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    async fn piece(&mut self) -> multer::Result<Option<Bytes>> {
        let piece = self.field.chunk().await;
        self.held.store(0, Relaxed);
        piece
    }
}

/// For whoever takes the pieces of a large part as they come.
impl Stream for Part {
    type Item = multer::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let piece = Pin::new(&mut self.field).poll_next(context);
        if piece.is_ready() {
            self.held.store(0, Relaxed);
        }
        piece
    }
}

pub(super) fn too_large(message: String) -> Problem {
    Problem { status: StatusCode::PAYLOAD_TOO_LARGE, code: "form-too-large", message }
}

fn too_slow() -> Problem {
    Problem {
        status: StatusCode::REQUEST_TIMEOUT,
        code: "incomplete-body",
        message: "the form did not arrive in time".into(),
    }
}

/// The body as the parser may see it. That reads on as long as there is something, whatever it holds already: so it gets one piece
/// at a time, and none when what it holds has become neither a part nor a piece of one.
struct Source {
    body: Arc<Mutex<Body>>,
    held: Arc<AtomicUsize>,
    must_pause: bool,
}

impl Stream for Source {
    type Item = Result<Bytes, SourceError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if std::mem::take(&mut self.must_pause) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if self.held.load(Relaxed) > BETWEEN_BYTES {
            return Poll::Ready(Some(Err(SourceError::NoPart)));
        }
        loop {
            let frame = {
                // A panic leaves a body that ends early.
                let mut body = self.body.lock().unwrap_or_else(PoisonError::into_inner);
                Pin::new(&mut *body).poll_frame(context)
            };
            return match frame {
                Poll::Pending => Poll::Pending,
                Poll::Ready(None) => Poll::Ready(None),
                Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(SourceError::Body(error)))),
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) => {
                        self.held.fetch_add(data.len(), Relaxed);
                        self.must_pause = true;
                        Poll::Ready(Some(Ok(data)))
                    }
                    Err(_) => continue, // trailers
                },
            };
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum SourceError {
    #[error("the form did not arrive")]
    Body(#[source] axum::Error),
    #[error("more than {BETWEEN_BYTES} bytes are no part of the form")]
    NoPart,
}
