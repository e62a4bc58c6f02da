//! Bits out of a stream of bytes, the least significant first (RFC 1951, section 3.1.1).

use std::io::{self, Read};

use crate::error::{DeflateDefect, Error};

const BUFFER_BYTES: usize = 64 * 1024;

/// The bits that come next. A value of its own, so that a loop can keep it in registers.
#[derive(Clone, Copy, Default)]
pub(super) struct Window {
    /// The next bits in the lowest places. What stands above `count` is the same as in the bytes that come next, or zero.
    pub(super) word: u64,
    /// How many of them are there, at most 63.
    pub(super) count: u32,
}

impl Window {
    /// The lowest `bits` bits of a word; at most 63.
    #[inline]
    pub(super) fn low(word: u64, bits: u32) -> u64 {
        word & !(u64::MAX << bits)
    }
}

/// A buffered stream of bytes.
pub(super) struct Bits<R> {
    input: R,
    buffer: Box<[u8]>,
    /// The next byte of the buffer to go into the window.
    next: usize,
    /// How many bytes the buffer holds.
    end: usize,
    /// How many bytes came before the buffer.
    before: u64,
}

impl<R: Read> Bits<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, buffer: vec![0; BUFFER_BYTES].into_boxed_slice(), next: 0, end: 0, before: 0 }
    }

    /// The offset in the stream of the first bit in the window.
    pub(super) fn position(&self, window: Window) -> u64 {
        (self.before + self.next as u64) * 8 - u64::from(window.count)
    }

    /// A window with at least 56 bits, or with all that are left.
    #[inline]
    pub(super) fn refill(&mut self, window: Window) -> Result<Window, Error> {
        let Some(bytes) = self.buffer.get(self.next..self.end).and_then(<[u8]>::first_chunk::<8>) else {
            return self.refill_bytewise(window);
        };
        self.next += (63 - window.count as usize) / 8;
        // As many whole bytes as fit are counted; the next one stands above them as far as there is room.
        Ok(Window {
            word: window.word | u64::from_le_bytes(*bytes) << window.count,
            count: window.count | 0b11_1000,
        })
    }

    #[cold]
    fn refill_bytewise(&mut self, mut window: Window) -> Result<Window, Error> {
        while window.count < 56 {
            let Some(byte) = self.next_byte()? else { break };
            window.word |= u64::from(byte) << window.count;
            window.count += 8;
        }
        Ok(window)
    }

    fn next_byte(&mut self) -> Result<Option<u8>, Error> {
        if self.next == self.end {
            self.fill()?;
        }
        let byte = self.buffer.get(self.next..self.end).and_then(<[u8]>::first).copied();
        self.next += usize::from(byte.is_some());
        Ok(byte)
    }

    /// The next bytes of the input; none at its end.
    fn fill(&mut self) -> Result<(), Error> {
        self.before += self.end as u64;
        (self.next, self.end) = (0, 0);
        self.end = loop {
            match self.input.read(&mut self.buffer) {
                Ok(read) => break read.min(self.buffer.len()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(source) => return Err(Error::Read { offset: self.before, source }),
            }
        };
        Ok(())
    }

    /// The window without its first `bits` bits.
    #[inline]
    pub(super) fn consume(&self, window: Window, bits: u32) -> Result<Window, Error> {
        match window.count.checked_sub(bits) {
            Some(count) => Ok(Window { word: window.word >> bits, count }),
            None => Err(Error::TruncatedDeflate { bits: self.position(window) + u64::from(window.count) }),
        }
    }

    /// A number of up to 32 bits.
    pub(super) fn take(&mut self, window: &mut Window, bits: u32) -> Result<u32, Error> {
        if window.count < bits {
            *window = self.refill(*window)?;
        }
        let value = Window::low(window.word, bits);
        *window = self.consume(*window, bits)?;
        Ok(u32::try_from(value).unwrap_or(u32::MAX))
    }

    /// Passes over whole bytes; the window must stand at the beginning of one. Returns the window behind them.
    pub(super) fn skip_bytes(&mut self, window: Window, count: u16) -> Result<Window, Error> {
        let in_window = u32::from(count).min(window.count / 8);
        let mut left = usize::from(count) - in_window as usize;
        if left == 0 {
            return self.consume(window, in_window * 8);
        }
        while left > 0 {
            if self.next == self.end {
                self.fill()?;
            }
            let step = left.min(self.end - self.next);
            if step == 0 {
                return Err(Error::TruncatedDeflate { bits: self.position(Window::default()) });
            }
            self.next += step;
            left -= step;
        }
        Ok(Window::default())
    }

    /// A broken rule, with the place where the window stands.
    pub(super) fn defect(&self, window: Window, defect: DeflateDefect) -> Error {
        Error::Deflate { bit: self.position(window), defect }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one to three bytes at a time, and is interrupted in between.
    struct Trickle<'a>(&'a [u8], usize);

    impl Read for Trickle<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            self.1 += 1;
            if self.1.is_multiple_of(3) {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let step = (1 + self.1 % 4).min(into.len());
            self.0.read(&mut into[..step])
        }
    }

    #[test]
    fn bits_are_the_same_however_the_bytes_come() {
        let bytes: Vec<u8> = (0..200_u8).collect();
        let (mut at_once, mut trickle) = (Bits::new(bytes.as_slice()), Bits::new(Trickle(&bytes, 0)));
        let (mut first, mut second) = (Window::default(), Window::default());
        let mut position = 0;
        for count in (0..=32).cycle().take_while(|count| {
            position += count;
            position <= 1600
        }) {
            let value = at_once.take(&mut first, count).unwrap();
            assert_eq!(value, trickle.take(&mut second, count).unwrap());
            assert_eq!(at_once.position(first), trickle.position(second));
            let start = usize::try_from(at_once.position(first)).unwrap() - count as usize;
            let bit = |at: usize| u64::from(bytes[at / 8] >> (at % 8) & 1);
            assert_eq!(
                u64::from(value),
                (0..count as usize).map(|index| bit(start + index) << index).sum::<u64>()
            );
        }
    }

    #[test]
    fn bytes_are_passed_over_inside_and_behind_the_window() {
        let bytes: Vec<u8> = (0..=255).cycle().take(200_000).collect();
        for skip in [0, 1, 6, 7, 8, 9, 100, 65_535] {
            let mut bits = Bits::new(bytes.as_slice());
            let mut window = Window::default();
            bits.take(&mut window, 8).unwrap();
            window = bits.skip_bytes(window, skip).unwrap();
            assert_eq!(bits.position(window), 8 + u64::from(skip) * 8);
            assert_eq!(bits.take(&mut window, 8).unwrap(), (u32::from(skip) + 1) % 256, "behind {skip}");
        }
    }

    #[test]
    fn what_is_not_there_cannot_be_taken() {
        let mut bits = Bits::new([0xff, 0xff].as_slice());
        let mut window = Window::default();
        assert_eq!(bits.take(&mut window, 15).unwrap(), 0x7fff);
        assert!(matches!(bits.take(&mut window, 2), Err(Error::TruncatedDeflate { bits: 16 })));
        assert_eq!(bits.take(&mut window, 1).unwrap(), 1);
        assert!(matches!(bits.skip_bytes(window, 1), Err(Error::TruncatedDeflate { bits: 16 })));
    }
}
