//! Any bytes as a CMS message: read or refused, and verified only if it is a message that somebody trusted has signed.
#![no_main]

use amps_pki::{CertificateSet, RevocationLists, Signature, SignatureInput, Timestamp, TrustAnchors, verify};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

/// What `dev1.der` and the others of `fixtures/pki/signatures` are over: see `content.txt` there.
const DIGEST: [u8; 32] = [
    0x89, 0x8a, 0x11, 0xa0, 0x19, 0xcb, 0x40, 0x7d, 0x23, 0x84, 0x5b, 0x8c, 0x4a, 0xf0, 0x61, 0x45, 0x69,
    0x69, 0x4b, 0x97, 0x11, 0xe9, 0xb6, 0x12, 0xce, 0x68, 0xc9, 0x66, 0xaf, 0x04, 0xc8, 0x55,
];

/// 1 December 2026: all certificates of the fixtures but the expired one are valid.
const NOW: u64 = 1_796_083_200;

static ANCHORS: LazyLock<TrustAnchors> = LazyLock::new(|| {
    let mut set = CertificateSet::new();
    set.add(include_bytes!("../../../../fixtures/pki/chain.crt")).expect("certificates");
    let mut lists = RevocationLists::new();
    for list in [
        include_bytes!("../../../../fixtures/pki/ca.crl").as_slice(),
        include_bytes!("../../../../fixtures/pki/devca.crl"),
    ] {
        lists.add(list).expect("a list");
    }
    TrustAnchors::new(set).with_revocation_lists(lists)
});

fuzz_target!(|bytes: &[u8]| {
    let lenient = Signature::from_ber(bytes);
    match (Signature::from_der(bytes), &lenient) {
        (Ok(strict), Ok(lenient)) => assert_eq!(&strict, lenient),
        (Ok(_), Err(error)) => panic!("what is DER is BER, too: {error}"),
        (Err(error), _) => check_message(&error.to_string()),
    }
    for signer in lenient.iter().flat_map(Signature::signers) {
        let subject = signer.certificate().map_or("", |certificate| certificate.subject());
        assert!(!subject.contains(char::is_control), "{subject:?}");
    }
    let now = Timestamp::from_unix_seconds(NOW).expect("a time");
    match verify(bytes, &SignatureInput::developer(&DIGEST), &ANCHORS, now) {
        Ok(verified) => {
            let claimed = lenient.expect("what is verified can be read");
            let [signer] = claimed.signers() else { panic!("{} signers", claimed.signers().len()) };
            assert_eq!(signer.certificate(), Some(verified.signer()));
            assert!(
                verified.chain().last().is_some_and(|root| ANCHORS.certificates().any(|known| known == root))
            );
        }
        Err(error) => check_message(&error.to_string()),
    }
    let other = [0; 32];
    assert!(verify(bytes, &SignatureInput::developer(&other), &ANCHORS, now).is_err());
});

fn check_message(message: &str) {
    assert!(!message.contains(char::is_control), "{message:?}");
}
