//! Signatures that others made.

use amps_pki::{
    AlgorithmError, ChainError, HardwareId, RevocationLists, SignatureForm, SignatureInput, SignerKeyUsage,
    TrustAnchors, VerifyError, verify,
};
use serde_json::Value;

use crate::fixture;
use crate::openssl::{OpenSsl, pki};
use crate::sign::{anchors, now};

/// A package in `fixtures/packages`, if its structure is in order.
fn package(name: &str) -> Option<ampkg::Package> {
    let path = format!("{}/../../fixtures/packages/{name}", env!("CARGO_MANIFEST_DIR"));
    let bytes = std::fs::read(path).unwrap();
    let package = ampkg::read(bytes.as_slice(), &ampkg::Limits::default(), &mut ()).ok()?;
    Some(package.verify().ok()?.into_inner())
}

fn developer_verdict(package: &ampkg::Package, anchors: &TrustAnchors) -> Result<SignatureForm, VerifyError> {
    let signature = package.footer.developer_signature.as_deref().unwrap_or_default();
    let input = SignatureInput::developer(&package.footer.digest.0);
    verify(signature, &input, anchors, now()).map(|verified| verified.form())
}

#[test]
fn every_package_gets_its_verdict() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/packages/expected.json");
    let expected: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let anchors = anchors(&["devca.crt", "ca.crt"]);
    let mut checked = 0;
    for (name, expected) in expected.as_object().unwrap() {
        let Some(expected) = expected["with_developer_verification"].as_str() else {
            continue;
        };
        let package = package(name).unwrap_or_else(|| panic!("{name} is not in order"));
        let found = developer_verdict(&package, &anchors);
        assert_eq!(found.is_ok(), expected == "accept", "{name}: {found:?}");
        assert_ne!(found, Ok(SignatureForm::Raw), "{name}");
        checked += 1;
    }
    assert_eq!(checked, 45);
}

#[test]
fn the_reason_is_named() {
    let anchors = anchors(&["devca.crt", "ca.crt"]);
    let reason = |name: &str| match developer_verdict(&package(name).unwrap(), &anchors) {
        Err(VerifyError::Chain { source }) => source,
        other => panic!("{name}: {other:?}"),
    };
    assert!(matches!(reason("qt6/hello-dev-expired.ampkg"), ChainError::Expired { .. }));
    assert!(matches!(reason("qt6/hello-dev-tls.ampkg"), ChainError::ExtendedKeyUsage { .. }));
    assert!(matches!(reason("qt6/hello-dev-nosign.ampkg"), ChainError::SignerKeyUsage { .. }));
    assert!(matches!(reason("qt6/hello-other.ampkg"), ChainError::UnknownIssuer { .. }));
    assert_eq!(
        reason("qt6/hello-dev-expired.ampkg").to_string(),
        "the certificate of `C=DE,O=Example Expired,CN=Developer Expired` was valid until 2020-01-02T00:00:00Z, \
         and it is 2026-12-01T00:00:00Z"
    );
    let tampered = developer_verdict(&package("bad/tampered-file-fixed-digest.ampkg").unwrap(), &anchors);
    assert!(matches!(tampered, Err(VerifyError::ContentDigest { .. })), "{tampered:?}");
}

#[test]
fn any_key_usage_is_what_the_reference_accepts() {
    let anchors = anchors(&["chain.crt"]).with_signer_key_usage(SignerKeyUsage::Any);
    for name in ["qt6/hello-dev-tls.ampkg", "qt6/hello-dev-nosign.ampkg"] {
        assert_eq!(developer_verdict(&package(name).unwrap(), &anchors), Ok(SignatureForm::Base64), "{name}");
    }
}

#[test]
fn a_revoked_developer_is_refused_once_there_are_revocation_lists() {
    let mut lists = RevocationLists::new();
    assert!(lists.is_empty());
    lists.add(&pki("ca.crl")).unwrap();
    let only_root = anchors(&["chain.crt"]).with_revocation_lists(lists.clone());
    lists.add(&pki("devca.crl")).unwrap();
    let both = anchors(&["chain.crt"]).with_revocation_lists(lists);
    let verdict = |name: &str, anchors| developer_verdict(&package(name).unwrap(), anchors);
    assert_eq!(verdict("qt6/hello-dev1.ampkg", &both), Ok(SignatureForm::Base64));
    let Err(VerifyError::Chain { source }) = verdict("qt6/hello-dev2.ampkg", &both) else {
        panic!("not revoked");
    };
    assert!(matches!(&source, ChainError::Revoked { .. }), "{source:?}");
    assert_eq!(
        source.to_string(),
        "the certificate of `emailAddress=dev2@example.org,CN=Developer 2,O=Example Developer 2,C=DE` \
         (serial 5D4B025C166451E9F60BF9D7F9214756D97EBCD0) is revoked since 2026-11-21T00:10:36Z"
    );
    let Err(VerifyError::Chain { source: ChainError::NoRevocationList { .. } }) =
        verdict("qt6/hello-dev1.ampkg", &only_root)
    else {
        panic!("not covered");
    };
}

#[test]
fn a_store_signature_holds_for_its_device_only() {
    for (name, hardware_id) in [
        ("qt6/hello-dev1-store-hw.ampkg", "device-0815"),
        ("qt5/hello5-dev1-store-hw.ampkg", "device-0815"),
        ("qt6/hello-store-rsa4096-hw.ampkg", "Gerät 7"),
    ] {
        let package = package(name).unwrap();
        let digest = &package.footer.digest.0;
        let signature = package.footer.store_signature.as_deref().unwrap();
        let verdict = |hardware_id: &str| {
            let hardware_id = HardwareId::new(hardware_id.to_owned()).ok();
            let input = SignatureInput::store(digest, hardware_id.as_ref());
            verify(signature, &input, &anchors(&["ca.crt"]), now())
        };
        assert_eq!(verdict(hardware_id).unwrap().form(), SignatureForm::Base64, "{name}");
        for other in ["", "device-0816", "device-081", "device-0815 ", "Gera\u{308}t 7", "gerät 7"] {
            let found = verdict(other);
            assert!(matches!(found, Err(VerifyError::ContentDigest { .. })), "{name} {other:?}: {found:?}");
        }
    }
    let package = package("qt6/hello-store.ampkg").unwrap();
    let input = SignatureInput::store(&package.footer.digest.0, None);
    let signature = package.footer.store_signature.as_deref().unwrap();
    verify(signature, &input, &anchors(&["ca.crt"]), now()).unwrap();
}

/// Signs with dev1 through openssl.
fn made_with(options: &str, content: &[u8]) -> Vec<u8> {
    let openssl = OpenSsl::new();
    for file in ["dev1.crt", "dev1.p12", "dev-ec.crt", "dev-ec.p12", "devca.crt"] {
        openssl.write(file, pki(file));
    }
    for name in ["dev1", "dev-ec"] {
        openssl.run(&format!("pkcs12 -in {name}.p12 -passin pass:password -nodes -nocerts -out {name}.key"));
    }
    openssl.write("content", content);
    openssl.run(&format!(
        "cms -sign -binary -in content -outform DER -out signature.der -certfile devca.crt {options}"
    ));
    openssl.read("signature.der")
}

const RSA: &str = "-signer dev1.crt -inkey dev1.key";
const EC: &str = "-signer dev-ec.crt -inkey dev-ec.key";

#[test]
fn every_algorithm_and_both_forms_are_accepted() {
    let input = SignatureInput::developer(&[0xa5; 32]);
    let anchors = anchors(&["chain.crt"]);
    let pss = "-keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:-1";
    for options in [
        format!("{RSA} -md sha256"),
        format!("{RSA} -md sha384"),
        format!("{RSA} -md sha512"),
        format!("{RSA} -md sha256 {pss}"),
        format!("{RSA} -md sha384 {pss}"),
        format!("{RSA} -md sha512 {pss}"),
        format!("{RSA} -keyid"),
        format!("{EC} -md sha256"),
        format!("{EC} -md sha384"),
        format!("{EC} -md sha512 -keyid"),
    ] {
        for attributes in ["", "-noattr"] {
            let options = format!("{options} {attributes}");
            for form in [SignatureForm::Base64, SignatureForm::Raw] {
                let content = match form {
                    SignatureForm::Base64 => input.to_base64().into_bytes(),
                    SignatureForm::Raw => input.as_bytes().to_vec(),
                };
                let signature = made_with(&options, &content);
                let verified = verify(&signature, &input, &anchors, now());
                let verified = verified.unwrap_or_else(|error| panic!("{options}: {error:?}"));
                assert_eq!(verified.form(), form, "{options}");
                assert_eq!(verified.chain().len(), 3, "{options}");
                assert_eq!(verified.signing_time().is_some(), attributes.is_empty(), "{options}");
                let other = SignatureInput::developer(&[0xa4; 32]);
                let refused = verify(&signature, &other, &anchors, now());
                assert!(
                    matches!(refused, Err(VerifyError::ContentDigest { .. } | VerifyError::Signature { .. })),
                    "{options}: {refused:?}"
                );
            }
        }
    }
}

#[test]
fn broken_digests_and_odd_parameters_are_refused_by_name() {
    let input = SignatureInput::developer(&[0xa5; 32]);
    let text = input.to_base64();
    let broken = |found| AlgorithmError::BrokenDigest { found };
    let parameters = AlgorithmError::Parameters { found: "1.2.840.113549.1.1.10".into() };
    for (options, expected) in [
        ("-md sha1", broken("SHA-1")),
        ("-md md5", broken("MD5")),
        ("-md sha224", AlgorithmError::Digest { found: "SHA-224".into() }),
        ("-md sha3-256", AlgorithmError::Digest { found: "2.16.840.1.101.3.4.2.8".into() }),
        ("-md sha256 -keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:20", parameters.clone()),
        ("-md sha256 -keyopt rsa_padding_mode:pss -keyopt rsa_mgf1_md:sha512", parameters),
    ] {
        let signature = made_with(&format!("{RSA} {options}"), text.as_bytes());
        let found = verify(&signature, &input, &anchors(&["chain.crt"]), now());
        assert_eq!(found, Err(VerifyError::Algorithm { source: expected }), "{options}");
    }
}

#[test]
fn messages_that_leave_a_choice_are_refused() {
    // What the files of fixtures/pki/signatures sign.
    let digest = [
        0x89, 0x8a, 0x11, 0xa0, 0x19, 0xcb, 0x40, 0x7d, 0x23, 0x84, 0x5b, 0x8c, 0x4a, 0xf0, 0x61, 0x45, 0x69,
        0x69, 0x4b, 0x97, 0x11, 0xe9, 0xb6, 0x12, 0xce, 0x68, 0xc9, 0x66, 0xaf, 0x04, 0xc8, 0x55,
    ];
    let input = SignatureInput::developer(&digest);
    let verdict = |file: &str| verify(&fixture(file), &input, &anchors(&["chain.crt"]), now());
    let name = |file: &str| verdict(file).map(|verified| verified.signer().common_name().map(str::to_owned));
    assert_eq!(name("gpgsm-indefinite.ber"), Ok(Some("Developer 1".into())));
    assert_eq!(name("openssl-keyid.der"), Ok(Some("Developer 1".into())));
    assert_eq!(name("openssl-ca-first.der"), Ok(Some("Example Store 4096".into())));
    assert_eq!(name("openssl-two-signers.der"), Err(VerifyError::SeveralSigners { found: 2 }));
    for file in ["openssl-nocerts.der", "openssl-sha512-bare.der"] {
        assert!(matches!(verdict(file), Err(VerifyError::NoCertificate { .. })), "{file}");
    }
    assert!(matches!(
        verdict("openssl-odd-name.der"),
        Err(VerifyError::Chain { source: ChainError::SelfSigned { .. } })
    ));
}

#[test]
fn certificates_in_the_message_are_not_intermediates() {
    let input = SignatureInput::developer(&[0xa5; 32]);
    let signature = made_with(RSA, input.to_base64().as_bytes());
    let found = verify(&signature, &input, &anchors(&["ca.crt"]), now());
    assert!(
        matches!(found, Err(VerifyError::Chain { source: ChainError::UnknownIssuer { .. } })),
        "{found:?}"
    );
}
