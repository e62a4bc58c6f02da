//! Deflate streams bit by bit, also such as no compressor makes.

/// Bits, the least significant first.
#[derive(Clone, Default)]
pub(crate) struct BitWriter {
    bytes: Vec<u8>,
    used: u32,
}

/// A symbol of a Huffman-coded block, with what stands behind it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Symbol {
    /// A literal or the end of the block.
    Plain(usize),
    /// A length symbol with its extra bits, and a distance symbol with its own.
    Match { length: (usize, u32, u32), distance: (usize, u32, u32) },
}

impl BitWriter {
    pub(crate) fn finish(self) -> Vec<u8> {
        self.bytes
    }

    pub(crate) fn bits(&mut self, value: u32, count: u32) -> &mut Self {
        let mut word = u64::from(value) & !(u64::MAX << count);
        if self.used > 0 {
            word = word << self.used | u64::from(self.bytes.pop().unwrap());
        }
        let bits = self.used + count;
        self.bytes.extend(&word.to_le_bytes()[..bits.div_ceil(8) as usize]);
        self.used = bits % 8;
        self
    }

    pub(crate) fn header(&mut self, is_final: bool, kind: u32) -> &mut Self {
        self.bits(is_final.into(), 1).bits(kind, 2)
    }

    pub(crate) fn stored(&mut self, is_final: bool, data: &[u8]) -> &mut Self {
        let length = u16::try_from(data.len()).unwrap();
        self.header(is_final, 0).pad();
        self.bytes.extend([length.to_le_bytes(), (!length).to_le_bytes()].concat());
        self.bytes.extend(data);
        self
    }

    pub(crate) fn pad(&mut self) -> &mut Self {
        self.used = 0;
        self
    }

    pub(crate) fn fixed(&mut self, is_final: bool, symbols: &[Symbol]) -> &mut Self {
        self.header(is_final, 1);
        let literals: Vec<u8> = [vec![8; 144], vec![9; 112], vec![7; 24], vec![8; 8]].concat();
        self.symbols(&literals, &[5; 32], symbols)
    }

    pub(crate) fn dynamic(
        &mut self,
        is_final: bool,
        literals: &[u8],
        distances: &[u8],
        symbols: &[Symbol],
    ) -> &mut Self {
        let lengths = [literals, distances].concat();
        self.dynamic_header(is_final, literals.len(), distances.len());
        for length in lengths {
            self.code_length(length.into());
        }
        self.symbols(literals, distances, symbols)
    }

    /// The beginning of a block with its own codes, up to and with the code for code lengths, which is one that has every symbol.
    pub(crate) fn dynamic_header(&mut self, is_final: bool, literals: usize, distances: usize) -> &mut Self {
        let [literals, distances] =
            [literals - 257, distances - 1].map(|count| u32::try_from(count).unwrap());
        self.header(is_final, 2).bits(literals, 5).bits(distances, 5).bits(15, 4);
        for symbol in [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15] {
            self.bits(CODE_LENGTHS[symbol].into(), 3);
        }
        self
    }

    /// A symbol of the code for code lengths that `dynamic_header` wrote.
    pub(crate) fn code_length(&mut self, symbol: usize) -> &mut Self {
        let (code, bits) = codes(&CODE_LENGTHS)[symbol];
        self.bits(code, bits)
    }

    fn symbols(&mut self, literals: &[u8], distances: &[u8], symbols: &[Symbol]) -> &mut Self {
        let (literals, distances) = (codes(literals), codes(distances));
        for symbol in symbols {
            match *symbol {
                Symbol::Plain(symbol) => {
                    self.bits(literals[symbol].0, literals[symbol].1);
                }
                Symbol::Match { length, distance } => {
                    for (codes, (symbol, extra, extra_bits)) in [(&literals, length), (&distances, distance)]
                    {
                        self.bits(codes[symbol].0, codes[symbol].1).bits(extra, extra_bits);
                    }
                }
            }
        }
        self
    }
}

const CODE_LENGTHS: [u8; 19] = [4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 5, 5, 5, 5, 5, 5];

/// The code of each symbol, its first bit the lowest, and its length (RFC 1951, section 3.2.2).
pub(crate) fn codes(lengths: &[u8]) -> Vec<(u32, u32)> {
    let mut counts = [0_u32; 16];
    for &bits in lengths {
        counts[usize::from(bits)] += 1;
    }
    let mut next = [0_u32; 16];
    for bits in 1..15 {
        next[bits + 1] = (next[bits] + counts[bits]) << 1;
    }
    let mut codes = vec![(0, 0); lengths.len()];
    for (code, &bits) in codes.iter_mut().zip(lengths).filter(|(_, bits)| **bits > 0) {
        let number = &mut next[usize::from(bits)];
        *code = (number.reverse_bits() >> (32 - u32::from(bits)), bits.into());
        *number += 1;
    }
    codes
}
