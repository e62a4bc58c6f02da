//! Recipes from landmarks: the same as from the whole file, or none.

use std::io::{self, Cursor, Read, Seek, SeekFrom};

use amps_splice::{Error, Landmark, Limits, Recipe};
use amps_testkit::Gzip;
use crc32fast::hash;
use flate2::{Compress, Compression, FlushCompress};
use zlib_rs::{Inflate, InflateFlush, Status};

use crate::{
    bit_writer::Symbol,
    blocks::{END, literals, written},
    deflate, find, fixtures, inflated, member,
    random::Random,
    random_stream,
};

/// A member of a file, and where its blocks begin: in the file and in its data.
struct Member {
    offset: u64,
    stream_offset: u64,
    trailer_offset: u64,
    start: usize,
    data: Vec<u8>,
    blocks: Vec<(u64, usize)>,
}

/// Inflates with stops at blocks, as whoever notes landmarks does.
fn members(file: &[u8]) -> Vec<Member> {
    let mut members = Vec::new();
    let (mut at, mut start) = (0, 0);
    while file.get(at) == Some(&0x1f) {
        let offset = at as u64;
        let header = flate2::bufread::GzDecoder::new(&file[at..]);
        header.header().unwrap();
        at = file.len() - header.get_ref().len();
        let stream_offset = at as u64;
        let mut inflate = Inflate::new(false, 15);
        let (mut data, mut blocks) = (Vec::new(), vec![(stream_offset, 0)]);
        let mut room = vec![0; 100_000];
        loop {
            let packed = &file[at + usize::try_from(inflate.total_in()).unwrap()..];
            let before = inflate.total_out();
            let status = inflate.decompress(packed, &mut room, InflateFlush::Block).unwrap();
            let produced = usize::try_from(inflate.total_out() - before).unwrap();
            data.extend_from_slice(&room[..produced]);
            match status {
                Status::StreamEnd => break,
                Status::Ok if produced < room.len() => {
                    blocks.push((stream_offset + inflate.total_in(), data.len()));
                }
                Status::Ok => {}
                Status::BufError => panic!("the file ends"),
            }
        }
        at += usize::try_from(inflate.total_in()).unwrap();
        let (trailer_offset, bytes) = (at as u64, data.len());
        members.push(Member { offset, stream_offset, trailer_offset, start, data, blocks });
        at += 8;
        start += bytes;
    }
    members
}

impl Member {
    /// A landmark for an offset in the file's data that lies in this member.
    fn landmark(&self, end: usize, block: (u64, usize), near_bytes: usize) -> Landmark<'_> {
        let (before, behind) = self.data.split_at(end - self.start);
        let (before, near) = before.split_at(before.len() - near_bytes.min(before.len()));
        Landmark {
            end: end as u64,
            member_offset: self.offset,
            stream_offset: self.stream_offset,
            trailer_offset: self.trailer_offset,
            member_start: self.start as u64,
            member_bytes: self.data.len() as u64,
            block_offset: block.0,
            block_bytes: block.1 as u64,
            crc_before_near: hash(before),
            near,
            crc_behind: hash(behind),
        }
    }
}

fn find_from(file: &[u8], landmark: &Landmark<'_>) -> Option<Recipe> {
    Recipe::find_from(Cursor::new(file), landmark, &Limits::default()).unwrap()
}

/// How many landmarks led to a recipe, and how many did not.
#[derive(Debug, Default)]
struct Tally {
    found: usize,
    unsure: usize,
}

impl Tally {
    /// Compares what the blocks before an offset lead to with what the whole file does; of many blocks, only the last ones.
    #[track_caller]
    fn compare(&mut self, file: &[u8], members: &[Member], end: usize) {
        let Some(member) = members.iter().find(|m| (m.start..=m.start + m.data.len()).contains(&end)) else {
            panic!("{end} lies behind the data");
        };
        let expected = find(file, end);
        let before = member.blocks.iter().take_while(|block| member.start + block.1 < end);
        for &block in before.collect::<Vec<_>>().iter().rev().take(4) {
            for near_bytes in [usize::MAX, 300] {
                match find_from(file, &member.landmark(end, *block, near_bytes)) {
                    Some(recipe) => {
                        assert!(recipe == expected, "cut at {end} from {block:?}: {recipe:?}, {expected:?}");
                        self.found += 1;
                    }
                    None => self.unsure += 1,
                }
            }
        }
    }
}

#[test]
fn small_files_are_cut_the_same_anywhere() {
    let random = &mut Random(10);
    for (name, file) in fixtures::small() {
        let members = members(&file);
        let bytes: usize = members.iter().map(|member| member.data.len()).sum();
        let mut tally = Tally::default();
        for _ in 0..80 {
            tally.compare(&file, &members, random.below(bytes + 1));
        }
        (0..8).for_each(|back| tally.compare(&file, &members, bytes - back));
        // In front of stored blocks a landmark may not be enough; these have hardly any others.
        let is_stored = ["zlib-0", "members", "isal-0"].iter().any(|stored| name.contains(stored));
        let share = if is_stored { 1 } else { 10 };
        assert!(tally.found > share * tally.unsure, "{name}: {tally:?}");
    }
}

#[test]
fn large_files_are_cut_the_same_anywhere() {
    let random = &mut Random(11);
    for (name, file) in fixtures::large() {
        let members = members(&file);
        let bytes: usize = members.iter().map(|member| member.data.len()).sum();
        let mut tally = Tally::default();
        for _ in 0..10 {
            tally.compare(&file, &members, random.below(bytes + 1));
        }
        tally.compare(&file, &members, bytes);
        assert!(tally.found > tally.unsure, "{name}: {tally:?}");
    }
}

#[test]
fn streams_that_no_compressor_makes_are_cut_the_same() {
    let mut tally = Tally::default();
    for seed in 0..400 {
        let random = &mut Random(seed);
        let mut file = Vec::new();
        let mut bytes = 0;
        for _ in 0..=random.below(2) {
            let stream = random_stream::stream(random, 8);
            let (_, data) = inflated(&stream).unwrap();
            bytes += data.len();
            file.extend(member(&stream, &data));
        }
        let members = members(&file);
        for _ in 0..3 {
            tally.compare(&file, &members, random.below(bytes + 1));
        }
    }
    assert!(tally.found > 3 * tally.unsure && tally.found > 1000, "{tally:?}");
}

#[test]
fn files_of_many_shapes_are_cut_the_same() {
    let random = &mut Random(12);
    let mut data = random.bytes(70_000);
    data.extend_from_within(10_000..60_000);
    data.resize(200_000, b'.');
    let mut flushed = Compress::new(Compression::new(6), false);
    let mut stream = Vec::with_capacity(300_000);
    for piece in data.chunks(777) {
        flushed.compress_vec(piece, &mut stream, FlushCompress::Sync).unwrap();
    }
    flushed.compress_vec(&[], &mut stream, FlushCompress::Finish).unwrap();
    let mut files = vec![member(&stream, &data)];
    for level in [0, 1, 6, 9] {
        let gzip = Gzip::new().level(level).file_name("name").header_crc().padding(999);
        files.extend([1, 2, 50].map(|members| gzip.clone().members(members).pack(&data)));
    }
    for file in &files {
        let members = members(file);
        let mut tally = Tally::default();
        for end in (0..12).map(|_| random.below(data.len() + 1)).chain([0, 1, data.len()]).collect::<Vec<_>>()
        {
            tally.compare(file, &members, end);
        }
        for edge in members.iter().take(4) {
            tally.compare(file, &members, edge.start);
        }
        assert!(tally.found > 0, "{tally:?}");
    }
}

/// A block of data that ends at any bit, a stored one, and another one.
fn around_a_stored_block(literal_count: usize) -> (Vec<u8>, Vec<u8>) {
    let text =
        "abcdefghijk\u{ff}".chars().cycle().take(literal_count).map(|char| Symbol::Plain(char as usize));
    let stream = written(|writer| {
        let first: Vec<Symbol> = text.clone().chain([END]).collect();
        writer.fixed(false, &first).stored(false, &[b's'; 100]);
        writer.fixed(true, &[literals("the end"), vec![END]].concat())
    });
    let (_, data) = inflated(&stream).unwrap();
    (member(&stream, &data), data)
}

#[test]
fn bits_that_cannot_be_told_apart_give_no_recipe() {
    let mut unsure = 0;
    for literal_count in 1..40 {
        let (file, data) = around_a_stored_block(literal_count);
        let members = members(&file);
        let [only] = members.as_slice() else { panic!("one member") };
        let [first, stored, last, ..] = only.blocks.as_slice() else { panic!("three blocks") };
        let inside = literal_count + 50;
        // The bits that fill the byte in front of the length are zeros, like the type of the block.
        let found = find_from(&file, &only.landmark(inside, *stored, usize::MAX));
        unsure += usize::from(found.is_none());
        assert!(found.is_none_or(|recipe| recipe == find(&file, inside)));
        // Behind the stored block it makes no difference, and an earlier block tells.
        for (end, block) in [(inside, first), (data.len() - 1, first), (data.len() - 1, stored)] {
            let landmark = only.landmark(end, *block, usize::MAX);
            assert_eq!(find_from(&file, &landmark), Some(find(&file, end)));
        }
        let behind = only.landmark(data.len() - 1, *last, usize::MAX);
        assert_eq!(find_from(&file, &behind), Some(find(&file, data.len() - 1)));
    }
    assert!(unsure > 30, "{unsure}");
}

#[test]
fn a_cut_before_what_is_known_of_the_data_gives_no_recipe() {
    let (file, _) = around_a_stored_block(10);
    let members = members(&file);
    let first = members[0].blocks[0];
    for (near_bytes, is_found) in [(0, false), (49, false), (50, true), (60, true)] {
        let found = find_from(&file, &members[0].landmark(60, first, near_bytes));
        assert_eq!(found, is_found.then(|| find(&file, 60)), "{near_bytes} bytes are known");
    }
}

#[test]
fn a_landmark_that_is_wrong_gives_no_wrong_recipe() {
    let random = &mut Random(13);
    let (mut refused, mut harmless) = (0, 0);
    let mut files = fixtures::small();
    files.push(("stored".to_owned(), around_a_stored_block(10).0));
    for (name, file) in &files {
        let members = members(file);
        for _ in 0..150 {
            let member = &members[random.below(members.len())];
            if member.data.is_empty() {
                continue;
            }
            let end = member.start + 1 + random.below(member.data.len());
            let before: Vec<_> =
                member.blocks.iter().filter(|block| member.start + block.1 < end).copied().collect();
            let right = member.landmark(end, before[random.below(before.len())], 500);
            let mut near = right.near.to_vec();
            let mut wrong = right;
            let step = if random.one_in(2) { 1 } else { random.next() >> random.below(60) };
            let field = random.below(11);
            match field {
                0 => wrong.end = wrong.end.wrapping_add(step),
                1 => wrong.member_offset = wrong.member_offset.wrapping_add(step),
                2 => wrong.stream_offset = wrong.stream_offset.wrapping_sub(step),
                3 => wrong.trailer_offset = wrong.trailer_offset.wrapping_add(step),
                4 => wrong.member_start = wrong.member_start.wrapping_sub(step),
                5 => wrong.member_bytes = wrong.member_bytes.wrapping_add(step),
                6 => wrong.block_offset = wrong.block_offset.wrapping_add(step),
                7 => wrong.block_bytes = wrong.block_bytes.wrapping_add(step),
                8 => wrong.crc_before_near ^= 1 << random.below(32),
                9 => wrong.crc_behind ^= 1 << random.below(32),
                _ => {
                    let at = random.below(near.len());
                    near[at] ^= 1 << random.below(8);
                    wrong.near = &near;
                }
            }
            match find_from(file, &wrong) {
                Some(recipe) => {
                    assert_eq!(recipe, find(file, end), "{name}: field {field}");
                    harmless += 1;
                }
                None => refused += 1,
            }
        }
    }
    // At a member's end it does not matter where a block begins.
    assert!(refused > harmless * 20, "{refused} were refused, {harmless} were not");
}

#[test]
fn a_landmark_of_another_file_gives_no_recipe() {
    let random = &mut Random(14);
    let data: Vec<u8> = (0..3000).map(|_| random.byte() % 16).collect();
    let file = member(&deflate(&data, 6), &data);
    let members = members(&file);
    let landmark = members[0].landmark(2500, members[0].blocks[0], usize::MAX);
    assert!(find_from(&file, &landmark).is_some());
    let mut other = data.clone();
    other[2900] ^= 1;
    for (other, what) in [
        (member(&deflate(&other, 6), &other), "other data"),
        (member(&deflate(&data, 0), &data), "other blocks"),
        (file[..file.len() - 1].to_vec(), "the last byte is missing"),
        (file[..20].to_vec(), "nearly all is missing"),
        (Vec::new(), "all is missing"),
    ] {
        assert_eq!(find_from(&other, &landmark), None, "{what}");
    }
}

#[test]
fn little_is_read_and_no_more_is_walked_than_allowed() {
    struct Counting<'a>(Cursor<&'a [u8]>, usize);
    impl Read for Counting<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let read = self.0.read(into)?;
            self.1 += read;
            Ok(read)
        }
    }
    impl Seek for Counting<'_> {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.0.seek(to)
        }
    }
    let data = Random(15).bytes(4 << 20);
    let file = member(&deflate(&data, 6), &data);
    let members = members(&file);
    let only = &members[0];
    let end = data.len() - 1000;
    let last = *only.blocks.iter().rfind(|block| block.1 < end - 100_000).unwrap();
    let mut counting = Counting(Cursor::new(&file), 0);
    let found = Recipe::find_from(&mut counting, &only.landmark(end, last, 1 << 17), &Limits::default());
    assert_eq!(found.unwrap(), Some(find(&file, end)));
    assert!(counting.1 < 400_000, "{} bytes were read", counting.1);
    // The whole of it is too far to walk up to eight times.
    assert_eq!(find_from(&file, &only.landmark(end, only.blocks[1], 1 << 17)), None);
    let one_block = Limits { blocks: 1, ..Limits::default() };
    let found = Recipe::find_from(Cursor::new(&file), &only.landmark(end, last, 1 << 17), &one_block);
    assert_eq!(found.unwrap(), None);
}

#[test]
fn a_source_that_fails_is_an_error_of_its_own() {
    struct Unplugged;
    impl Read for Unplugged {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("unplugged"))
        }
    }
    impl Seek for Unplugged {
        fn seek(&mut self, _: SeekFrom) -> io::Result<u64> {
            Ok(0)
        }
    }
    let file = member(&deflate(b"data", 6), b"data");
    let members = members(&file);
    let landmark = members[0].landmark(3, members[0].blocks[0], 3);
    let error = Recipe::find_from(Unplugged, &landmark, &Limits::default()).unwrap_err();
    assert!(matches!(error, Error::Read { .. }), "{error}");
}
