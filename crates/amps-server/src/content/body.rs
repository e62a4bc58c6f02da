//! The body of an answer, read piece by piece while it is sent.

use std::{
    collections::VecDeque,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use amps_core::Blob;
use axum::body::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::task::JoinHandle;

use super::buffers::{Buffer, Buffers};

/// A part of a body.
pub(super) enum Segment {
    /// These bytes.
    Bytes(Bytes),
    /// Bytes of a blob, from `start` up to and without `end`.
    Stored { blob: Arc<dyn Blob>, start: u64, end: u64 },
}

impl Segment {
    fn bytes(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Stored { start, end, .. } => end - start,
        }
    }
}

/// Segments, one after the other.
///
/// Each piece is read when the client has taken the one before: a slow client costs one piece of memory, and no thread. What
/// the system has in memory is read at once; only what must come from the disk goes to a thread that may block.
pub(super) struct ContentBody {
    segments: VecDeque<Segment>,
    buffers: Arc<Buffers>,
    reading: Option<JoinHandle<(Buffer, io::Result<usize>)>>,
    left_bytes: u64,
}

impl ContentBody {
    pub(super) fn new(segments: Vec<Segment>, buffers: Arc<Buffers>) -> Self {
        let left_bytes = segments.iter().map(Segment::bytes).sum();
        Self { segments: segments.into(), buffers, reading: None, left_bytes }
    }

    /// How much is still to be sent.
    pub(super) fn left_bytes(&self) -> u64 {
        self.left_bytes
    }

    /// A piece of the first segment was read.
    fn piece(&mut self, buffer: Buffer, read: io::Result<usize>) -> io::Result<Bytes> {
        let read = match read {
            Ok(0) => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the file of a blob became shorter")),
            read => read,
        };
        let read = read.inspect_err(|error| {
            // The client sees no more than that the answer is shorter than it was said to be.
            tracing::error!(%error, "cannot go on with a download");
            self.segments.clear();
        })?;
        if let Some(Segment::Stored { start, .. }) = self.segments.front_mut() {
            *start += read as u64;
        }
        self.left_bytes -= read as u64;
        Ok(buffer.into_bytes(read))
    }
}

impl Body for ContentBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let this = &mut *self;
        loop {
            if let Some(reading) = &mut this.reading {
                let ended = ready!(Pin::new(reading).poll(context));
                this.reading = None;
                let piece = match ended {
                    Ok((buffer, read)) => this.piece(buffer, read),
                    Err(error) => Err(io::Error::other(error)),
                };
                return Poll::Ready(Some(piece.map(Frame::data)));
            }
            match this.segments.front() {
                None => return Poll::Ready(None),
                Some(Segment::Stored { start, end, .. }) if start >= end => drop(this.segments.pop_front()),
                Some(Segment::Stored { blob, start, end }) => {
                    let (mut buffer, offset, most) = (this.buffers.take(), *start, end - start);
                    match blob.read_at_hand(offset, buffer.room(most)) {
                        Ok(None) => {
                            let blob = Arc::clone(blob);
                            this.reading = Some(tokio::task::spawn_blocking(move || {
                                let read = blob.read_at(offset, buffer.room(most));
                                (buffer, read)
                            }));
                        }
                        Ok(Some(read)) => {
                            return Poll::Ready(Some(this.piece(buffer, Ok(read)).map(Frame::data)));
                        }
                        Err(error) => {
                            return Poll::Ready(Some(this.piece(buffer, Err(error)).map(Frame::data)));
                        }
                    }
                }
                Some(Segment::Bytes(_)) => {
                    if let Some(Segment::Bytes(bytes)) = this.segments.pop_front()
                        && !bytes.is_empty()
                    {
                        this.left_bytes -= bytes.len() as u64;
                        return Poll::Ready(Some(Ok(Frame::data(bytes))));
                    }
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.left_bytes == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left_bytes)
    }
}
