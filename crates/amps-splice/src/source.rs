//! A file that is read once from front to back: buffered, counted, limited.

use std::io::{self, Read};

use crate::error::{Error, LimitKind};

const BUFFER_BYTES: usize = 64 * 1024;

/// A buffered reader that knows where in the file it stands.
pub(crate) struct Source<R> {
    input: R,
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
    read_bytes: u64,
    limit: u64,
}

impl<R: Read> Source<R> {
    /// Begins at offset 0. `limit` is inclusive.
    pub(crate) fn new(input: R, limit: u64) -> Self {
        let buffer = vec![0; BUFFER_BYTES].into_boxed_slice();
        Self { input, buffer, start: 0, end: 0, read_bytes: 0, limit }
    }

    /// Offset of the next byte.
    pub(crate) fn offset(&self) -> u64 {
        self.read_bytes - (self.end - self.start) as u64
    }

    /// The next bytes; none at the end of the file.
    pub(crate) fn peek(&mut self) -> Result<&[u8], Error> {
        if self.start == self.end {
            let read = loop {
                match self.input.read(&mut self.buffer) {
                    Ok(read) => break read,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(source) => return Err(Error::Read { offset: self.read_bytes, source }),
                }
            };
            self.read_bytes += read as u64;
            if self.read_bytes > self.limit {
                return Err(Error::Limit { kind: LimitKind::FileBytes, limit: self.limit });
            }
            (self.start, self.end) = (0, read);
        }
        Ok(self.buffer.get(self.start..self.end).unwrap_or_default())
    }

    /// Marks bytes of the last peek as used.
    pub(crate) fn consume(&mut self, amount: usize) {
        self.start = (self.start + amount).min(self.end);
    }

    /// The next bytes, of which there must be `N`: they are inside a member.
    pub(crate) fn take<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let mut bytes = [0; N];
        for byte in &mut bytes {
            *byte = match self.peek()? {
                [first, ..] => *first,
                [] => return Err(self.truncated()),
            };
            self.consume(1);
        }
        Ok(bytes)
    }

    /// The file ends where a member must go on.
    pub(crate) fn truncated(&self) -> Error {
        Error::Truncated { file_bytes: self.read_bytes }
    }
}
