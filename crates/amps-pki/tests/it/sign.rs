//! Signatures that we make: openssl and we ourselves accept them.

use std::error::Error as StdError;

use amps_pki::{
    CertificateSet, Password, Pkcs12Signer, SignError, SignatureForm, SignatureInput, Signer,
    SigningCertificates, Timestamp, TrustAnchors, sign, verify,
};

use crate::openssl::{OpenSsl, pki, pki_path};

/// 1 December 2026: all certificates of `fixtures/pki` but the expired one are valid.
pub(crate) const NOW: u64 = 1_796_083_200;

pub(crate) fn now() -> Timestamp {
    Timestamp::from_unix_seconds(NOW).unwrap()
}

pub(crate) fn anchors(files: &[&str]) -> TrustAnchors {
    let mut set = CertificateSet::new();
    for file in files {
        set.add(&pki(file)).unwrap();
    }
    TrustAnchors::new(set)
}

pub(crate) fn signer(file: &str, password: &str) -> Pkcs12Signer {
    Pkcs12Signer::open(&pki(file), &Password::from(password))
        .unwrap_or_else(|error| panic!("{file}: {error:?}"))
}

fn input() -> SignatureInput {
    SignatureInput::developer(&[0x5a; 32])
}

/// Both commands that verify such a message accept it for the content, and refuse it for another.
fn check_with_openssl(name: &str, message: &[u8], ca_file: &str) {
    let openssl = OpenSsl::new();
    openssl.write("signature.der", message);
    openssl.write("content", input().to_base64());
    openssl.write("other", SignatureInput::developer(&[0x5b; 32]).to_base64());
    let at = NOW.to_string();
    for command in ["cms", "smime"] {
        for (content, expected) in [("content", true), ("other", false)] {
            let words = [
                command,
                "-verify",
                "-binary",
                "-inform",
                "DER",
                "-in",
                "signature.der",
                "-content",
                content,
            ];
            let trust = ["-CAfile", ca_file, "-attime", &at, "-purpose", "any", "-out", "out"];
            let output = openssl.output(&[&words[..], &trust].concat());
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert_eq!(
                output.status.success(),
                expected,
                "{name}: openssl {command} with {content}: {stderr}"
            );
        }
    }
}

#[test]
fn openssl_accepts_signatures_with_every_kind_of_pkcs12_file() {
    for (file, password) in [
        ("dev1.p12", "password"),
        ("dev1-legacy.p12", "password"),
        ("dev2.p12", "password"),
        ("dev-ec.p12", "password"),
        ("dev-email.p12", "password"),
        ("store.p12", "password"),
        ("store-legacy.p12", "password"),
        ("store-nopassword.p12", ""),
        ("store-rsa4096.p12", "password"),
        ("store-utf8password.p12", "pässwörd"),
    ] {
        let message = sign(&input(), &signer(file, password), now()).unwrap();
        check_with_openssl(file, &message, pki_path("chain.crt").to_str().unwrap());
        let verified = verify(&message, &input(), &anchors(&["chain.crt"]), now()).unwrap();
        assert_eq!(verified.form(), SignatureForm::Base64, "{file}");
        assert_eq!(verified.signing_time(), Some(now()), "{file}");
        assert_eq!(verified.signer(), signer(file, password).certificates().own(), "{file}");
    }
}

/// A self-signed certificate with a new key, and its PKCS#12 file.
pub(crate) fn new_signer(openssl: &OpenSsl, algorithm: &str) -> Pkcs12Signer {
    openssl.run(&format!("genpkey -algorithm {algorithm} -out key"));
    openssl.run("req -x509 -key key -out own.crt -days 36500 -subj /CN=new");
    openssl.run("pkcs12 -export -inkey key -in own.crt -out own.p12 -passout pass:");
    Pkcs12Signer::open(&openssl.read("own.p12"), &Password::from("")).unwrap()
}

#[test]
fn every_kind_of_key_signs() {
    for (algorithm, is_known_to_openssl) in [
        ("RSA -pkeyopt rsa_keygen_bits:3072", true),
        ("EC -pkeyopt ec_paramgen_curve:P-256", true),
        ("EC -pkeyopt ec_paramgen_curve:P-384", true),
        ("EC -pkeyopt ec_paramgen_curve:P-521", true),
        // OpenSSL 3.0 has no Ed25519 in CMS.
        ("ED25519", false),
    ] {
        let openssl = OpenSsl::new();
        let signer = new_signer(&openssl, algorithm);
        let mut set = CertificateSet::new();
        set.add(&openssl.read("own.crt")).unwrap();
        let at = signer.certificates().own().not_before();
        let message = sign(&input(), &signer, at).unwrap();
        let verified = verify(&message, &input(), &TrustAnchors::new(set), at).unwrap();
        assert_eq!(verified.chain().len(), 1, "{algorithm}");
        if is_known_to_openssl {
            openssl.write("signature.der", &message);
            openssl.write("content", input().to_base64());
            openssl.run(
                "cms -verify -binary -inform DER -in signature.der -content content -CAfile own.crt -purpose any -out out",
            );
        }
    }
}

#[test]
fn the_other_certificates_of_the_file_are_included() {
    let message = sign(&input(), &signer("dev1.p12", "password"), now()).unwrap();
    let openssl = OpenSsl::new();
    openssl.write("signature.der", &message);
    let output =
        openssl.output(&["pkcs7", "-inform", "DER", "-in", "signature.der", "-print_certs", "-noout"]);
    let text = String::from_utf8(output.stdout).unwrap();
    for subject in ["CN = Developer 1", "CN = Example Developer CA"] {
        assert!(text.contains(subject), "{text}");
    }
    assert_eq!(text.matches("subject=").count(), 2, "{text}");
}

#[test]
fn the_year_2050_needs_another_form_of_time() {
    let at = Timestamp::from_unix_seconds(2_600_000_000).unwrap();
    let message = sign(&input(), &signer("dev1.p12", "password"), at).unwrap();
    let verified = verify(&message, &input(), &anchors(&["chain.crt"]), at).unwrap();
    assert_eq!(verified.signing_time(), Some(at));
}

/// A key that is somewhere else, and its certificates.
struct Elsewhere<F>(SigningCertificates, F);

impl<F: Fn(&[u8]) -> Result<Vec<u8>, Box<dyn StdError + Send + Sync>> + Send + Sync> Signer for Elsewhere<F> {
    fn certificates(&self) -> &SigningCertificates {
        &self.0
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Box<dyn StdError + Send + Sync>> {
        self.1(message)
    }
}

#[test]
fn any_key_can_stand_behind_the_trait() {
    let real = signer("dev-ec.p12", "password");
    let certificates = || SigningCertificates::new(real.certificates().own_der(), []).unwrap();
    let remote: Box<dyn Signer> =
        Box::new(Elsewhere(certificates(), |message: &[u8]| signer("dev-ec.p12", "password").sign(message)));
    let message = sign(&input(), &*remote, now()).unwrap();
    verify(&message, &input(), &anchors(&["devca.crt", "ca.crt"]), now()).unwrap();

    let wrong_key = Elsewhere(certificates(), |message: &[u8]| signer("dev1.p12", "password").sign(message));
    let error = sign(&input(), &wrong_key, now()).unwrap_err();
    assert!(matches!(error, SignError::Unverified { .. }), "{error:?}");

    let broken = Elsewhere(certificates(), |_: &[u8]| Err("the token was pulled out".into()));
    let error = sign(&input(), &broken, now()).unwrap_err();
    assert_eq!(error.source().unwrap().to_string(), "the token was pulled out");
}
