//! Any bytes as a gzip file, and as a deflate stream: the walker says what zlib-rs says, and what can be cut is cut well.
#![no_main]

use amps_splice::deflate::{Walk, walk};
use amps_splice::{Error, Limits, Recipe};
use flate2::read::MultiGzDecoder;
use flate2::{Decompress, FlushDecompress, Status};
use libfuzzer_sys::fuzz_target;
use std::io::{Cursor, Read};

/// The header that most gzip files have. Seeds are gzip files; the stream begins behind it.
const HEADER_BYTES: usize = 10;
/// A bomb tests nothing but patience.
const UNPACKED_BYTES: usize = 1 << 20;

fuzz_target!(|bytes: &[u8]| {
    // A byte of the time in the header, which means nothing, says where the cut is: libFuzzer chooses that, too.
    let place = bytes.get(4).copied().unwrap_or(0);
    let end_of = |length: usize| length * usize::from(place) / 255;

    let limits = Limits { unpacked_bytes: UNPACKED_BYTES as u64, ..Limits::default() };
    if let Err(error) = Recipe::find(Cursor::new(bytes), end_of(bytes.len()) as u64, &limits) {
        let message = error.to_string();
        assert!(!message.contains(char::is_control), "{message:?}");
        assert!(
            !matches!(error, Error::Changed | Error::Deflate { .. }),
            "zlib-rs accepts what the walker refuses: {error}"
        );
    }

    let stream = bytes.get(HEADER_BYTES..).unwrap_or_default();
    let Ok(inflated) = inflate(stream) else { return };
    match (walk(stream, u64::MAX, u64::MAX), inflated) {
        (Ok(Walk::End { packed_bytes, unpacked_bytes }), Some((packed, data))) => {
            assert_eq!((packed_bytes, unpacked_bytes), (packed as u64, data.len() as u64));
            check_cut(&stream[..packed], &data, end_of(data.len()));
        }
        (Err(_), None) => {}
        (walked, inflated) => panic!("{walked:?}, but zlib-rs says {inflated:?}"),
    }
});

/// The stream in a gzip member, cut there, with a new end.
fn check_cut(stream: &[u8], data: &[u8], end: usize) {
    let mut file = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    file.extend(stream);
    file.extend(crc32fast::hash(data).to_le_bytes());
    file.extend((data.len() as u32).to_le_bytes());
    let recipe = Recipe::find(Cursor::new(&file), end as u64, &Limits::default()).expect("a sound file");
    let spliced = recipe.splice(b"end").expect("an end");
    let mut unpacked = Vec::new();
    let reader = spliced.reader(Cursor::new(&file), 0..u64::MAX).expect("a reader");
    MultiGzDecoder::new(reader).read_to_end(&mut unpacked).expect("a sound result");
    assert!(unpacked == [&data[..end], b"end"].concat(), "cut at {end} of {}", data.len());
}

/// How long the stream is and what it unpacks to; `None` if it is refused, an error if it is too long.
fn inflate(stream: &[u8]) -> Result<Option<(usize, Vec<u8>)>, ()> {
    let mut inflate = Decompress::new(false);
    let mut data = Vec::new();
    loop {
        data.reserve(1 << 16);
        let (packed, unpacked) = (inflate.total_in(), inflate.total_out());
        if data.len() > UNPACKED_BYTES {
            return Err(());
        }
        match inflate.decompress_vec(&stream[packed as usize..], &mut data, FlushDecompress::None) {
            Ok(Status::StreamEnd) => return Ok(Some((inflate.total_in() as usize, data))),
            Ok(_) if (inflate.total_in(), inflate.total_out()) != (packed, unpacked) => {}
            _ => return Ok(None),
        }
    }
}
