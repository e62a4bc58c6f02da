//! Files of several members, with headers of every kind and zeros behind the last one.

use std::io::{self, Cursor, Read, Seek, SeekFrom};

use amps_splice::{Limits, Recipe};
use amps_testkit::Gzip;

use crate::{check, deflate, find, inflated, member, random::Random, whole};

fn sample(count: usize) -> Vec<u8> {
    let random = &mut Random(5);
    let mut data = random.bytes(count / 4);
    data.resize(count / 2, b'.');
    (data.len()..count).for_each(|at| data.push(data[at - count / 4]));
    data
}

/// Where the members begin in the file and in the data, and where the last ones end.
fn joined(parts: &[&[u8]]) -> (Vec<u8>, Vec<u8>, Vec<(u64, usize)>) {
    let (mut file, mut data, mut edges) = (Vec::new(), Vec::new(), vec![(0, 0)]);
    for part in parts {
        file.extend(member(&deflate(part, 6), part));
        data.extend(*part);
        edges.push((file.len() as u64, data.len()));
    }
    (file, data, edges)
}

#[test]
fn members_of_any_number_can_be_cut_everywhere() {
    let data = sample(240);
    for members in [1, 2, 3, 7, 240, 500] {
        for level in [0, 1, 9] {
            let file = Gzip::new().members(members).level(level).pack(&data);
            (0..=data.len()).for_each(|end| drop(check(&file, &data, end)));
        }
    }
}

#[test]
fn between_members_nothing_is_cut() {
    let (file, data, edges) = joined(&[b"abc", b"defg", b"h"]);
    for (keep_bytes, end) in edges {
        let expected = Recipe { keep_bytes, glue: Vec::new(), rem: Vec::new() };
        assert_eq!(check(&file, &data, end), expected);
    }
}

#[test]
fn empty_members_at_the_offset_do_not_stay() {
    let (file, data, edges) = joined(&[b"", b"", b"abc", b"", b"", b"d", b""]);
    for (edge, end) in [(0, 0), (3, 3), (6, 4)] {
        assert_eq!(check(&file, &data, end).keep_bytes, edges[edge].0);
    }
    let nothing = member(&deflate(b"", 6), b"");
    assert_eq!(check(&nothing, b"", 0), Recipe::default());
}

#[test]
fn a_member_of_which_nothing_stays_goes_as_a_whole() {
    let parts = [sample(300), sample(70_000)];
    let mut file = member(&deflate(&parts[0], 6), &parts[0]);
    let keep_bytes = file.len() as u64;
    file.extend(member(&deflate(&parts[1], 0), &parts[1]));
    let data = parts.concat();
    let (_, stored) = inflated(&deflate(&parts[1], 0)).unwrap();
    assert_eq!(stored, parts[1]);
    for end in [301, 310, 20_000] {
        let expected = Recipe { keep_bytes, glue: Vec::new(), rem: data[300..end].to_vec() };
        assert_eq!(check(&file, &data, end), expected);
    }
}

#[test]
fn a_file_may_come_in_any_pieces() {
    struct Trickle(Cursor<Vec<u8>>);
    impl Read for Trickle {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let room = into.len().min(1 + usize::try_from(self.0.position() % 3).unwrap());
            self.0.read(&mut into[..room])
        }
    }
    impl Seek for Trickle {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.0.seek(to)
        }
    }
    let data = sample(2000);
    for level in [0, 6] {
        let file =
            Gzip::new().members(2).level(level).file_name("name").header_crc().padding(100).pack(&data);
        for end in (0..=2000).step_by(37) {
            let mut trickle = Trickle(Cursor::new(file.clone()));
            // Where the file stands before does not matter.
            trickle.0.set_position(50);
            let found = Recipe::find(&mut trickle, end as u64, &Limits::default()).unwrap();
            assert_eq!(found, find(&file, end));
            let spliced = found.splice(b"new").unwrap();
            let mut read = Vec::new();
            spliced.reader(trickle, 0..spliced.total_bytes()).unwrap().read_to_end(&mut read).unwrap();
            assert_eq!(read, whole(&file, &spliced));
        }
    }
}

#[test]
fn zeros_behind_the_last_member_never_stay() {
    let data = sample(1000);
    let plain = Gzip::new().members(3).pack(&data);
    for zeros in [1, 2, 511, 10_240, 200_000] {
        let padded = Gzip::new().members(3).padding(zeros).pack(&data);
        for end in [0, 1, 333, 334, 999, 1000] {
            assert_eq!(check(&padded, &data, end), find(&plain, end), "{zeros} zeros, cut at {end}");
        }
    }
}

#[test]
fn headers_with_fields_stay_as_they_are() {
    let data = sample(600);
    let name = "n".repeat(100_000);
    let full = Gzip::new().extra(&[7; 300]).file_name(&name).comment("c").header_crc();
    for gzip in [
        Gzip::new().extra(b""),
        Gzip::new().file_name(""),
        Gzip::new().comment("c"),
        Gzip::new().header_crc(),
        // "Probably text" means nothing for anyone.
        Gzip::new().flags(1),
        full,
    ] {
        let file = gzip.members(2).pack(&data);
        for end in [0, 1, 299, 300, 301, 599, 600] {
            assert_cut(&file, &data, end);
        }
    }
}

/// flate2 refuses names of more than 65,535 bytes, so the command says whether the result is good.
fn assert_cut(file: &[u8], data: &[u8], end: usize) {
    use std::{
        io::Write as _,
        process::{Command, Stdio},
    };
    let spliced = find(file, end).splice(b"new").unwrap();
    let mut gzip =
        Command::new("gzip").arg("-dc").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = gzip.stdin.take().unwrap();
    input.write_all(&whole(file, &spliced)).unwrap();
    drop(input);
    let output = gzip.wait_with_output().unwrap();
    assert!(output.status.success() && output.stdout == [&data[..end], b"new"].concat(), "cut at {end}");
}
