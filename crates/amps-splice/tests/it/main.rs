//! Recipes for files of many makers and shapes, and the walker beside zlib-rs.

#![allow(clippy::unwrap_used)]

mod bit_writer;
mod blocks;
mod fixtures;
mod landmarks;
mod large;
mod members;
mod mutations;
mod properties;
mod random;
mod random_stream;
mod refused;
mod rules;

use std::io::{Cursor, Read as _};

use amps_splice::{Limits, Recipe, Spliced};
use crc32fast::hash;
use flate2::{Compression, Decompress, FlushDecompress, Status, read::MultiGzDecoder, write::DeflateEncoder};

/// A gzip member around a deflate stream, with the shortest header.
fn member(stream: &[u8], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap();
    let head = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    [&head, stream, &hash(data).to_le_bytes(), &length.to_le_bytes()].concat()
}

/// A deflate stream of one of zlib's levels.
fn deflate(data: &[u8], level: u32) -> Vec<u8> {
    use std::io::Write as _;
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::new(level));
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

/// What a whole gzip file unpacks to; it must have nothing behind its last member.
fn unpack(file: &[u8]) -> Vec<u8> {
    let mut data = Vec::new();
    MultiGzDecoder::new(file).read_to_end(&mut data).unwrap();
    data
}

/// The packed and unpacked length of a deflate stream, which may have something behind it; `None` if zlib-rs refuses it.
fn inflated(stream: &[u8]) -> Option<(u64, Vec<u8>)> {
    let mut inflate = Decompress::new(false);
    let mut data = Vec::new();
    loop {
        data.reserve(64 * 1024);
        let rest = &stream[usize::try_from(inflate.total_in()).unwrap()..];
        let before = (inflate.total_in(), inflate.total_out());
        match inflate.decompress_vec(rest, &mut data, FlushDecompress::None) {
            Ok(Status::StreamEnd) => return Some((inflate.total_in(), data)),
            Ok(_) if (inflate.total_in(), inflate.total_out()) != before => {}
            _ => return None,
        }
    }
}

fn find(file: &[u8], end: usize) -> Recipe {
    Recipe::find(Cursor::new(file), end as u64, &Limits::default()).unwrap()
}

fn whole(file: &[u8], spliced: &Spliced) -> Vec<u8> {
    let mut all = Vec::new();
    spliced.reader(Cursor::new(file), 0..spliced.total_bytes()).unwrap().read_to_end(&mut all).unwrap();
    assert_eq!(all.len() as u64, spliced.total_bytes());
    all
}

/// Cuts the file at an offset, and looks whether the result has the old data before it and the new end behind it.
#[track_caller]
fn check(file: &[u8], data: &[u8], end: usize) -> Recipe {
    const TAIL: &[u8] = b"a new end";
    let recipe = find(file, end);
    let glue = recipe.glue.len();
    assert!(glue == 0 || (9..=12).contains(&glue), "glue of {glue} bytes at {end}");
    assert!(recipe.rem.len() <= 0xfffe, "rem of {} bytes at {end}", recipe.rem.len());
    let unpacked = unpack(&whole(file, &recipe.splice(TAIL).unwrap()));
    assert!(unpacked == [&data[..end], TAIL].concat(), "cut at {end} of {}", data.len());
    recipe
}
