//! Streams written bit by bit: where they are cut, and the rules that they break.

use amps_splice::{
    Error, LimitKind,
    deflate::{Cut, Walk, walk},
};

use crate::{
    bit_writer::{BitWriter, Symbol},
    check, find, inflated, member,
};

pub(crate) const END: Symbol = Symbol::Plain(256);
/// Three bytes from one byte back.
pub(crate) const THREE: Symbol = Symbol::Match { length: (257, 0, 0), distance: (0, 0, 0) };
/// 258 bytes from one byte back.
const LONGEST: Symbol = Symbol::Match { length: (285, 0, 0), distance: (0, 0, 0) };

pub(crate) fn written(write: impl for<'a> Fn(&'a mut BitWriter) -> &'a mut BitWriter) -> Vec<u8> {
    let mut writer = BitWriter::default();
    write(&mut writer);
    writer.finish()
}

pub(crate) fn literals(text: &str) -> Vec<Symbol> {
    text.bytes().map(|byte| Symbol::Plain(byte.into())).collect()
}

/// Cuts at every offset, and answers what was left at each.
fn rems(stream: &[u8]) -> Vec<usize> {
    let (_, data) = inflated(stream).unwrap();
    let file = member(stream, &data);
    (0..=data.len()).map(|end| check(&file, &data, end).rem.len()).collect()
}

fn cut_at(stream: &[u8], stop: u64) -> Cut {
    match walk(stream, stop, 100) {
        Ok(Walk::Cut(cut)) => cut,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_match_is_left_as_a_whole() {
    let stream = written(|writer| {
        writer.fixed(true, &[literals("ab"), vec![THREE], literals("c"), vec![LONGEST, END]].concat())
    });
    let expected: Vec<usize> = [0, 0, 0, 1, 2, 0, 0].into_iter().chain(1..258).chain([0]).collect();
    assert_eq!(rems(&stream), expected);
}

#[test]
fn a_stored_block_is_left_from_its_beginning() {
    let stream = written(|writer| writer.stored(false, b"abc").stored(false, b"").stored(true, b"de"));
    // The first block is the beginning of the member, which then goes as a whole.
    assert_eq!(rems(&stream), [0, 1, 2, 0, 1, 0]);
    let file = member(&stream, b"abcde");
    assert_eq!(find(&file, 2).keep_bytes, 0);
    assert_eq!(find(&file, 4).keep_bytes, 10 + 8 + 5);
}

#[test]
fn the_longest_stored_block_leaves_all_but_one_byte() {
    let data: Vec<u8> = (0..=u16::MAX).map(|number| number.to_le_bytes()[0]).collect();
    let stream = written(|writer| writer.fixed(false, &[Symbol::Plain(0), END]).stored(true, &data[1..]));
    assert_eq!(check(&member(&stream, &data), &data, data.len() - 1).rem, data[1..data.len() - 1]);
    let only = written(|writer| writer.stored(true, &data[1..]));
    assert_eq!(check(&member(&only, &data[1..]), &data[1..], 0xfffe).rem, data[1..0xffff]);
}

#[test]
fn a_cut_before_the_first_symbol_needs_nothing_of_the_block() {
    let first = literals("abc");
    let stream = written(|writer| {
        writer.fixed(false, &[first.clone(), vec![END]].concat());
        writer.dynamic(
            true,
            &LONG_CODES,
            &[1],
            &[Symbol::Match { length: (257, 0, 0), distance: (0, 0, 0) }, END],
        )
    });
    assert_eq!(rems(&stream), [0, 0, 0, 0, 1, 2, 0]);
    // 3 bits of type, 3 codes of 8 bits, the end of the block.
    for stop in [3, 4, 5] {
        let cut = cut_at(&stream, stop);
        assert_eq!((cut.packed_bits, cut.unpacked_bytes), (3 + 3 * 8 + 7, 3), "at {stop}");
        let ended = [&stream[..4], &cut.closing(stream[4])].concat();
        assert_eq!(inflated(&ended).unwrap(), (6, b"abc".to_vec()), "at {stop}");
    }
}

/// Codes of 1 to 15 bits for `a` to `n`, the end of the block, and a length of 3; the last two have 15.
pub(crate) const LONG_CODES: [u8; 258] = {
    let mut lengths = [0; 258];
    let mut bits = 1;
    while bits < 15 {
        lengths[b'a' as usize + bits as usize - 1] = bits;
        bits += 1;
    }
    lengths[256] = 15;
    lengths[257] = 15;
    lengths
};

#[test]
fn glue_has_9_to_12_bytes() {
    let mut sizes = [0; 13];
    for length in 1..80 {
        for is_final in [false, true] {
            for codes in [vec![1; 1], LONG_CODES.to_vec()] {
                let symbols: Vec<Symbol> =
                    (0..length).map(|_| Symbol::Plain(b'a'.into())).chain([END]).collect();
                let mut codes = codes;
                if codes.len() == 1 {
                    codes = vec![0; 257];
                    (codes[usize::from(b'a')], codes[256]) = (1, 1);
                }
                let stream = written(|writer| {
                    let writer = writer.dynamic(is_final, &codes, &[0], &symbols);
                    if is_final { writer } else { writer.stored(true, b"") }
                });
                let data = vec![b'a'; length];
                let recipe = check(&member(&stream, &data), &data, length - 1);
                sizes[recipe.glue.len()] += 1;
            }
        }
    }
    assert!(sizes[9..].iter().all(|&count| count > 0), "{sizes:?}");
}

#[test]
fn empty_blocks_do_not_matter() {
    let stream = written(|writer| {
        for text in ["", "a", "bc", ""] {
            writer.fixed(false, &[END]).stored(false, b"").dynamic(false, &LONG_CODES, &[0], &[END]);
            writer.dynamic(false, &LONG_CODES, &[0], &[literals(text), vec![END]].concat());
            writer.stored(false, b"").fixed(false, &[END]).fixed(false, &[END]);
        }
        writer.stored(true, b"")
    });
    assert_eq!(rems(&stream), [0; 4]);
}

#[test]
fn one_distance_code_or_none_is_enough() {
    for distances in [&[0][..], &[1], &[0, 0, 1], &[1, 1], &[0, 1, 0, 1]] {
        let near = distances.iter().position(|&bits| bits > 0);
        let three = near
            .filter(|&symbol| symbol < 2)
            .map(|symbol| Symbol::Match { length: (257, 0, 0), distance: (symbol, 0, 0) });
        let stream = written(|writer| {
            let symbols = [literals("ab"), three.into_iter().collect(), vec![END]].concat();
            writer.dynamic(true, &LONG_CODES, distances, &symbols)
        });
        let expected: &[usize] = if three.is_some() { &[0, 0, 0, 1, 2, 0] } else { &[0; 3] };
        assert_eq!(rems(&stream), expected, "{distances:?}");
    }
}

#[test]
fn the_end_code_alone_may_be_a_code_of_one_bit() {
    let mut lengths = [0; 257];
    lengths[256] = 1;
    let stream = written(|writer| {
        writer.dynamic(false, &lengths, &[0], &[END]).fixed(true, &[literals("ab"), vec![END]].concat())
    });
    assert_eq!(rems(&stream), [0; 3]);
}

#[test]
fn a_stream_that_is_not_longer_is_walked_to_its_end() {
    let mut stream = written(|writer| writer.fixed(true, &[literals("abc"), vec![END]].concat()));
    let end = Walk::End { packed_bytes: stream.len() as u64, unpacked_bytes: 3 };
    stream.extend([0xff; 100]);
    for stop in [3, 4, u64::MAX] {
        assert_eq!(walk(stream.as_slice(), stop, 1).unwrap(), end);
    }
}

#[test]
fn the_limit_of_blocks_is_inclusive() {
    let stream = written(|writer| {
        writer.stored(false, b"").fixed(false, &[END]).fixed(true, &[Symbol::Plain(0), END])
    });
    for stop in [1, 9] {
        assert!(walk(stream.as_slice(), stop, 3).is_ok());
        let error = walk(stream.as_slice(), stop, 2).unwrap_err();
        assert!(matches!(error, Error::Limit { kind: LimitKind::Blocks, limit: 2 }), "{error}");
    }
}
