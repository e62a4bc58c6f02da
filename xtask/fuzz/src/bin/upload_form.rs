//! Any bytes as the form of an upload: the size of the pieces that it comes in, a line with its content type, the body.
#![no_main]

use amps_server::read_upload_parts;
use axum::body::Bytes;
use libfuzzer_sys::fuzz_target;

/// Less than what may stand between two parts, of which pieces count as they come.
const MOST_BODY_BYTES: usize = 16 * 1024;
const MOST_TEXT_BYTES: usize = 64;
/// Parts of a form that are taken at most.
const MOST_PARTS: usize = 32;

fuzz_target!(|input: &[u8]| {
    let Some((size, rest)) = input.split_first() else { return };
    let Some(end) = rest.iter().position(|byte| *byte == b'\n') else { return };
    let (content_type, body) = (&rest[..end], &rest[end + 1..]);
    if body.len() > MOST_BODY_BYTES {
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let read = |size: usize| {
        let pieces = body.chunks(size).map(Bytes::copy_from_slice).collect();
        runtime.block_on(read_upload_parts(content_type, pieces, MOST_TEXT_BYTES))
    };
    let whole = read(MOST_BODY_BYTES);
    let cut = read(usize::from(*size).max(1));
    let (Some(whole), Some(cut)) = (whole, cut) else { return };
    // One that has several faults may be refused for either.
    assert_eq!(whole.refusal.is_some(), cut.refusal.is_some(), "{whole:?}, {cut:?}");
    assert!(whole.refusal.is_some() || whole.parts == cut.parts, "{whole:?}, {cut:?}");
    assert!(whole.parts.len() <= MOST_PARTS);
    let bytes: usize = whole.parts.iter().map(|(_, bytes)| bytes.len()).sum();
    // Each byte that is no UTF-8 becomes three.
    assert!(bytes <= 3 * body.len(), "{bytes} bytes of {}", body.len());
    for (name, bytes) in &whole.parts {
        assert!(name == "package" || bytes.len() <= 3 * MOST_TEXT_BYTES, "{name:?}");
    }
});
