//! A signature with any byte changed is refused, or provably says the same.

use amps_pki::{Password, Pkcs12Signer, Signature, SignatureInput, TrustAnchors, VerifyError, sign, verify};

use crate::fixture;
use crate::openssl::pki;
use crate::sign::{anchors, now, signer};

fn input() -> SignatureInput {
    SignatureInput::developer(&[0x42; 32])
}

/// Changes each byte in several ways; gives the places where a change was accepted.
fn accepted(signature: &[u8], input: &SignatureInput, anchors: &TrustAnchors) -> Vec<usize> {
    let unchanged = verify(signature, input, anchors, now()).unwrap();
    let mut places = Vec::new();
    for at in 0..signature.len() {
        let values = (0..8).map(|bit| signature[at] ^ (1 << bit)).chain([0x00, 0xff]);
        let mut is_accepted = false;
        for value in values.filter(|value| *value != signature[at]) {
            let mut changed = signature.to_vec();
            changed[at] = value;
            if let Ok(verified) = verify(&changed, input, anchors, now()) {
                // Who signed, what and when, is as before.
                assert_eq!(verified, unchanged, "byte {at} as {value:#x}");
                is_accepted = true;
            }
        }
        if is_accepted {
            places.push(at);
        }
    }
    places
}

/// Where the certificate of a subject stands in a message, as a range of bytes.
fn certificate(signature: &[u8], file: &str) -> std::ops::Range<usize> {
    let pem = pki(file);
    let text = String::from_utf8(pem).unwrap();
    let base64: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
    let der = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, base64).unwrap();
    let start = signature.windows(der.len()).position(|window| window == der).unwrap();
    start..start + der.len()
}

#[test]
fn every_byte_of_our_signatures_counts() {
    // `store.p12` has no certificate but the signer's.
    let store = sign(&input(), &signer("store.p12", "password"), now()).unwrap();
    let trust = anchors(&["ca.crt"]);
    let places = accepted(&store, &input(), &trust);
    assert!(places.is_empty(), "{places:?}");

    // The certificate of the CA, which is sent along, is never used.
    let developer = sign(&input(), &signer("dev-ec.p12", "password"), now()).unwrap();
    let trust = anchors(&["chain.crt"]);
    let unused = certificate(&developer, "devca.crt");
    let places = accepted(&developer, &input(), &trust);
    let places: Vec<usize> = places.into_iter().filter(|at| !unused.contains(at)).collect();
    assert!(places.is_empty(), "{places:?}");
}

#[test]
fn bytes_of_other_writers_count_as_well() {
    let content = std::str::from_utf8(&fixture("content.txt")).unwrap().to_owned();
    let digest = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, content).unwrap();
    let input = SignatureInput::developer(digest.as_slice().try_into().unwrap());
    let trust = anchors(&["chain.crt"]);
    let signature = fixture("gpgsm-indefinite.ber");
    let places = accepted(&signature, &input, &trust);
    assert!(places.is_empty(), "{places:?}");
}

#[test]
fn a_certificate_of_the_same_name_takes_no_signature_over() {
    let signature = sign(&input(), &signer("dev1.p12", "password"), now()).unwrap();
    let range = certificate(&signature, "devca.crt");
    let mut changed = signature.clone();
    changed.drain(range);
    // The lengths do not fit any more.
    assert!(Signature::from_ber(&changed).is_err());
    assert!(matches!(
        verify(&changed, &input(), &anchors(&["chain.crt"]), now()),
        Err(VerifyError::Message(_))
    ));
}

#[test]
fn every_byte_of_a_pkcs12_file_counts() {
    let openssl = crate::openssl::OpenSsl::new();
    crate::sign::new_signer(&openssl, "EC -pkeyopt ec_paramgen_curve:P-256");
    openssl.run("pkcs12 -export -inkey key -in own.crt -out file.p12 -passout pass:x -iter 1 -nomaciter");
    let file = openssl.read("file.p12");
    let password = Password::from("x");
    assert!(Pkcs12Signer::open(&file, &password).is_ok());
    for at in 0..file.len() {
        for bit in 0..8 {
            let mut changed = file.clone();
            changed[at] ^= 1 << bit;
            assert!(Pkcs12Signer::open(&changed, &password).is_err(), "bit {bit} of byte {at}");
        }
    }
    for end in 0..file.len() {
        assert!(Pkcs12Signer::open(&file[..end], &password).is_err(), "up to {end}");
    }
}
