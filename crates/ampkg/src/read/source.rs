//! The bytes as they come in: counted, hashed, limited.

use std::io::{self, BufRead, Read};

use sha2::{Digest as _, Sha256};

use super::window::Window;
use crate::{
    digest::Digest,
    error::{Error, LimitKind},
};

/// Large enough that a read costs little per byte, small enough to stay in the cache until the bytes are inflated.
const BUFFER_BYTES: usize = 64 * 1024;

/// A buffered reader that hashes what is read from it and remembers why it failed: decoders on top of it report only that
/// something failed.
pub(super) struct Source<R> {
    inner: R,
    window: Window,
    hash: Sha256,
    read_bytes: u64,
    limit: u64,
    failure: Option<Error>,
}

impl<R: Read> Source<R> {
    pub(super) fn new(inner: R, limit: u64) -> Self {
        let window = Window::new(BUFFER_BYTES);
        Self { inner, window, hash: Sha256::new(), read_bytes: 0, limit, failure: None }
    }

    /// How many bytes came in.
    pub(super) fn read_bytes(&self) -> u64 {
        self.read_bytes
    }

    /// Offset of the next byte to be consumed.
    pub(super) fn offset(&self) -> u64 {
        self.read_bytes - self.window.len() as u64
    }

    /// Why the last read failed, if it was this reader that failed.
    pub(super) fn take_failure(&mut self) -> Option<Error> {
        self.failure.take()
    }

    /// The next bytes; none at the end.
    pub(super) fn chunk(&mut self) -> Result<&[u8], Error> {
        self.at_least(1)
    }

    /// The next bytes, `length` or more of them unless the source ends before; at most a buffer full.
    pub(super) fn at_least(&mut self, length: usize) -> Result<&[u8], Error> {
        while self.window.len() < length && self.read_more()? > 0 {}
        Ok(self.window.bytes())
    }

    /// The next byte; none at the end.
    pub(super) fn byte(&mut self) -> Result<Option<u8>, Error> {
        let byte = self.chunk()?.first().copied();
        self.window.consume(1);
        Ok(byte)
    }

    /// Size and SHA-256 of all that was read.
    pub(super) fn finish(self) -> (u64, Digest) {
        (self.read_bytes, Digest(self.hash.finalize().into()))
    }

    fn read_more(&mut self) -> Result<usize, Error> {
        let Self { inner, window, hash, .. } = self;
        let bytes = loop {
            let read = window.fill(BUFFER_BYTES, |room| {
                let bytes = inner.read(room)?;
                hash.update(room.get(..bytes).unwrap_or_default());
                Ok(bytes)
            });
            match read {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read.map_err(Error::Read)?,
            }
        };
        self.read_bytes += bytes as u64;
        if self.read_bytes > self.limit {
            return Err(Error::Limit { kind: LimitKind::PackageBytes, limit: self.limit });
        }
        Ok(bytes)
    }
}

impl<R: Read> BufRead for Source<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if let Err(error) = self.chunk() {
            self.failure = Some(error);
            return Err(io::Error::other("the source failed"));
        }
        Ok(self.window.bytes())
    }

    fn consume(&mut self, amount: usize) {
        self.window.consume(amount);
    }
}

impl<R: Read> Read for Source<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let amount = self.fill_buf()?.read(into)?;
        self.consume(amount);
        Ok(amount)
    }
}
