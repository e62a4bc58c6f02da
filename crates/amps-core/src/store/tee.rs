//! Reading and keeping at the same time.

use std::io::{self, Read, Write};

/// A reader that writes what it reads.
pub(super) struct Tee<R, W> {
    source: R,
    copy: W,
    write_error: Option<io::Error>,
    bytes: u64,
}

impl<R, W> Tee<R, W> {
    pub(super) fn new(source: R, copy: W) -> Self {
        Self { source, copy, write_error: None, bytes: 0 }
    }

    /// How much was read.
    pub(super) fn read_bytes(&self) -> u64 {
        self.bytes
    }

    /// Why writing failed, if it was that which made reading fail.
    pub(super) fn take_write_error(&mut self) -> Option<io::Error> {
        self.write_error.take()
    }
}

impl<R: Read, W: Write> Read for Tee<R, W> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let bytes = self.source.read(into)?;
        self.bytes += bytes as u64;
        if let Err(error) = self.copy.write_all(into.get(..bytes).unwrap_or_default()) {
            self.write_error = Some(error);
            return Err(io::Error::other("the copy failed"));
        }
        Ok(bytes)
    }
}
