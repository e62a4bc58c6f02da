//! Any bytes as a file: the answer is the same however they are cut. The same bytes as an ABI: a token is a fixed
//! point.
#![no_main]

use amps_arch::{Architectures, Binary, Detector, normalise_abi};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let whole = detect([bytes]);
    let mut architectures = Architectures::new();
    architectures.add(whole.clone());
    let _ = architectures.finish();

    // The last byte says how the file is cut, so that libFuzzer chooses that, too; the first ones are the magic.
    let size = usize::from(bytes.last().copied().unwrap_or(0)) + 1;
    assert_eq!(detect(bytes.chunks(size)), whole, "cut into pieces of {size}");

    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(token) = normalise_abi(text)
    {
        assert_eq!(normalise_abi(token.as_str()), Ok(token.clone()), "a token is turned into itself");
    }
});

fn detect<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Option<Binary> {
    let mut detector = Detector::new();
    pieces.into_iter().for_each(|piece| detector.update(piece));
    detector.finish()
}
