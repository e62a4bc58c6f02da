//! The walker beside zlib-rs, on sound streams and on ones that were changed.

use amps_splice::deflate::{Walk, walk};

use crate::{inflated, random::Random, random_stream};

/// So many as a test should take time for; more when asked.
fn rounds(usual: usize) -> usize {
    let factor = std::env::var("AMPS_SPLICE_ROUNDS").map_or(1, |factor| factor.parse().unwrap());
    usual * factor
}

/// Whether the stream is sound; both must be of one mind on it, and on its lengths.
#[track_caller]
fn compare(stream: &[u8]) -> bool {
    let walked = walk(stream, u64::MAX, u64::MAX);
    let expected = inflated(stream)
        .map(|(packed_bytes, data)| Walk::End { packed_bytes, unpacked_bytes: data.len() as u64 });
    match (walked, expected) {
        (Ok(walked), Some(expected)) if walked == expected => true,
        (Err(_), None) => false,
        (walked, expected) => panic!("{walked:?} is not {expected:?} for {stream:02x?}"),
    }
}

fn mutate(stream: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..=random.below(3) {
        // The codes at the beginning of a block are where most of the rules are.
        let reach = if random.one_in(2) { stream.len().min(100) } else { stream.len() };
        let at = random.below(reach.max(1)).min(stream.len());
        match random.below(5) {
            0 | 1 if at < stream.len() => stream[at] ^= 1 << random.below(8),
            2 if at < stream.len() => stream[at] = random.byte(),
            3 => stream.insert(at, random.byte()),
            4 if random.one_in(4) => stream.truncate(at),
            _ => stream.extend(random.bytes(1)),
        }
    }
}

#[test]
fn agrees_with_zlib_on_random_streams() {
    for seed in 0..rounds(3000) {
        let stream = random_stream::stream(&mut Random(seed as u64), 6);
        assert!(compare(&stream), "seed {seed}");
    }
}

#[test]
fn agrees_with_zlib_on_changed_streams() {
    let mut sound = 0;
    let rounds = rounds(20_000);
    for seed in 0..rounds {
        let random = &mut Random(seed as u64);
        let mut stream = random_stream::stream(random, 3);
        mutate(&mut stream, random);
        sound += usize::from(compare(&stream));
    }
    assert!(sound > rounds / 20 && sound < rounds * 19 / 20, "{sound} of {rounds} are still sound");
}

#[test]
fn agrees_with_zlib_on_changed_streams_of_real_compressors() {
    let random = &mut Random(1);
    let files = crate::fixtures::small();
    for _ in 0..rounds(10_000) {
        let (_, file) = &files[random.below(files.len())];
        let mut stream = file[10..].to_vec();
        mutate(&mut stream, random);
        compare(&stream);
    }
}

#[test]
fn agrees_with_zlib_on_noise() {
    for seed in 0..rounds(20_000) {
        let random = &mut Random(seed as u64);
        let count = random.below(200);
        let mut stream = random.bytes(count);
        // Half of it as a block with its own codes, which noise seldom is.
        if let [first, ..] = stream.as_mut_slice()
            && seed % 2 == 0
        {
            *first = *first & !7 | 4;
        }
        compare(&stream);
    }
}
