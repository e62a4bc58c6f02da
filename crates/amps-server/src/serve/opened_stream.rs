//! A stream of which the first bytes tell what its client speaks.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf};

pub(super) struct OpenedStream<S> {
    stream: S,
    /// The first bytes, which tell the protocol.
    first: [u8; PREFACE.len()],
    /// How many of them have been read.
    first_read: usize,
    /// How many of them have been read again.
    first_given: usize,
}

/// What a client of HTTP/2 begins with (RFC 9113, section 3.4). No request of HTTP/1.1 begins like that.
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// What a client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    Http1,
    Http2,
}

impl<S: AsyncRead + Unpin> OpenedStream<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream, first: [0; PREFACE.len()], first_read: 0, first_given: 0 }
    }

    /// Reads as much as is needed to know it; the bytes will be read again.
    pub(super) async fn protocol(&mut self) -> io::Result<Protocol> {
        loop {
            let known = self.first.get(..self.first_read).unwrap_or_default();
            if known == PREFACE {
                return Ok(Protocol::Http2);
            }
            if !PREFACE.starts_with(known) {
                return Ok(Protocol::Http1);
            }
            let room = self.first.get_mut(self.first_read..).unwrap_or_default();
            match self.stream.read(room).await? {
                0 => return Ok(Protocol::Http1),
                bytes => self.first_read += bytes,
            }
        }
    }

    /// Gives the first bytes again.
    fn give(&mut self, buffer: &mut ReadBuf<'_>) {
        let rest = self.first.get(self.first_given..self.first_read).unwrap_or_default();
        let bytes = rest.get(..buffer.remaining()).unwrap_or(rest);
        buffer.put_slice(bytes);
        self.first_given += bytes.len();
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for OpenedStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.first_given < self.first_read {
            self.give(buffer);
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for OpenedStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
