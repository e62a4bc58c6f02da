//! Members whose length does not fit into the 32 bits that a member's end has for it.

use std::{
    io::{Cursor, Read as _},
    iter::repeat_n,
};

use amps_splice::{Limits, Recipe};
use crc32fast::Hasher;
use flate2::{Compress, Compression, FlushCompress};

const PIECE_BYTES: u64 = 1 << 20;
const UNPACKED_BYTES: u64 = (4 << 30) + 3 * PIECE_BYTES;

/// More than 4 GiB of zeros in one member: a piece that refers to nothing before it, over and over.
fn file() -> Vec<u8> {
    let zeros = vec![0; usize::try_from(PIECE_BYTES).unwrap()];
    let mut piece = Vec::with_capacity(10_000);
    Compress::new(Compression::default(), false)
        .compress_vec(&zeros, &mut piece, FlushCompress::Full)
        .unwrap();
    let mut crc = Hasher::new();
    let mut of_piece = Hasher::new();
    of_piece.update(&zeros);
    let mut file = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    for piece in repeat_n(&piece, usize::try_from(UNPACKED_BYTES / PIECE_BYTES).unwrap()) {
        file.extend(piece);
        crc.combine(&of_piece);
    }
    file.extend([3, 0]);
    file.extend(crc.finalize().to_le_bytes());
    file.extend(u32::try_from(UNPACKED_BYTES % (1 << 32)).unwrap().to_le_bytes());
    file
}

#[test]
fn a_member_of_more_than_4_gib_is_cut_behind_them() {
    let file = file();
    let end = UNPACKED_BYTES - PIECE_BYTES / 2;
    let recipe = Recipe::find(Cursor::new(&file), end, &Limits::default()).unwrap();
    let (_, length) = recipe.glue.split_last_chunk::<4>().unwrap();
    assert_eq!(u64::from(u32::from_le_bytes(*length)) + (1 << 32), end - recipe.rem.len() as u64);

    let spliced = recipe.splice(b"new").unwrap();
    let packed = spliced.reader(Cursor::new(&file), 0..u64::MAX).unwrap();
    let mut unpacked = flate2::read::MultiGzDecoder::new(packed);
    let mut buffer = vec![0; 1 << 20];
    let (mut total, mut last) = (0, Vec::new());
    loop {
        let read = unpacked.read(&mut buffer).unwrap();
        if read == 0 {
            break;
        }
        total += read as u64;
        last = [last, buffer[read.saturating_sub(3)..read].to_vec()].concat();
        last.drain(..last.len().saturating_sub(3));
    }
    assert_eq!((total, last), (end + 3, b"new".to_vec()));
}
