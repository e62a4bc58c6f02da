//! Files with CA certificates and revocation lists.

use amps_pki::{
    CertificateSet, FileError, MAX_CA_CERTIFICATES, MAX_CERTIFICATE_FILE_BYTES, MAX_REVOCATION_FILE_BYTES,
    MAX_REVOCATION_LISTS, RevocationLists,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::openssl::{OpenSsl, pki};

#[test]
fn one_file_or_several_pem_or_der_are_the_same_set() {
    let openssl = OpenSsl::new();
    openssl.write("devca.crt", pki("devca.crt"));
    openssl.run("x509 -in devca.crt -outform DER -out devca.der");
    openssl.run("x509 -in devca.crt -text -out devca.txt");
    for files in [
        vec![pki("chain.crt")],
        vec![pki("devca.crt"), pki("ca.crt")],
        vec![openssl.read("devca.der"), pki("ca.crt")],
        vec![openssl.read("devca.txt"), pki("chain.crt")],
    ] {
        let mut set = CertificateSet::new();
        for file in &files {
            set.add(file).unwrap();
        }
        let names: Vec<_> =
            set.certificates().map(|certificate| certificate.common_name().unwrap()).collect();
        assert_eq!(names, ["Example Developer CA", "Example Store CA"]);
    }
}

#[test]
fn what_does_not_belong_there_is_named() {
    let label = |found: &str, expected| FileError::Label { line: 1, found: found.into(), expected };
    assert_eq!(CertificateSet::new().add(&pki("ca.crl")), Err(label("X509 CRL", "CERTIFICATE")));
    assert_eq!(RevocationLists::new().add(&pki("ca.crt")), Err(label("CERTIFICATE", "X509 CRL")));
    assert_eq!(CertificateSet::new().add(b""), Err(FileError::Empty { expected: "CERTIFICATE" }));
    let p12 = CertificateSet::new().add(&pki("store.p12"));
    assert!(matches!(p12, Err(FileError::Malformed { label: "CERTIFICATE", index: 0, .. })), "{p12:?}");
}

/// Different certificates in PEM: the same one, with other signatures.
fn certificates(count: usize) -> Vec<u8> {
    let text = String::from_utf8(pki("ca.crt")).unwrap();
    let base64: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
    let mut der = STANDARD.decode(base64).unwrap();
    let mut pem = String::new();
    for number in 0..u16::try_from(count).unwrap() {
        der.last_chunk_mut().map(|end| *end = number.to_be_bytes()).unwrap();
        let base64 = STANDARD.encode(&der);
        pem.push_str(&["-----BEGIN CERTIFICATE-----\n", &base64, "\n-----END CERTIFICATE-----\n"].concat());
    }
    pem.into_bytes()
}

#[test]
fn the_number_of_certificates_is_limited_inclusively() {
    let mut set = CertificateSet::new();
    set.add(&certificates(MAX_CA_CERTIFICATES)).unwrap();
    assert_eq!(set.certificates().count(), MAX_CA_CERTIFICATES);
    // Those that are there already are no more.
    set.add(&certificates(3)).unwrap();
    let error = FileError::TooMany { label: "CERTIFICATE", limit: MAX_CA_CERTIFICATES };
    assert_eq!(set.add(&pki("devca.crt")), Err(error.clone()));
    assert_eq!(CertificateSet::new().add(&certificates(MAX_CA_CERTIFICATES + 1)), Err(error));
    assert_eq!(set.certificates().count(), MAX_CA_CERTIFICATES);
}

#[test]
fn the_number_of_revocation_lists_is_limited_inclusively() {
    let mut lists = RevocationLists::new();
    lists.add(&pki("ca.crl").repeat(MAX_REVOCATION_LISTS)).unwrap();
    let error = FileError::TooMany { label: "X509 CRL", limit: MAX_REVOCATION_LISTS };
    assert_eq!(lists.add(&pki("ca.crl")), Err(error));
}

#[test]
fn the_size_of_files_is_limited_inclusively() {
    let mut file = pki("ca.crt");
    file.resize(MAX_CERTIFICATE_FILE_BYTES, b'\n');
    assert_eq!(CertificateSet::new().add(&file), Ok(()));
    file.push(b'\n');
    assert!(matches!(CertificateSet::new().add(&file), Err(FileError::TooLarge { .. })));
    let mut file = pki("ca.crl");
    file.resize(MAX_REVOCATION_FILE_BYTES, b'\n');
    assert_eq!(RevocationLists::new().add(&file), Ok(()));
    file.push(b'\n');
    assert!(matches!(RevocationLists::new().add(&file), Err(FileError::TooLarge { .. })));
}
