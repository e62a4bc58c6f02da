//! The two Huffman codes of a block: fixed, or as the block says (RFC 1951, sections 3.2.5 to 3.2.7).

use std::io::Read;

use super::{
    bits::{Bits, Window},
    table::{Entry, MAX_SYMBOLS, Table},
};
use crate::error::{Code, DeflateDefect, Error};

/// The symbol for the end of a block.
const END_OF_BLOCK: usize = 256;
/// How many literals, the end and lengths a block may have: two of the fixed code mean nothing.
const LITERALS: usize = 286;
/// How many distances a block may have: two of the fixed code mean nothing.
const DISTANCES: usize = 30;
/// In which order the lengths of the codes for code lengths come.
const CODE_LENGTH_ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// The codes that the data of a block is written in.
pub(super) struct Codes {
    pub(super) literals: Table<2048>,
    pub(super) distances: Table<512>,
    /// What the lengths of the other two are written in.
    code_lengths: Table<256>,
}

impl Codes {
    pub(super) fn empty() -> Self {
        Self { literals: Table::new(), distances: Table::new(), code_lengths: Table::new() }
    }

    /// The fixed codes.
    pub(super) fn fixed() -> Self {
        let mut codes = Self::empty();
        let lengths = [[8; 144].as_slice(), &[9; 112], &[7; 24], &[8; 8]].concat();
        // They are complete, so this cannot fail; if it did, the codes would be found invalid when used.
        if codes.build(&lengths, &[5; 32]).is_err() {
            codes = Self::empty();
        }
        codes
    }

    /// Reads the codes that a block begins with; the window stands behind its type.
    pub(super) fn read<R: Read>(&mut self, bits: &mut Bits<R>, window: &mut Window) -> Result<(), Error> {
        let literals = bits.take(window, 5)? as usize + 257;
        let distances = bits.take(window, 5)? as usize + 1;
        let described = bits.take(window, 4)? as usize + 4;
        for (code, found, limit) in
            [(Code::Literal, literals, LITERALS), (Code::Distance, distances, DISTANCES)]
        {
            if found > limit {
                return Err(bits.defect(*window, DeflateDefect::TooManySymbols { code, found, limit }));
            }
        }

        let mut lengths = [0; CODE_LENGTH_ORDER.len()];
        for symbol in CODE_LENGTH_ORDER.into_iter().take(described) {
            lengths[symbol] = u8::try_from(bits.take(window, 3)?).unwrap_or(0);
        }
        self.code_lengths
            .build(Code::CodeLength, &lengths, code_length_entry)
            .map_err(|defect| bits.defect(*window, defect))?;

        let mut lengths = [0; LITERALS + DISTANCES];
        let lengths = &mut lengths[..literals + distances];
        read_lengths(bits, window, &self.code_lengths, lengths)?;
        let (literals, distances) = lengths.split_at(literals);
        if literals.get(END_OF_BLOCK).is_none_or(|&length| length == 0) {
            return Err(bits.defect(*window, DeflateDefect::NoEndOfBlock));
        }
        self.build(literals, distances).map_err(|defect| bits.defect(*window, defect))
    }

    fn build(&mut self, literals: &[u8], distances: &[u8]) -> Result<(), DeflateDefect> {
        self.literals.build(Code::Literal, literals, literal_entry)?;
        self.distances.build(Code::Distance, distances, distance_entry)
    }
}

/// The lengths of both codes, which are written as one sequence.
fn read_lengths<R: Read>(
    bits: &mut Bits<R>,
    window: &mut Window,
    table: &Table<256>,
    lengths: &mut [u8],
) -> Result<(), Error> {
    let mut known = 0;
    while known < lengths.len() {
        *window = bits.refill(*window)?;
        let entry = table.find(window.word);
        *window = bits.consume(*window, entry.code_bits())?;
        let symbol = entry.base();
        let (length, times) = match symbol {
            16 => match known.checked_sub(1).and_then(|last| lengths.get(last)) {
                Some(last) => (*last, 3 + bits.take(window, 2)?),
                None => return Err(bits.defect(*window, DeflateDefect::RepeatsNothing)),
            },
            17 => (0, 3 + bits.take(window, 3)?),
            18 => (0, 11 + bits.take(window, 7)?),
            _ => (u8::try_from(symbol).unwrap_or(0), 1),
        };
        let (found, expected) = (known + times as usize, lengths.len());
        let Some(places) = lengths.get_mut(known..found) else {
            return Err(bits.defect(*window, DeflateDefect::TooManyLengths { found, expected }));
        };
        places.fill(length);
        known = found;
    }
    Ok(())
}

fn code_length_entry(symbol: usize) -> Entry {
    Entry::value(u16::try_from(symbol).unwrap_or(0), 0)
}

fn literal_entry(symbol: usize) -> Entry {
    const BASES: [u16; 29] = [
        3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163,
        195, 227, 258,
    ];
    const EXTRA_BITS: [u8; 29] =
        [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
    const _: () = assert!(END_OF_BLOCK + 1 + BASES.len() == LITERALS && LITERALS < MAX_SYMBOLS);
    match symbol.checked_sub(END_OF_BLOCK + 1) {
        None if symbol == END_OF_BLOCK => Entry::END_OF_BLOCK,
        None => Entry::LITERAL,
        Some(index) => numbered(&BASES, &EXTRA_BITS, index),
    }
}

fn distance_entry(symbol: usize) -> Entry {
    const BASES: [u16; DISTANCES] = [
        1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049,
        3073, 4097, 6145, 8193, 12289, 16385, 24577,
    ];
    const EXTRA_BITS: [u8; DISTANCES] =
        [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];
    numbered(&BASES, &EXTRA_BITS, symbol)
}

fn numbered(bases: &[u16], extra_bits: &[u8], index: usize) -> Entry {
    match (bases.get(index), extra_bits.get(index)) {
        (Some(&base), Some(&extra_bits)) => Entry::value(base, extra_bits),
        _ => Entry::INVALID,
    }
}
