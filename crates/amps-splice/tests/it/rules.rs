//! Each rule of deflate that a stream can break, and what zlib-rs says to that.

use amps_splice::{Code, DeflateDefect, Error, deflate::walk};

use crate::{
    bit_writer::{BitWriter, Symbol, codes},
    blocks::{END, LONG_CODES, THREE, literals, written},
    inflated,
};

#[track_caller]
fn check(expected: DeflateDefect, write: impl for<'a> Fn(&'a mut BitWriter) -> &'a mut BitWriter) {
    // Enough behind it that nothing is missing.
    let stream = written(|writer| write(writer).stored(true, b"").stored(true, b""));
    match walk(stream.as_slice(), u64::MAX, 9) {
        Err(Error::Deflate { defect, .. }) => assert_eq!(defect, expected),
        other => panic!("{other:?}, expected {expected:?}"),
    }
    assert_eq!(inflated(&stream), None, "zlib-rs accepts what has the defect: {expected}");
}

/// Code lengths for these literals, the others have none.
fn only(lengths: &[(usize, u8)]) -> [u8; 257] {
    let mut all = [0; 257];
    for &(symbol, bits) in lengths {
        all[symbol] = bits;
    }
    all
}

#[test]
fn rules_for_blocks() {
    check(DeflateDefect::BlockType, |w| w.header(true, 3));
    check(DeflateDefect::StoredLength { length: 1, complement: 1 }, |w| {
        w.header(true, 0).pad().bits(1, 16).bits(1, 16).bits(0, 8)
    });
}

#[test]
fn rules_for_the_number_of_codes() {
    let one = only(&[(0, 1), (256, 1)]);
    for (found, bits) in [(287, [8; 287].as_slice()), (288, &[8; 288])] {
        let expected = DeflateDefect::TooManySymbols { code: Code::Literal, found, limit: 286 };
        check(expected, |w| w.dynamic(true, bits, &[1], &[]));
    }
    for (found, bits) in [(31, [5; 31].as_slice()), (32, &[5; 32])] {
        let expected = DeflateDefect::TooManySymbols { code: Code::Distance, found, limit: 30 };
        check(expected, |w| w.dynamic(true, &one, bits, &[END]));
    }
    check(DeflateDefect::RepeatsNothing, |w| w.dynamic_header(true, 257, 1).code_length(16).bits(0, 32));
    check(DeflateDefect::TooManyLengths { found: 138 + 121, expected: 258 }, |w| {
        w.dynamic_header(true, 257, 1).code_length(18).bits(127, 7).code_length(18).bits(110, 7)
    });
    check(DeflateDefect::NoEndOfBlock, |w| w.dynamic(true, &only(&[(0, 1), (1, 1)]), &[0], &[]));
}

#[test]
fn rules_for_codes() {
    // Four codes for code lengths: all of one bit, one of one bit, none.
    for (lengths, expected) in [
        (0o1111, DeflateDefect::OverSubscribed { code: Code::CodeLength }),
        (0o1000, DeflateDefect::Incomplete { code: Code::CodeLength }),
        (0o0000, DeflateDefect::Incomplete { code: Code::CodeLength }),
    ] {
        check(expected, |w| w.header(true, 2).bits(0, 14).bits(lengths, 12));
    }
    for (literals, expected) in [
        (only(&[(0, 1), (1, 1), (256, 1)]), DeflateDefect::OverSubscribed { code: Code::Literal }),
        (only(&[(0, 1), (256, 2)]), DeflateDefect::Incomplete { code: Code::Literal }),
        (only(&[(256, 2)]), DeflateDefect::Incomplete { code: Code::Literal }),
    ] {
        check(expected, |w| w.dynamic(true, &literals, &[0], &[END]));
    }
    for (distances, expected) in [
        ([1, 1, 1], DeflateDefect::OverSubscribed { code: Code::Distance }),
        ([2, 2, 2], DeflateDefect::Incomplete { code: Code::Distance }),
        ([0, 0, 2], DeflateDefect::Incomplete { code: Code::Distance }),
    ] {
        check(expected, |w| w.dynamic(true, &only(&[(0, 1), (256, 1)]), &distances, &[END]));
    }
}

#[test]
fn rules_for_symbols() {
    let unknown = |code| DeflateDefect::UnknownSymbol { code };
    let first = Symbol::Plain(b'a'.into());
    let with_distance = |symbol| Symbol::Match { length: (257, 0, 0), distance: (symbol, 0, 0) };
    for symbol in [286, 287] {
        check(unknown(Code::Literal), |w| w.fixed(true, &[first, Symbol::Plain(symbol), END]));
    }
    for symbol in [30, 31] {
        check(unknown(Code::Distance), |w| w.fixed(true, &[first, with_distance(symbol), END]));
    }
    // The only code is `0`.
    check(unknown(Code::Literal), |w| w.dynamic(true, &only(&[(256, 1)]), &[0], &[]).bits(1, 1));
    check(unknown(Code::Distance), |w| {
        let (three, bits) = codes(&LONG_CODES)[257];
        w.dynamic(true, &LONG_CODES, &[0], &[first]).bits(three, bits)
    });
    check(DeflateDefect::TooFarBack { distance: 1, unpacked_bytes: 0 }, |w| w.fixed(true, &[THREE, END]));
    check(DeflateDefect::TooFarBack { distance: 2, unpacked_bytes: 1 }, |w| {
        w.fixed(true, &[first, with_distance(1), END])
    });
}

#[test]
fn a_stream_that_ends_too_early_is_refused_at_every_byte() {
    let stream = written(|writer| {
        writer.stored(false, b"abc").fixed(false, &[literals("def"), vec![THREE, END]].concat());
        writer.dynamic(true, &LONG_CODES, &[1], &[literals("nml"), vec![THREE, END]].concat())
    });
    assert!(walk(stream.as_slice(), u64::MAX, 9).is_ok());
    for length in 0..stream.len() {
        match walk(&stream[..length], u64::MAX, 9) {
            Err(Error::TruncatedDeflate { bits }) => assert_eq!(bits, length as u64 * 8),
            // Zeros stand for what is missing, and may break a rule first.
            other => assert!(matches!(other, Err(Error::Deflate { .. })), "{other:?} at {length}"),
        }
    }
}
