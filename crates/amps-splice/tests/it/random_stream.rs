//! Random deflate streams that are sound: blocks of every kind, codes of every shape.

use crate::{
    bit_writer::{BitWriter, Symbol},
    random::Random,
};

/// A stream of at most this many blocks.
pub(crate) fn stream(random: &mut Random, most_blocks: usize) -> Vec<u8> {
    let mut writer = BitWriter::default();
    let mut unpacked = 0;
    let blocks = 1 + random.below(most_blocks);
    for block in 0..blocks {
        let is_final = block + 1 == blocks;
        match random.below(6) {
            0 => {
                let data = if random.one_in(3) {
                    Vec::new()
                } else {
                    let count = random.below(300);
                    random.bytes(count)
                };
                writer.stored(is_final, &data);
                unpacked += data.len();
            }
            1 => {
                let symbols = symbols(random, &[8; 288], &[5; 32], &mut unpacked);
                writer.fixed(is_final, &symbols);
            }
            _ => {
                let literal_count = 257 + random.below(30);
                let mut literals = lengths(random, literal_count, true);
                if literals[256] == 0 {
                    let other = (0..literal_count).find(|&symbol| literals[symbol] > 0).unwrap();
                    literals.swap(256, other);
                }
                let distance_count = 1 + random.below(30);
                let distances = lengths(random, distance_count, false);
                let symbols = symbols(random, &literals, &distances, &mut unpacked);
                writer.dynamic(is_final, &literals, &distances, &symbols);
            }
        }
    }
    writer.finish()
}

/// The lengths of a complete code for some of the symbols; or of one with a single code, or for distances with none.
fn lengths(random: &mut Random, count: usize, needs_one: bool) -> Vec<u8> {
    let mut lengths = vec![0; count];
    let some = if random.one_in(2) { random.below(count.min(12)) } else { random.below(count) }
        + usize::from(needs_one);
    // Splitting any code of at most 14 bits in two keeps the code complete. The later ones are split more often: long codes.
    let mut code = if some > 0 { vec![0_u8] } else { Vec::new() };
    while code.len() < some {
        let back = if random.one_in(2) { code.len().min(3) } else { code.len() };
        let at = code.len() - 1 - random.below(back);
        if code[at] < 15 {
            code[at] += 1;
            code.push(code[at]);
        } else if code.iter().all(|&bits| bits == 15) {
            break;
        }
    }
    if let [bits @ 0] = code.as_mut_slice() {
        *bits = 1;
    }
    for bits in code {
        let free = loop {
            let at = random.below(count);
            if lengths[at] == 0 {
                break at;
            }
        };
        lengths[free] = bits;
    }
    lengths
}

/// Symbols that these codes have, with the end of the block as the last one, and distances that do not reach too far.
fn symbols(random: &mut Random, literals: &[u8], distances: &[u8], unpacked: &mut usize) -> Vec<Symbol> {
    let known: Vec<usize> =
        (0..literals.len().min(286)).filter(|&symbol| literals[symbol] > 0 && symbol != 256).collect();
    let mut symbols = Vec::new();
    for _ in 0..if known.is_empty() { 0 } else { random.below(400) } {
        let symbol = known[random.below(known.len())];
        if symbol < 256 {
            symbols.push(Symbol::Plain(symbol));
            *unpacked += 1;
            continue;
        }
        let near: Vec<usize> = (0..distances.len().min(30))
            .filter(|&symbol| {
                distances[symbol] > 0 && distance(symbol).0 + (1 << distance(symbol).1) - 1 <= *unpacked
            })
            .collect();
        if near.is_empty() {
            continue;
        }
        let far = near[random.below(near.len())];
        let (base, extra_bits) = length(symbol);
        let extra = random.below(1 << extra_bits);
        let distance_bits = distance(far).1;
        symbols.push(Symbol::Match {
            length: (symbol, u32::try_from(extra).unwrap(), extra_bits),
            distance: (far, u32::try_from(random.below(1 << distance_bits)).unwrap(), distance_bits),
        });
        *unpacked += base + extra;
    }
    symbols.push(Symbol::Plain(256));
    symbols
}

/// Base and extra bits of a length symbol (RFC 1951, section 3.2.5), worked out instead of looked up.
fn length(symbol: usize) -> (usize, u32) {
    match symbol - 257 {
        28 => (258, 0),
        index @ 0..8 => (index + 3, 0),
        index => (3 + ((4 + index % 4) << (index / 4 - 1)), u32::try_from(index / 4 - 1).unwrap()),
    }
}

/// Base and extra bits of a distance symbol.
fn distance(symbol: usize) -> (usize, u32) {
    match symbol {
        0..4 => (symbol + 1, 0),
        _ => (1 + ((2 + symbol % 2) << (symbol / 2 - 1)), u32::try_from(symbol / 2 - 1).unwrap()),
    }
}
