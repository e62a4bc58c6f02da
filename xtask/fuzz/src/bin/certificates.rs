//! Any bytes as a file of certificates and as one of revocation lists: read or refused, and harmless beside those that are
//! trusted.
//!
//! More certificates, whatever they say, do not break a chain that holds without them, unless they make the search for it
//! too long; a list that nobody trusted has signed takes nobody's place.
#![no_main]

use amps_pki::{
    CertificateSet, ChainError, RevocationLists, SignatureInput, Timestamp, TrustAnchors, VerifyError, verify,
};
use libfuzzer_sys::fuzz_target;

const CHAIN: &[u8] = include_bytes!("../../../../fixtures/pki/chain.crt");
const LISTS: [&[u8]; 2] =
    [include_bytes!("../../../../fixtures/pki/ca.crl"), include_bytes!("../../../../fixtures/pki/devca.crl")];
const SIGNATURE: &[u8] = include_bytes!("../../../../fixtures/pki/signatures/openssl-keyid.der");
/// What it is over: see `content.txt` beside it.
const DIGEST: [u8; 32] = [
    0x89, 0x8a, 0x11, 0xa0, 0x19, 0xcb, 0x40, 0x7d, 0x23, 0x84, 0x5b, 0x8c, 0x4a, 0xf0, 0x61, 0x45, 0x69,
    0x69, 0x4b, 0x97, 0x11, 0xe9, 0xb6, 0x12, 0xce, 0x68, 0xc9, 0x66, 0xaf, 0x04, 0xc8, 0x55,
];
/// 1 December 2026: all of them are valid.
const NOW: u64 = 1_796_083_200;

fuzz_target!(|bytes: &[u8]| {
    let now = Timestamp::from_unix_seconds(NOW).expect("a time");
    let verifies =
        |anchors: &TrustAnchors| verify(SIGNATURE, &SignatureInput::developer(&DIGEST), anchors, now);
    let mut set = CertificateSet::new();
    match set.add(bytes) {
        Ok(()) => {
            for certificate in set.certificates() {
                let names = format!("{}{}", certificate.subject(), certificate.issuer());
                assert!(!names.contains(char::is_control), "{names:?}");
            }
            set.add(CHAIN).expect("trusted certificates beside any others");
            match verifies(&TrustAnchors::new(set)) {
                Ok(_) | Err(VerifyError::Chain { source: ChainError::TooMuchWork { .. } }) => {}
                Err(error) => panic!("other certificates broke the chain: {error}"),
            }
        }
        Err(error) => check_message(&error.to_string()),
    }

    let mut lists = RevocationLists::new();
    match lists.add(bytes) {
        Ok(()) => {
            for list in LISTS {
                lists.add(list).expect("lists of the authorities beside any others");
            }
            let mut set = CertificateSet::new();
            set.add(CHAIN).expect("certificates");
            if let Err(error) = verifies(&TrustAnchors::new(set).with_revocation_lists(lists)) {
                panic!("other lists took the place of the authorities': {error}");
            }
        }
        Err(error) => check_message(&error.to_string()),
    }
});

fn check_message(message: &str) {
    assert!(!message.contains(char::is_control), "{message:?}");
}
