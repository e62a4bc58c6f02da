//! One deflate stream after the other out of a source, with stops where blocks end.

use std::io::Read;

use zlib_rs::{Inflate, InflateFlush, Status};

use super::source::Source;
use crate::error::Error;

/// The size of the window that any stream may need, as an exponent of two.
const WINDOW_BITS: u8 = 15;

/// Why no more was inflated.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// There is no more room, or the source has to be asked for more.
    Buffer,
    /// A block ends here, and was to be told.
    Block,
    /// The stream ends here.
    Stream,
}

/// Whether to stop where blocks end. Not to costs less.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Blocks {
    Tell,
    Ignore,
}

/// Why nothing was inflated.
pub(super) enum Failure {
    /// The source failed, or ends inside the stream.
    Source(Error),
    /// The stream is damaged.
    Damaged(&'static str),
}

/// Inflates from a source that stands in a deflate stream.
pub(super) struct Inflater<R> {
    source: Source<R>,
    inflate: Inflate,
}

impl<R: Read> Inflater<R> {
    pub(super) fn new(source: Source<R>) -> Self {
        Self { source, inflate: Inflate::new(false, WINDOW_BITS) }
    }

    /// The source: for what stands between the streams. When a block or a stream has ended, it stands behind the last byte
    /// that has bits of it.
    pub(super) fn source(&mut self) -> &mut Source<R> {
        &mut self.source
    }

    pub(super) fn into_source(self) -> Source<R> {
        self.source
    }

    /// A stream begins where the source stands.
    pub(super) fn begin_stream(&mut self) {
        self.inflate.reset(false);
    }

    /// Inflates some more, which may be nothing, to the beginning of `room`, which must not be empty; says how much that was.
    ///
    /// The end of a block is not told if the source's buffer ends there, or the room.
    pub(super) fn step(&mut self, room: &mut [u8], blocks: Blocks) -> Result<(usize, Stop), Failure> {
        let flush = match blocks {
            Blocks::Tell => InflateFlush::Block,
            Blocks::Ignore => InflateFlush::NoFlush,
        };
        let packed = self.source.chunk().map_err(Failure::Source)?;
        let available = packed.len();
        let (in_before, out_before) = (self.inflate.total_in(), self.inflate.total_out());
        let status = self.inflate.decompress(packed, room, flush);
        let consumed = usize::try_from(self.inflate.total_in() - in_before).unwrap_or(usize::MAX);
        let produced = usize::try_from(self.inflate.total_out() - out_before).unwrap_or(usize::MAX);
        self.source.consume(consumed);
        let stop = match status {
            Ok(Status::StreamEnd) => Stop::Stream,
            // With input and room left, there is no other reason to stop.
            Ok(Status::Ok) if blocks == Blocks::Tell && consumed < available && produced < room.len() => {
                Stop::Block
            }
            Ok(_) if consumed > 0 || produced > 0 => Stop::Buffer,
            Ok(_) if available == 0 => {
                let package_bytes = self.source.read_bytes();
                return Err(Failure::Source(Error::TruncatedGzip { package_bytes }));
            }
            Ok(_) => return Err(Failure::Damaged("no progress")),
            Err(error) => {
                return Err(Failure::Damaged(self.inflate.error_message().unwrap_or(error.as_str())));
            }
        };
        Ok((produced, stop))
    }
}
