//! Any bytes as a PKCS#12 file: opened or refused, and what it opens to signs.
//!
//! A file has a check value (MAC) over its content, so nearly every change ends there. What libFuzzer changes is therefore
//! the content, which gets a new check value afterwards; one time in eight it is the outside.
#![no_main]

use amps_pki::{Password, Pkcs12Signer, SignatureInput, Timestamp, sign};
use aws_lc_rs::{digest, hmac};
use libfuzzer_sys::{Corpus, fuzz_mutator, fuzz_target, fuzzer_mutate};
use std::sync::LazyLock;

/// The password of the seeds.
const PASSWORD: &str = "password";
/// Rounds of key derivation that an input may ask for, for each key. The crate has a budget of some seconds for a file, which is
/// right for a person at a console and far too much here.
const MAX_ROUNDS: u64 = 1 << 15;

/// If the check value that the mutator makes were wrong, every input would end there, and nobody would notice.
static MUTATOR_IS_SOUND: LazyLock<()> = LazyLock::new(|| {
    let seed = include_bytes!("../../seeds/pkcs12/plain.p12");
    let again = file_of(content_of(seed).expect("a content"));
    assert!(again != seed);
    if let Err(error) = Pkcs12Signer::open(&again, &Password::from(PASSWORD)) {
        panic!("a seed with a new check value: {error}");
    }
});

fuzz_target!(|bytes: &[u8]| -> Corpus {
    LazyLock::force(&MUTATOR_IS_SOUND);
    if wants_many_rounds(bytes) {
        return Corpus::Reject;
    }
    match Pkcs12Signer::open(bytes, &Password::from(PASSWORD)) {
        Ok(signer) => {
            let now = Timestamp::from_unix_seconds(1_796_083_200).expect("a time");
            // `sign` verifies what it has made; certificates that nobody can use are refused there.
            if let Err(error) = sign(&SignatureInput::developer(&[0; 32]), &signer, now) {
                check_message(&error.to_string());
            }
        }
        Err(error) => check_message(&error.to_string()),
    }
    Corpus::Keep
});

fn check_message(message: &str) {
    assert!(!message.contains(char::is_control), "{message:?}");
}

/// Whether there is something that looks like an INTEGER of three or four bytes beyond the limit: in the rounds, or by chance.
fn wants_many_rounds(bytes: &[u8]) -> bool {
    bytes.windows(6).any(|window| match *window {
        [2, 3, a, b, c, _] => a < 0x80 && u64::from_be_bytes([0, 0, 0, 0, 0, a, b, c]) > MAX_ROUNDS,
        [2, 4, a, b, c, d] => a < 0x80 && u64::from_be_bytes([0, 0, 0, 0, a, b, c, d]) > MAX_ROUNDS,
        _ => false,
    })
}

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    if seed % 8 == 0 {
        return fuzzer_mutate(data, size, max_size);
    }
    change_content(data, size, max_size).unwrap_or_else(|| fuzzer_mutate(data, size, max_size))
});

/// The new size of `data`; nothing when it is not a PKCS#12 file, or does not fit any more.
fn change_content(data: &mut [u8], size: usize, max_size: usize) -> Option<usize> {
    let mut content = content_of(data.get(..size)?)?.to_vec();
    let before = content.len();
    content.resize(before + 1024, 0);
    let after = fuzzer_mutate(&mut content, before, before + 1024);
    let file = file_of(content.get(..after)?);
    if file.len() > max_size {
        return None;
    }
    data.get_mut(..file.len())?.copy_from_slice(&file);
    Some(file.len())
}

/// What stands in the OCTET STRING of a file (RFC 7292 section 4): the `AuthenticatedSafe`.
fn content_of(file: &[u8]) -> Option<&[u8]> {
    let (pfx, _) = element(file, 0x30)?;
    let (_version, rest) = element(pfx, 0x02)?;
    let (contents, _mac) = element(rest, 0x30)?;
    let (_kind, rest) = element(contents, 0x06)?;
    let (explicit, _) = element(rest, 0xa0)?;
    Some(element(explicit, 0x04)?.0)
}

/// The value of the first element, and what stands behind it. Only lengths that the seeds have.
fn element(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (length, head) = match *bytes {
        [found, short @ ..=0x7f, ..] if found == tag => (usize::from(short), 2),
        [found, 0x81, a, ..] if found == tag => (usize::from(a), 3),
        [found, 0x82, a, b, ..] if found == tag => (usize::from(u16::from_be_bytes([a, b])), 4),
        _ => return None,
    };
    bytes.get(head..)?.split_at_checked(length)
}

/// A file with this content and a check value that is right for the password (RFC 7292 section 4, appendix B).
fn file_of(content: &[u8]) -> Vec<u8> {
    const DATA: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01";
    const SHA256: &[u8] = b"\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00";
    const SALT: &[u8] = b"fuzzfuzz";
    let octets = der(0x04, &[content]);
    let contents = der(0x30, &[DATA, &der(0xa0, &[&octets])]);
    let key = hmac::Key::new(hmac::HMAC_SHA256, mac_key(SALT).as_ref());
    let check = hmac::sign(&key, content);
    let check = der(0x30, &[SHA256, &der(0x04, &[check.as_ref()])]);
    let mac = der(0x30, &[&check, &der(0x04, &[SALT])]);
    der(0x30, &[b"\x02\x01\x03", &contents, &mac])
}

/// The key of the check value, for one round, which is what stands there if nothing does.
fn mac_key(salt: &[u8]) -> digest::Digest {
    const BLOCK_BYTES: usize = 64;
    const FOR_MAC: u8 = 3;
    let password: Vec<u8> = PASSWORD.encode_utf16().chain([0]).flat_map(u16::to_be_bytes).collect();
    let filled = |bytes: &[u8]| bytes.iter().copied().cycle().take(BLOCK_BYTES).collect::<Vec<_>>();
    let input = [vec![FOR_MAC; BLOCK_BYTES], filled(salt), filled(&password)].concat();
    digest::digest(&digest::SHA256, &input)
}

fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let value = parts.concat();
    let mut bytes = match u16::try_from(value.len()) {
        Ok(length @ ..=0x7f) => vec![tag, length as u8],
        Ok(length) => [vec![tag, 0x82], length.to_be_bytes().to_vec()].concat(),
        // Too long for an input: the caller sees that it does not fit.
        Err(_) => vec![tag],
    };
    bytes.extend(value);
    bytes
}
