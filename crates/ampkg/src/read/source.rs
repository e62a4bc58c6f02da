//! The bytes as they come in: counted, hashed, limited.

use std::io::{self, Read};

use sha2::{Digest as _, Sha256};

use super::window::Window;
use crate::{
    digest::Digest,
    error::{Error, LimitKind},
};

/// Large enough that a read costs little per byte, small enough to stay in the cache until the bytes are inflated.
const BUFFER_BYTES: usize = 64 * 1024;

/// A buffered reader that hashes what is read from it.
pub(super) struct Source<R> {
    inner: R,
    window: Window,
    hash: Sha256,
    read_bytes: u64,
    limit: u64,
}

impl<R: Read> Source<R> {
    pub(super) fn new(inner: R, limit: u64) -> Self {
        let window = Window::new(BUFFER_BYTES);
        Self { inner, window, hash: Sha256::new(), read_bytes: 0, limit }
    }

    /// How many bytes came in.
    pub(super) fn read_bytes(&self) -> u64 {
        self.read_bytes
    }

    /// Offset of the next byte to be consumed.
    pub(super) fn offset(&self) -> u64 {
        self.read_bytes - self.window.len() as u64
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

    /// Drops bytes at the front.
    pub(super) fn consume(&mut self, amount: usize) {
        self.window.consume(amount);
    }

    /// Size and SHA-256 of all that was read.
    pub(super) fn finish(self) -> (u64, Digest) {
        (self.read_bytes, Digest(self.hash.finalize().into()))
    }

    fn read_more(&mut self) -> Result<usize, Error> {
        let Self { inner, window, hash, .. } = self;
        let bytes = loop {
            let read: io::Result<usize> = window.fill(BUFFER_BYTES, |room| {
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
