//! Files that are refused, and the words for it.

use std::{
    cell::Cell,
    io::{self, Cursor, Read, Seek, SeekFrom},
};

use amps_splice::{Error, HeaderDefect, LimitKind, Limits, Recipe};
use amps_testkit::Gzip;

use crate::{check, deflate, member, random::Random};

fn refusal(file: &[u8], end: u64) -> Error {
    Recipe::find(Cursor::new(file), end, &Limits::default()).unwrap_err()
}

#[test]
fn each_defect_is_named() {
    let data = b"some data, some more data";
    let good = Gzip::new().pack(data);
    let damaged = |at: usize, byte: u8| {
        let mut file = good.clone();
        file[at] = byte;
        file
    };
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (Vec::new(), "found `` at byte 0, expected a gzip member"),
        (vec![0; 100], "found `00` at byte 0, expected a gzip member"),
        (b"PK\x03\x04".to_vec(), "found `50` at byte 0, expected a gzip member"),
        (vec![0x1f], "found `1f` at byte 0, expected a gzip member"),
        (vec![0x1f, 0x9d, 0x90], "found `1f 9d` at byte 0, expected a gzip member"),
        (damaged(2, 7), "gzip member at byte 0: compression method `7`, expected `8` (deflate)"),
        (damaged(3, 0x20), "gzip member at byte 0: flags `0x20`, expected the highest three bits to be zero"),
        (
            [good.clone(), Gzip::new().bad_crc().pack(b"a")].concat(),
            "gzip member at byte 38: the data has the CRC-32 `e8b7be43`, expected `e8b7be42`",
        ),
        (
            [good.clone(), Gzip::new().bad_length().pack(b"abc")].concat(),
            "gzip member at byte 38: the data has 3 bytes (modulo 2^32), expected 2",
        ),
        (damaged(10, 7), "gzip member at byte 0: damaged data after 0 unpacked bytes: invalid block type"),
        (
            Gzip::new().padding(9).trailing(b"\x01").pack(data),
            "found `01` at byte 47 behind the last gzip member, expected only zeros",
        ),
        (
            Gzip::new().trailing(b"x").pack(data),
            "found `78` at byte 38, expected a gzip member, zeros or the end",
        ),
        (
            Gzip::new().trailing(b"\x1f").pack(data),
            "found `1f` at byte 38, expected a gzip member, zeros or the end",
        ),
        (good[..good.len() - 1].to_vec(), "the file ends at byte 37 inside a gzip member"),
    ];
    for (file, expected) in cases {
        assert_eq!(refusal(&file, 5).to_string(), expected);
    }
    let error = refusal(&good, 26);
    assert_eq!(error.to_string(), "the file has 25 unpacked bytes, expected at least 26");
    let error = refusal(&Gzip::new().bad_header_crc().pack(data), 5);
    let Error::Header { member_offset: 0, defect: HeaderDefect::Checksum { found, expected } } = error else {
        panic!("{error}");
    };
    assert_eq!(found ^ expected, 1);
}

#[test]
fn limits_are_inclusive() {
    let data = vec![7; 5000];
    let file = Gzip::new().members(3).padding(20).pack(&data);
    let exact = Limits { file_bytes: file.len() as u64, unpacked_bytes: 5000, members: 3, blocks: 1 };
    let expected = Recipe::find(Cursor::new(&file), 4000, &Limits::default()).unwrap();
    assert_eq!(Recipe::find(Cursor::new(&file), 4000, &exact).unwrap(), expected);
    for (limits, expected) in [
        (Limits { file_bytes: exact.file_bytes - 1, ..exact.clone() }, LimitKind::FileBytes),
        (Limits { unpacked_bytes: 4999, ..exact.clone() }, LimitKind::UnpackedBytes),
        (Limits { members: 2, ..exact.clone() }, LimitKind::Members),
        (Limits { blocks: 0, ..exact.clone() }, LimitKind::Blocks),
    ] {
        match Recipe::find(Cursor::new(&file), 4000, &limits) {
            Err(Error::Limit { kind, .. }) => assert_eq!(kind, expected),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_bomb_costs_no_more_than_the_limit() {
    let file = member(&deflate(&vec![0; 50 << 20], 9), &vec![0; 50 << 20]);
    let limits = Limits { unpacked_bytes: 1 << 20, ..Limits::default() };
    let read = Cell::new(0);
    let file = Counting { inner: Cursor::new(&file), read: &read };
    let error = Recipe::find(file, 0, &limits).unwrap_err();
    assert!(matches!(error, Error::Limit { kind: LimitKind::UnpackedBytes, limit: 0x0010_0000 }), "{error}");
    assert!(read.get() <= 64 * 1024, "{} bytes were read", read.get());
}

struct Counting<'a, R> {
    inner: R,
    read: &'a Cell<usize>,
}

impl<R: Read> Read for Counting<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(into)?;
        self.read.set(self.read.get() + read);
        Ok(read)
    }
}

impl<R: Seek> Seek for Counting<'_, R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

#[test]
fn a_file_that_ends_too_early_is_refused_at_every_byte() {
    let data = Random(3).bytes(300);
    let file = Gzip::new().extra(b"extra").file_name("name").comment("c").header_crc().pack(&data);
    for length in 0..file.len() {
        match refusal(&file[..length], 10) {
            Error::Truncated { file_bytes } => assert_eq!(file_bytes, length as u64),
            // Less than the two bytes that a member begins with is no member.
            error => assert!(matches!(error, Error::NotGzip { .. }) && length < 2, "{error} at {length}"),
        }
    }
}

#[test]
fn any_changed_bit_is_refused_or_changes_nothing() {
    let data = [Random(4).bytes(100), vec![b'x'; 100]].concat();
    let file = Gzip::new().members(2).level(9).pack(&data);
    let mut accepted = 0;
    for at in 0..file.len() * 8 {
        let mut changed = file.clone();
        changed[at / 8] ^= 1 << (at % 8);
        for end in [0, 50, 100, 150, 200] {
            if Recipe::find(Cursor::new(&changed), end, &Limits::default()).is_ok() {
                check(&changed, &data, usize::try_from(end).unwrap());
                accepted += 1;
            }
        }
    }
    // In each header the text flag, the time, how well it was compressed, the system; and some bits that fill up a byte.
    let unimportant = 2 * (1 + 32 + 8 + 8);
    assert!((unimportant..unimportant + 20).contains(&(accepted / 5)), "{accepted}");
}

/// Gives other bytes when it is read again.
struct Changing {
    versions: [Vec<u8>; 2],
    position: u64,
    seeks: usize,
}

impl Read for Changing {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let version = &self.versions[usize::from(self.seeks > 1)];
        let read = version.get(usize::try_from(self.position).unwrap()..).unwrap_or_default().read(into)?;
        self.position += read as u64;
        Ok(read)
    }
}

impl Seek for Changing {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let SeekFrom::Start(position) = to else { panic!("{to:?}") };
        self.seeks += 1;
        self.position = position;
        Ok(position)
    }
}

#[test]
fn a_file_that_changes_is_refused() {
    let data = Random(6).bytes(1000);
    let first = member(&deflate(&data, 6), &data);
    let shorter = member(&deflate(&data[..500], 6), &data[..500]);
    let changing = |second| Changing { versions: [first.clone(), second], position: 0, seeks: 0 };
    for (second, end) in [(shorter, 900), (Vec::new(), 900)] {
        let error = Recipe::find(changing(second), end, &Limits::default()).unwrap_err();
        assert!(matches!(error, Error::Changed | Error::TruncatedDeflate { .. }), "{error}");
    }
}

#[test]
fn a_source_that_fails_is_an_error_of_its_own() {
    struct Failing(usize);
    impl Read for Failing {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            self.0 = self.0.checked_sub(1).ok_or_else(|| io::Error::other("unplugged"))?;
            into[..10].copy_from_slice(&[0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 0xff]);
            Ok(10)
        }
    }
    impl Seek for Failing {
        fn seek(&mut self, _: SeekFrom) -> io::Result<u64> {
            Ok(0)
        }
    }
    let error = Recipe::find(Failing(1), 0, &Limits::default()).unwrap_err();
    assert!(matches!(error, Error::Read { offset: 10, .. }), "{error}");
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "unplugged");
}
