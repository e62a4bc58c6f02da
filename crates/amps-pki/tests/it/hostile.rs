//! Damaged copies of real signatures: whatever is done to them, reading ends with an answer.

use amps_pki::{
    CertificateSet, Password, Pkcs12Signer, RevocationLists, Signature, SignatureInput, TrustAnchors, verify,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;

use crate::fixture;
use crate::openssl::pki;
use crate::sign::{anchors, now};

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

/// Changes some bytes.
fn edited(mut bytes: Vec<u8>, edits: &[(prop::sample::Index, u8)]) -> Vec<u8> {
    for (index, value) in edits {
        let at = index.index(bytes.len());
        bytes[at] = *value;
    }
    bytes
}

fn edits() -> impl Strategy<Value = Vec<(prop::sample::Index, u8)>> {
    prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)
}

/// The DER in a file of PEM.
fn der(file: &str) -> Vec<u8> {
    let text = String::from_utf8(pki(file)).unwrap();
    let base64: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
    STANDARD.decode(base64).unwrap()
}

#[test]
fn every_changed_byte_of_a_certificate_breaks_its_chain() {
    let anchors = anchors(&["chain.crt"]);
    let certificate = der("dev-ec.crt");
    assert!(anchors.verify_chain(&certificate, now()).is_ok());
    for at in 0..certificate.len() {
        for bit in 0..8 {
            let mut changed = certificate.clone();
            changed[at] ^= 1 << bit;
            assert!(anchors.verify_chain(&changed, now()).is_err(), "bit {bit} of byte {at}");
        }
    }
    for end in 0..certificate.len() {
        assert!(anchors.verify_chain(&certificate[..end], now()).is_err(), "up to {end}");
    }
}

#[test]
fn every_changed_byte_of_a_revocation_list_takes_its_word_away() {
    let list = der("devca.crl");
    let certificate = der("dev-ec.crt");
    let mut root = RevocationLists::new();
    root.add(&pki("ca.crl")).unwrap();
    let verdict = |list: &[u8]| {
        let mut lists = root.clone();
        lists.add(list).ok()?;
        anchors(&["chain.crt"]).with_revocation_lists(lists).verify_chain(&certificate, now()).ok()
    };
    assert!(verdict(&list).is_some());
    for at in 0..list.len() {
        for bit in [0, 3, 5, 7] {
            let mut changed = list.clone();
            changed[at] ^= 1 << bit;
            assert!(verdict(&changed).is_none(), "bit {bit} of byte {at}");
        }
    }
}

proptest! {
    #[test]
    fn changed_signatures_are_verified_or_refused(
        file in prop::sample::select(&FILES[..]),
        edits in edits(),
    ) {
        // Made over something else: no change makes it fit.
        let input = SignatureInput::developer(&[0; 32]);
        let bytes = edited(fixture(file), &edits);
        prop_assert!(verify(&bytes, &input, &anchors(&["chain.crt"]), now()).is_err());
    }

    #[test]
    fn changed_certificates_are_answered(
        file in prop::sample::select(&["ca.crt", "devca.crt", "dev1.crt", "dev-tls.crt", "dev-expired.crt"][..]),
        edits in edits(),
    ) {
        let bytes = edited(der(file), &edits);
        let mut set = CertificateSet::new();
        if set.add(&bytes).is_ok() {
            let anchors = TrustAnchors::new(set);
            let _ = anchors.verify_chain(&der("dev1.crt"), now());
            let _ = anchors.verify_chain(&bytes, now());
        }
    }

    #[test]
    fn changed_files_are_answered(
        file in prop::sample::select(&["chain.crt", "ca.crl", "devca.crl"][..]),
        edits in edits(),
    ) {
        let bytes = edited(pki(file), &edits);
        let mut set = CertificateSet::new();
        if set.add(&bytes).is_err() {
            prop_assert_eq!(set.certificates().count(), 0);
        }
        let mut lists = RevocationLists::new();
        if lists.add(&bytes).is_ok() {
            let _ = anchors(&["chain.crt"]).with_revocation_lists(lists);
        }
    }

    #[test]
    fn any_bytes_are_no_file(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(CertificateSet::new().add(&bytes).is_err());
        prop_assert!(RevocationLists::new().add(&bytes).is_err());
        prop_assert!(Pkcs12Signer::open(&bytes, &Password::from("")).is_err());
    }

    #[test]
    fn changed_pkcs12_files_are_refused(
        file in prop::sample::select(&["dev1.p12", "dev1-legacy.p12", "store-nokey.p12"][..]),
        edits in edits(),
    ) {
        let original = pki(file);
        let bytes = edited(original.clone(), &edits);
        prop_assume!(bytes != original);
        prop_assert!(Pkcs12Signer::open(&bytes, &Password::from("password")).is_err());
    }
}
