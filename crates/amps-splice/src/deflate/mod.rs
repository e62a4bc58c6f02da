//! Walks a deflate stream (RFC 1951) by the lengths of its symbols, to find where it can be cut.
//!
//! The walker makes no output and keeps no window. It accepts what zlib accepts and refuses what zlib refuses.

mod bits;
mod codes;
mod table;

use std::io::Read;

use crate::error::{Code, DeflateDefect, Error, LimitKind};
use bits::{Bits, Window};
use codes::Codes;

/// Final block, fixed codes, end of block: what ends a stream that stands between two blocks, in 10 bits.
const EMPTY_FINAL_BLOCK: (u32, u32) = (0b011, 10);

/// Where a walk came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Walk {
    /// The stream is not longer than the walk was to go.
    End {
        /// Length of the stream in bytes.
        packed_bytes: u64,
        /// Length of its data in bytes.
        unpacked_bytes: u64,
    },
    /// The stream can be ended here.
    Cut(Cut),
}

/// The last place at or before some offset where a stream can be ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// How many bits of the stream stay.
    pub packed_bits: u64,
    /// How many bytes they unpack to.
    pub unpacked_bytes: u64,
    closing: (u32, u32),
}

impl Cut {
    /// How many whole bytes of the stream stay.
    pub fn keep_bytes(&self) -> u64 {
        self.packed_bits / 8
    }

    /// The bytes, at most 4, that end the stream behind the whole bytes that stay. `partial` is the byte of the stream that
    /// follows those: its first bits may have to stay, too.
    pub fn closing(&self, partial: u8) -> Vec<u8> {
        let stays = u32::try_from(self.packed_bits % 8).unwrap_or(0);
        let (code, code_bits) = self.closing;
        let word = Window::low(partial.into(), stays) | u64::from(code) << stays;
        word.to_le_bytes().into_iter().take((stays + code_bits).div_ceil(8) as usize).collect()
    }
}

/// Walks from the beginning of a stream to the last place at or before the unpacked offset `stop` where it can be ended; to the
/// stream's end if that is not behind `stop`.
///
/// A block that is Huffman-coded can be ended after each symbol, so the place is at most 257 bytes before `stop`; a stored one
/// only at its beginning, at most 65,534 bytes before it. What follows the place is not looked at. `max_blocks` is inclusive.
/// The input may go on behind the stream, and more of it may be read than the stream has.
pub fn walk(input: impl Read, stop: u64, max_blocks: u64) -> Result<Walk, Error> {
    walk_on(input, Start { skip_bits: 0, unpacked_bytes: 0 }, stop, max_blocks)
}

/// Where a walk begins that does not begin with the stream.
#[derive(Clone, Copy)]
pub(crate) struct Start {
    /// How many bits of the input belong to the block before; at most 32.
    pub(crate) skip_bits: u32,
    /// How many bytes the stream unpacks to before the block; not more than where the walk ends.
    pub(crate) unpacked_bytes: u64,
}

/// The same from the beginning of any block. Lengths of packed data are counted from the beginning of the input, lengths of
/// unpacked data from that of the stream.
pub(crate) fn walk_on(input: impl Read, from: Start, stop: u64, max_blocks: u64) -> Result<Walk, Error> {
    let Start { skip_bits, unpacked_bytes } = from;
    let mut walker = Walker { bits: Bits::new(input), window: Window::default(), unpacked_bytes, stop };
    walker.take(skip_bits)?;
    // Worked out once: a hostile stream has millions of empty blocks.
    let mut fixed = None;
    let mut own = Codes::empty();
    let mut blocks = 0;
    loop {
        let start = walker.cut(EMPTY_FINAL_BLOCK);
        if start.unpacked_bytes == stop {
            return Ok(Walk::Cut(start));
        }
        if blocks == max_blocks {
            return Err(Error::Limit { kind: LimitKind::Blocks, limit: max_blocks });
        }
        blocks += 1;

        let is_final = walker.take(1)? == 1;
        let (stopped, (end_code, end_bits)) = match walker.take(2)? {
            0 => (walker.stored()?, (0, 0)),
            1 => {
                let fixed = fixed.get_or_insert_with(Codes::fixed);
                (walker.symbols(fixed)?, fixed.literals.end_of_block())
            }
            2 => {
                own.read(&mut walker.bits, &mut walker.window)?;
                (walker.symbols(&own)?, own.literals.end_of_block())
            }
            _ => return Err(walker.defect(DeflateDefect::BlockType)),
        };
        match stopped {
            // A cut before the first symbol needs nothing of the block.
            Stopped::BeforeStop if walker.unpacked_bytes == start.unpacked_bytes => {
                return Ok(Walk::Cut(start));
            }
            Stopped::BeforeStop if is_final => return Ok(Walk::Cut(walker.cut((end_code, end_bits)))),
            Stopped::BeforeStop => {
                let (code, bits) = EMPTY_FINAL_BLOCK;
                return Ok(Walk::Cut(walker.cut((end_code | code << end_bits, end_bits + bits))));
            }
            Stopped::EndOfBlock if is_final => {
                let packed_bytes = walker.bits.position(walker.window).div_ceil(8);
                return Ok(Walk::End { packed_bytes, unpacked_bytes: walker.unpacked_bytes });
            }
            Stopped::EndOfBlock => {}
        }
    }
}

/// Why the walk through a block came to an end.
enum Stopped {
    /// The next symbol, or the block if it is stored, would lead beyond `stop`. It was not consumed.
    BeforeStop,
    EndOfBlock,
}

struct Walker<R> {
    bits: Bits<R>,
    window: Window,
    unpacked_bytes: u64,
    stop: u64,
}

impl<R: Read> Walker<R> {
    fn take(&mut self, bits: u32) -> Result<u32, Error> {
        self.bits.take(&mut self.window, bits)
    }

    fn defect(&self, defect: DeflateDefect) -> Error {
        self.bits.defect(self.window, defect)
    }

    /// A cut where the walker stands.
    fn cut(&self, closing: (u32, u32)) -> Cut {
        Cut { packed_bits: self.bits.position(self.window), unpacked_bytes: self.unpacked_bytes, closing }
    }

    /// The rest of a stored block (RFC 1951, section 3.2.4); the window stands behind its type.
    fn stored(&mut self) -> Result<Stopped, Error> {
        self.take(self.window.count % 8)?;
        let [length, complement] =
            [self.take(16)?, self.take(16)?].map(|half| u16::try_from(half).unwrap_or(0));
        if length != !complement {
            return Err(self.defect(DeflateDefect::StoredLength { length, complement }));
        }
        if u64::from(length) > self.stop - self.unpacked_bytes {
            return Ok(Stopped::BeforeStop);
        }
        self.window = self.bits.skip_bytes(self.window, length)?;
        self.unpacked_bytes += u64::from(length);
        Ok(Stopped::EndOfBlock)
    }

    /// The data of a Huffman-coded block.
    fn symbols(&mut self, codes: &Codes) -> Result<Stopped, Error> {
        // In locals, so that they stay in registers.
        let (mut window, mut unpacked_bytes) = (self.window, self.unpacked_bytes);
        let stopped = loop {
            // The longest symbol has 15 + 5 bits, and 15 + 13 more for its distance.
            if window.count < 48 {
                window = self.bits.refill(window)?;
            }
            let symbol = codes.literals.find(window.word);
            if symbol.is_literal() {
                if unpacked_bytes == self.stop {
                    break Stopped::BeforeStop;
                }
                window = self.bits.consume(window, symbol.code_bits())?;
                unpacked_bytes += 1;
                continue;
            }
            if symbol.is_end_of_block() {
                window = self.bits.consume(window, symbol.code_bits())?;
                break Stopped::EndOfBlock;
            }
            if !symbol.is_value() {
                return Err(self.bits.defect(window, DeflateDefect::UnknownSymbol { code: Code::Literal }));
            }
            let mut used = symbol.code_bits();
            let length = symbol.base() + Window::low(window.word >> used, symbol.extra_bits());
            used += symbol.extra_bits();
            if length > self.stop - unpacked_bytes {
                break Stopped::BeforeStop;
            }

            let symbol = codes.distances.find(window.word >> used);
            if !symbol.is_value() {
                return Err(self.bits.defect(window, DeflateDefect::UnknownSymbol { code: Code::Distance }));
            }
            used += symbol.code_bits();
            let distance = symbol.base() + Window::low(window.word >> used, symbol.extra_bits());
            used += symbol.extra_bits();
            if distance > unpacked_bytes {
                return Err(self.bits.defect(window, DeflateDefect::TooFarBack { distance, unpacked_bytes }));
            }
            window = self.bits.consume(window, used)?;
            unpacked_bytes += length;
        };
        (self.window, self.unpacked_bytes) = (window, unpacked_bytes);
        Ok(stopped)
    }
}
