//! Damaged copies of real signatures: whatever is done to them, reading ends with an answer.

use amps_pki::Signature;
use proptest::prelude::*;

use crate::fixture;

const FILES: [&str; 6] = [
    "dev1.der",
    "dev-ec.der",
    "gpgsm-indefinite.ber",
    "openssl-keyid.der",
    "openssl-odd-name.der",
    "openssl-two-signers.der",
];

/// Reads both ways; what is read must hold what the documentation promises.
fn read(bytes: &[u8]) {
    let strict = Signature::from_der(bytes);
    let lenient = Signature::from_ber(bytes);
    if let Ok(strict) = &strict {
        assert_eq!(Ok(strict), lenient.as_ref(), "whatever is DER reads the same as BER");
    }
    for signature in [strict, lenient].into_iter().flatten() {
        assert!(!signature.signers().is_empty());
        for signer in signature.signers() {
            let certificate = signer.certificate();
            assert!(certificate.is_none_or(|one| !one.subject().contains(char::is_control)));
        }
    }
}

#[test]
fn every_truncation_is_refused() {
    for file in FILES {
        let bytes = fixture(file);
        for end in 0..bytes.len() {
            assert!(Signature::from_ber(&bytes[..end]).is_err(), "{file} up to {end}");
            assert!(Signature::from_der(&bytes[..end]).is_err(), "{file} up to {end}");
        }
    }
}

#[test]
fn every_single_byte_may_be_wrong() {
    for file in FILES {
        let bytes = fixture(file);
        for at in 0..bytes.len() {
            for mask in [0x01, 0xa0] {
                let mut damaged = bytes.clone();
                damaged[at] ^= mask;
                read(&damaged);
            }
        }
    }
}

#[test]
fn deep_nesting_ends() {
    for (open, rest) in
        [(&b"\x30\x80"[..], &b""[..]), (b"\xa0\x80", b""), (b"\x30\x80\x06\x01\x2a\xa0\x80", b"\0\0")]
    {
        let mut bytes = open.repeat(9_000);
        bytes.extend(rest.repeat(100));
        assert!(Signature::from_ber(&bytes).is_err());
    }
}

proptest! {
    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        read(&bytes);
    }

    #[test]
    fn mutations_are_answered(
        file in prop::sample::select(&FILES[..]),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut bytes = fixture(file);
        for (index, value) in edits {
            let at = index.index(bytes.len());
            bytes[at] = value;
        }
        read(&bytes);
    }

    #[test]
    fn pieces_moved_about_are_answered(
        file in prop::sample::select(&FILES[..]),
        from in any::<prop::sample::Index>(),
        to in any::<prop::sample::Index>(),
        size in 1_usize..400,
    ) {
        let mut bytes = fixture(file);
        let from = from.index(bytes.len());
        let end = bytes.len().min(from + size);
        let piece: Vec<u8> = bytes.drain(from..end).collect();
        let to = to.index(bytes.len());
        bytes.splice(to..to, piece);
        read(&bytes);
    }
}
