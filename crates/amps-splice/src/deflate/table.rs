//! Tables that find a symbol by its Huffman code (RFC 1951, section 3.2.2).

use super::bits::Window;
use crate::error::{Code, DeflateDefect};

/// The longest code, in bits.
const MAX_BITS: usize = 15;
/// The most symbols that a code has: the fixed one for literals.
pub(super) const MAX_SYMBOLS: usize = 288;

/// What a code stands for: bits 0 to 7 are the length of the code, bits 16 to 31 the least value that the symbol stands for, and
/// bits 8 to 15 the number of bits that are added to it, or one of the marks below.
#[derive(Clone, Copy)]
pub(super) struct Entry(u32);

impl Entry {
    pub(super) const LITERAL: Self = Self(0x1000);
    pub(super) const END_OF_BLOCK: Self = Self(0x2000);
    pub(super) const INVALID: Self = Self(0x8000);
    /// The value is where a second table begins, the number of bits its size.
    const LINK: u32 = 0x4000;
    const MARKS: u32 = 0xf000;

    pub(super) const fn value(base: u16, extra_bits: u8) -> Self {
        Self((base as u32) << 16 | (extra_bits as u32) << 8)
    }

    fn with_code_bits(self, bits: usize) -> Self {
        Self(self.0 | u32::try_from(bits).unwrap_or(0))
    }

    fn link(to: usize, bits: usize) -> Self {
        Self(u32::try_from(to << 16 | bits << 8).unwrap_or(0) | Self::LINK)
    }

    #[inline]
    pub(super) fn is_literal(self) -> bool {
        self.0 & Self::LITERAL.0 != 0
    }

    #[inline]
    pub(super) fn is_end_of_block(self) -> bool {
        self.0 & Self::END_OF_BLOCK.0 != 0
    }

    /// Whether it is a number: a length, a distance, or a symbol of the code for code lengths.
    #[inline]
    pub(super) fn is_value(self) -> bool {
        self.0 & Self::MARKS == 0
    }

    #[inline]
    pub(super) fn code_bits(self) -> u32 {
        self.0 & 0xff
    }

    #[inline]
    pub(super) fn extra_bits(self) -> u32 {
        self.0 >> 8 & 0xf
    }

    #[inline]
    pub(super) fn base(self) -> u64 {
        u64::from(self.0 >> 16)
    }
}

/// The codes of one alphabet. The first `root_bits` bits lead to the symbol, or to a table of their own for longer codes.
///
/// `SIZE` is a power of two that no code needs more of: with roots of half that size, at most 1,334 entries for 288 literals and
/// 402 for 32 distances; codes for code lengths have at most 7 bits and need no second table.
pub(super) struct Table<const SIZE: usize> {
    entries: [Entry; SIZE],
    root_bits: u32,
    /// The code of the end of the block, its first bit the lowest, and how many bits it has.
    end_of_block: (u32, u32),
}

impl<const SIZE: usize> Table<SIZE> {
    pub(super) fn new() -> Self {
        Self { entries: [Entry::INVALID; SIZE], root_bits: 0, end_of_block: (0, 0) }
    }

    /// The code of the end of the block, its first bit the lowest, and how many bits it has.
    pub(super) fn end_of_block(&self) -> (u32, u32) {
        self.end_of_block
    }

    /// The entry whose code the word begins with.
    #[inline]
    pub(super) fn find(&self, word: u64) -> Entry {
        let entry = self.at(Window::low(word, self.root_bits));
        if entry.0 & Entry::LINK == 0 {
            return entry;
        }
        self.at(entry.base() + Window::low(word >> self.root_bits, entry.extra_bits()))
    }

    #[inline]
    fn at(&self, index: u64) -> Entry {
        // Always inside, because `SIZE` is a power of two; the compiler sees that, too.
        self.entries[usize::try_from(index & (SIZE as u64 - 1)).unwrap_or(0)]
    }

    /// Fills the table. `lengths` has the code length of each symbol, 0 for one that does not occur; `entry` says what a
    /// symbol stands for. A code in which some bits mean nothing is accepted where zlib does: for literals and distances, if
    /// no code is longer than one bit.
    pub(super) fn build(
        &mut self,
        code: Code,
        lengths: &[u8],
        entry: impl Fn(usize) -> Entry,
    ) -> Result<(), DeflateDefect> {
        let (mut counts, symbols) = sorted(lengths);
        let longest = counts.iter().rposition(|&count| count > 0).unwrap_or(0);
        let mut free = 1_usize;
        for count in &counts[1..] {
            free = (free * 2).checked_sub(*count).ok_or(DeflateDefect::OverSubscribed { code })?;
        }
        if free > 0 && (code == Code::CodeLength || longest > 1) {
            return Err(DeflateDefect::Incomplete { code });
        }

        let root_bits = longest.clamp(1, (SIZE / 2).ilog2() as usize);
        self.root_bits = u32::try_from(root_bits).unwrap_or(1);
        self.fill(0, 1, if free > 0 { 2 } else { 0 }, Entry::INVALID);
        let mut used = 1 << root_bits;
        // The second table that is being filled: the root it belongs to, where it begins, its size in bits.
        let (mut root, mut start, mut bits) = (usize::MAX, 0, 0);
        let mut code = 0_usize;
        let mut symbols = symbols.into_iter();
        for length in 1..=longest {
            code <<= 1;
            while counts[length] > 0 {
                let entry = entry(symbols.next().unwrap_or(0).into()).with_code_bits(length);
                let reversed = code.reverse_bits() >> (usize::BITS as usize - length);
                if entry.is_end_of_block() {
                    self.end_of_block = (u32::try_from(reversed).unwrap_or(0), entry.code_bits());
                }
                if length <= root_bits {
                    self.fill(reversed, 1 << length, 1 << root_bits, entry);
                } else {
                    if reversed & ((1 << root_bits) - 1) != root {
                        root = reversed & ((1 << root_bits) - 1);
                        start = used;
                        bits = second_bits(root_bits, length, &counts);
                        used += 1 << bits;
                        self.fill(root, 1, root + 1, Entry::link(start, bits));
                    }
                    let first = start + (reversed >> root_bits);
                    self.fill(first, 1 << (length - root_bits), start + (1 << bits), entry);
                }
                code += 1;
                counts[length] -= 1;
            }
        }
        Ok(())
    }

    fn fill(&mut self, from: usize, step: usize, to: usize, entry: Entry) {
        self.entries.iter_mut().take(to).skip(from).step_by(step).for_each(|place| *place = entry);
    }
}

/// How many symbols have a code of each length, and the symbols that have one, in the order of their codes.
fn sorted(lengths: &[u8]) -> ([usize; MAX_BITS + 1], [u16; MAX_SYMBOLS]) {
    let mut counts = [0; MAX_BITS + 1];
    for &length in lengths.iter().filter(|length| **length > 0) {
        counts[usize::from(length) & MAX_BITS] += 1;
    }
    let mut places = [0_usize; MAX_BITS + 1];
    for length in 1..MAX_BITS {
        places[length + 1] = places[length] + counts[length];
    }
    let mut symbols = [0; MAX_SYMBOLS];
    for (symbol, &length) in (0_u16..).zip(lengths).filter(|(_, length)| **length > 0) {
        let place = &mut places[usize::from(length) & MAX_BITS];
        if let Some(slot) = symbols.get_mut(*place) {
            *slot = symbol;
        }
        *place += 1;
    }
    (counts, symbols)
}

/// The bits of a second table whose first code has `length` bits: as many as it takes until the codes that follow fill it.
/// `counts` has the codes that are not in a table yet.
fn second_bits(root_bits: usize, length: usize, counts: &[usize; MAX_BITS + 1]) -> usize {
    let mut free = 1_usize << (length - root_bits);
    for (length, count) in counts.iter().enumerate().skip(length) {
        match free.checked_sub(*count) {
            None | Some(0) => return length - root_bits,
            Some(left) => free = left * 2,
        }
    }
    MAX_BITS - root_bits
}
