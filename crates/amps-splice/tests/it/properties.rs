//! Laws that hold for any data, any maker and any offset.

use std::io::{Cursor, Read as _};

use amps_splice::{Parts, tail_gzip};
use flate2::{Compress, Compression, FlushCompress};
use proptest::prelude::*;

use crate::{check, find, inflated, member, random::Random, random_stream, unpack, whole};

/// Pieces of noise, of one byte, and of what came before.
fn data() -> impl Strategy<Value = Vec<u8>> {
    let piece = (0..3_u8, any::<u64>(), 1..3000_usize);
    prop::collection::vec(piece, 0..8).prop_map(|pieces| {
        let mut data = Vec::new();
        for (kind, seed, count) in pieces {
            let random = &mut Random(seed);
            match kind {
                0 => data.extend(random.bytes(count)),
                1 => data.resize(data.len() + count, random.byte()),
                _ if data.is_empty() => {}
                _ => {
                    let from = random.below(data.len());
                    (0..count).for_each(|index| data.push(data[from + index]));
                }
            }
        }
        data
    })
}

/// Deflates in steps, with a flush of some kind after each.
fn deflate(data: &[u8], level: u32, steps: &[(usize, u8)]) -> Vec<u8> {
    let mut compress = Compress::new(Compression::new(level), false);
    let mut stream = Vec::with_capacity(data.len() * 2 + 20_000);
    let mut rest = data;
    for &(step, flush) in steps {
        let (now, later) = rest.split_at(step.min(rest.len()));
        let flush = match flush {
            0 => FlushCompress::None,
            1 => FlushCompress::Partial,
            2 => FlushCompress::Sync,
            _ => FlushCompress::Full,
        };
        compress.compress_vec(now, &mut stream, flush).unwrap();
        rest = later;
    }
    compress.compress_vec(rest, &mut stream, FlushCompress::Finish).unwrap();
    assert_eq!(compress.total_in(), data.len() as u64);
    stream
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_file_can_be_cut_anywhere(
        parts in prop::collection::vec((data(), 0..=9_u32, prop::collection::vec((1..2000_usize, 0..4_u8), 0..10)), 1..4),
        at in any::<prop::sample::Index>(),
        zeros in 0..600_usize,
    ) {
        let mut file = Vec::new();
        let mut data = Vec::new();
        for (part, level, steps) in parts {
            file.extend(member(&deflate(&part, level, &steps), &part));
            data.extend(part);
        }
        file.resize(file.len() + zeros, 0);
        check(&file, &data, at.index(data.len() + 1));
    }

    #[test]
    fn streams_that_no_compressor_makes_can_be_cut_anywhere(seed in any::<u64>(), at in any::<prop::sample::Index>()) {
        let stream = random_stream::stream(&mut Random(seed), 8);
        let (_, data) = inflated(&stream).unwrap();
        check(&member(&stream, &data), &data, at.index(data.len() + 1));
    }

    #[test]
    fn any_range_is_the_same_as_of_the_whole(
        data in data(),
        tail in data(),
        at in any::<prop::sample::Index>(),
        range in any::<[u16; 2]>(),
    ) {
        let file = member(&deflate(&data, 6, &[]), &data);
        let spliced = find(&file, at.index(data.len() + 1)).splice(&tail).unwrap();
        let all = whole(&file, &spliced);
        let range = range.map(u64::from);
        let expected = usize::try_from(range[0]).unwrap()..usize::try_from(range[1].min(all.len() as u64)).unwrap();
        let expected = all.get(expected).unwrap_or_default();

        let mut read = Vec::new();
        spliced.reader(Cursor::new(&file), range[0]..range[1]).unwrap().read_to_end(&mut read).unwrap();
        prop_assert!(read == expected);

        let Parts { file: from_file, end } = spliced.parts(range[0]..range[1]);
        let from_file = usize::try_from(from_file.start).unwrap()..usize::try_from(from_file.end).unwrap();
        prop_assert!([&file[from_file], end].concat() == expected);
    }

    #[test]
    fn an_end_unpacks_to_what_it_was_made_of(rem in data(), tail in data()) {
        let made = tail_gzip(&rem, &tail).unwrap();
        prop_assert!(made == tail_gzip(&rem, &tail).unwrap());
        prop_assert!(unpack(&made) == [rem, tail].concat());
    }
}
