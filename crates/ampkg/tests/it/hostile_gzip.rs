//! gzip files that are damaged, have something behind them, or grow.

use std::io::{self, Read};

use ampkg::{Entry, Error, ErrorClass, LimitKind, Limits, Visitor, read};
use amps_testkit::{Gzip, PackageBuilder};

use crate::fixtures::{fixture, verify};

fn pack(gzip: &Gzip) -> Vec<u8> {
    gzip.pack(&PackageBuilder::hello().tar())
}

#[test]
fn every_legal_form_is_read() {
    let full = Gzip::new().extra(&[7; 40]).file_name("hello.tar").comment("a comment").header_crc();
    for gzip in [
        Gzip::new().level(0),
        Gzip::new().level(9),
        full.clone(),
        full.members(9),
        Gzip::new().members(300),
        Gzip::new().extra(&vec![7; 65_535]),
        Gzip::new().file_name(&"x".repeat(60_000)),
        Gzip::new().flags(1),
        Gzip::new().padding(1),
        Gzip::new().padding(10_240),
        Gzip::new().padding(300_000),
    ] {
        verify(&pack(&gzip)).unwrap_or_else(|error| panic!("{error}: {gzip:?}"));
    }
}

#[test]
fn damage_is_refused() {
    for gzip in [
        Gzip::new().bad_crc(),
        Gzip::new().bad_length(),
        Gzip::new().bad_header_crc(),
        Gzip::new().flags(0x20),
        Gzip::new().flags(0x80),
        Gzip::new().members(3).bad_crc(),
        Gzip::new().trailing(b"\x1f"),
        Gzip::new().trailing(b"\x1f\x8b"),
        Gzip::new().trailing(b"\x1f\0"),
    ] {
        let error = verify(&pack(&gzip)).unwrap_err();
        assert_eq!(error.class(), ErrorClass::Format, "{error}: {gzip:?}");
    }
}

#[test]
fn what_follows_the_gzip_data_is_zero() {
    let package = pack(&Gzip::new());
    for (behind, first) in [
        (&b"x"[..], 0),
        (b"\0\0x", 2),
        (&[vec![0; 100_000], b"x".to_vec()].concat(), 100_000),
        (&[&[0], &package[..]].concat(), 1),
    ] {
        match verify(&[&package, behind].concat()) {
            Err(Error::TrailingData { offset }) => assert_eq!(offset, (package.len() + first) as u64),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn other_formats_are_named() {
    for (bytes, found) in [
        (&b"BZh91AY"[..], "42 5a 68 39 (bzip2)"),
        (b"\xfd7zXZ\0\0", "fd 37 7a 58 (xz)"),
        (b"PK\x03\x04", "50 4b 03 04 (zip)"),
        (b"\x28\xb5\x2f\xfd", "28 b5 2f fd (zstd)"),
        (&PackageBuilder::hello().tar(), "2d 2d 50 41 (uncompressed tar)"),
        (b"x", "78"),
        (b"\x1f\x8a", "1f 8a"),
    ] {
        let message = format!("not a gzip-compressed file: it begins with {found}");
        assert_eq!(verify(bytes).unwrap_err().to_string(), message);
    }
    assert!(matches!(verify(b""), Err(Error::EmptyFile)));
}

#[test]
fn more_members_than_anybody_needs_are_refused() {
    let limit = Limits::default().gzip_members;
    verify(&pack(&Gzip::new().members(usize::try_from(limit).unwrap()))).unwrap();
    let millions = Gzip::new().pack(b"").repeat(2_000_000);
    match verify(&[millions, pack(&Gzip::new())].concat()) {
        Err(Error::Limit { kind: LimitKind::GzipMembers, limit: found }) => assert_eq!(found, limit),
        other => panic!("{other:?}"),
    }
}

/// Counts what is read of a package.
struct Counting<'a> {
    rest: &'a [u8],
    bytes: usize,
}

impl Read for Counting<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let bytes = self.rest.read(into)?;
        self.bytes += bytes;
        Ok(bytes)
    }
}

/// Counts what is unpacked of it.
#[derive(Default)]
struct Unpacked(u64);

impl Visitor for Unpacked {
    fn entry(&mut self, _: &Entry) {}
    fn data(&mut self, bytes: &[u8]) {
        self.0 += bytes.len() as u64;
    }
    fn end_file(&mut self) {}
}

const LIMIT: u64 = 64 << 20;

fn open(bomb: &[u8]) -> (Error, usize, u64) {
    let limits = Limits { unpacked_bytes: LIMIT, ..Limits::default() };
    let mut source = Counting { rest: bomb, bytes: 0 };
    let mut unpacked = Unpacked::default();
    let error = read(&mut source, &limits, &mut unpacked).unwrap_err();
    (error, source.bytes, unpacked.0)
}

#[test]
fn a_bomb_of_one_file_is_refused_at_its_header() {
    let (error, read_bytes, unpacked_bytes) = open(&fixture("bad/bomb-600m.ampkg"));
    assert!(matches!(error, Error::Limit { kind: LimitKind::UnpackedBytes, limit: LIMIT }), "{error}");
    // The files before it are small; its own data is not looked at.
    assert!(unpacked_bytes < 10_000, "{unpacked_bytes}");
    assert!(read_bytes <= 64 << 10, "{read_bytes}");
}

#[test]
fn a_bomb_of_many_files_is_refused_at_the_limit() {
    let mut builder = PackageBuilder::hello();
    for at in 0..100 {
        builder = builder.file(&format!("zeros-{at}"), vec![0; 1 << 20]);
    }
    let bomb = builder.gzip(Gzip::new().level(1)).build();
    let (error, read_bytes, unpacked_bytes) = open(&bomb);
    assert!(matches!(error, Error::Limit { kind: LimitKind::UnpackedBytes, limit: LIMIT }), "{error}");
    assert!(unpacked_bytes <= LIMIT, "{unpacked_bytes}");
    // 64 of 100 parts, and what a buffer holds.
    assert!(read_bytes <= bomb.len() * 64 / 100 + (64 << 10), "{read_bytes} of {}", bomb.len());
}

#[test]
fn a_bomb_behind_the_end_of_the_archive_is_refused_at_the_limit() {
    let tar = [PackageBuilder::hello().tar(), vec![0; 80 << 20]].concat();
    let (error, ..) = open(&Gzip::new().level(1).pack(&tar));
    assert!(matches!(error, Error::Limit { kind: LimitKind::UnpackedBytes, limit: LIMIT }), "{error}");
}

#[test]
fn a_file_that_never_ends_is_refused_at_the_limit() {
    let package = pack(&Gzip::new());
    let limits = Limits { package_bytes: 1 << 20, ..Limits::default() };
    match read(package.chain(io::repeat(0)), &limits, &mut ()) {
        Err(Error::Limit { kind: LimitKind::PackageBytes, limit }) => assert_eq!(limit, 1 << 20),
        other => panic!("{other:?}"),
    }
    // So is a header whose file name never ends.
    let head = b"\x1f\x8b\x08\x08\0\0\0\0\0\xff";
    let error = read(head.chain(io::repeat(b'x')), &limits, &mut ()).unwrap_err();
    assert!(matches!(error.class(), ErrorClass::Limit | ErrorClass::Format), "{error}");
}
