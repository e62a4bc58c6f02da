//! Who signed: compared with what the openssl command line prints.

use amps_pki::{ClaimedSigner, Signature, SignerId};

use crate::fixture;

const DEV_CA: &str =
    "emailAddress=devca@example.org,CN=Example Developer CA,O=Example Example Developer CA,C=DE";
const STORE_CA: &str = "emailAddress=pki@example.org,CN=Example Store CA,OU=App Store,O=Example,C=DE";

/// What `openssl x509 -nameopt rfc2253 -subject -issuer -serial -dates -fingerprint -sha256` says of a
/// certificate.
struct Expected {
    common_name: &'static str,
    subject: &'static str,
    issuer: &'static str,
    serial: &'static str,
    validity: [&'static str; 2],
    fingerprint: &'static str,
}

const DEV1: Expected = Expected {
    common_name: "Developer 1",
    subject: "emailAddress=dev1@example.org,CN=Developer 1,O=Example Developer 1,C=DE",
    issuer: DEV_CA,
    serial: "5D4B025C166451E9F60BF9D7F9214756D97EBCCF",
    validity: ["2026-11-21T00:10:33Z", "2126-10-28T00:10:33Z"],
    fingerprint: "87dafd87d62d0c872507893aaf4e7b16e1ffabcbcc9771be2f2b6dc7a66d90a2",
};
const DEV_EC: Expected = Expected {
    common_name: "Developer EC",
    subject: "emailAddress=dev-ec@example.org,CN=Developer EC,O=Example Developer EC,C=DE",
    issuer: DEV_CA,
    serial: "5D4B025C166451E9F60BF9D7F9214756D97EBCD1",
    validity: ["2026-11-21T00:10:33Z", "2126-10-28T00:10:33Z"],
    fingerprint: "2fd4893f2780bd034f6c5174e9d7721c6f257bf20f9c39cb3a5756dc037ca757",
};
const DEV_EMAIL: Expected = Expected {
    common_name: "Developer Email",
    subject: "emailAddress=dev-email@example.org,CN=Developer Email,O=Example Developer Email,C=DE",
    issuer: DEV_CA,
    serial: "5D4B025C166451E9F60BF9D7F9214756D97EBCD2",
    validity: ["2026-11-21T00:10:34Z", "2126-10-28T00:10:34Z"],
    fingerprint: "6b168affa2cfe5b514dd724c62626f2fa2d43c83bb437471e4ab817aef6cf0b7",
};
const DEV_TLS: Expected = Expected {
    common_name: "Developer TLS",
    subject: "emailAddress=dev-tls@example.org,CN=Developer TLS,O=Example Developer TLS,C=DE",
    issuer: DEV_CA,
    serial: "5D4B025C166451E9F60BF9D7F9214756D97EBCD3",
    validity: ["2026-11-21T00:10:34Z", "2126-10-28T00:10:34Z"],
    fingerprint: "b49f058cb8d49c9606fb5a3089b93a5247dcbb70ad72938691b36be53e0254bd",
};
const DEV_EXPIRED: Expected = Expected {
    common_name: "Developer Expired",
    subject: "C=DE,O=Example Expired,CN=Developer Expired",
    issuer: DEV_CA,
    serial: "77",
    validity: ["2020-01-01T00:00:00Z", "2020-01-02T00:00:00Z"],
    fingerprint: "e6a81c374fec1621ec0f9986df274a31ca3cab612bfcdcb2e8939f0306d1d8e6",
};
const STORE: Expected = Expected {
    common_name: "Example Store",
    subject: "emailAddress=store@example.org,CN=Example Store,O=Example Example Store,C=DE",
    issuer: STORE_CA,
    serial: "2EB872E1DD1EC7C85B3D2BD00D8B5F5CB879E055",
    validity: ["2026-11-21T00:10:28Z", "2126-10-28T00:10:28Z"],
    fingerprint: "e3b518225fbee742a3ef6e71d795a79a4af0dbf1d2187b0173223bcd5e398edb",
};
const STORE_4096: Expected = Expected {
    common_name: "Example Store 4096",
    subject: "emailAddress=store-rsa4096@example.org,CN=Example Store 4096,O=Example Example Store 4096,C=DE",
    issuer: STORE_CA,
    serial: "2EB872E1DD1EC7C85B3D2BD00D8B5F5CB879E056",
    validity: ["2026-11-21T00:10:32Z", "2126-10-28T00:10:32Z"],
    fingerprint: "d2d725baa055bc88310085017590217b2aa766e770cbfc6194938f545a4208b1",
};

/// The identifier of the key in `dev1.crt`.
const DEV1_KEY: &str = "E3D6828A9CCDB1E6A34EFB2F3A4FE73135E28FDC";

fn signers(file: &str) -> Vec<ClaimedSigner> {
    let signature = Signature::from_ber(&fixture(file)).unwrap_or_else(|error| panic!("{file}: {error:?}"));
    signature.signers().to_vec()
}

fn check_certificate(file: &str, signer: &ClaimedSigner, expected: &Expected) {
    let certificate = signer.certificate().unwrap_or_else(|| panic!("{file}: no certificate"));
    assert_eq!(certificate.common_name(), Some(expected.common_name), "{file}");
    assert_eq!(certificate.subject(), expected.subject, "{file}");
    assert_eq!(certificate.issuer(), expected.issuer, "{file}");
    assert_eq!(certificate.serial(), expected.serial, "{file}");
    let validity = [certificate.not_before(), certificate.not_after()].map(|time| time.to_string());
    assert_eq!(validity, expected.validity, "{file}");
    assert_eq!(certificate.fingerprint().to_string(), expected.fingerprint, "{file}");
}

fn by_issuer_and_serial(expected: &Expected) -> SignerId {
    SignerId::IssuerAndSerial { issuer: expected.issuer.into(), serial: expected.serial.into() }
}

/// One signer, named by issuer and serial number, whose certificate is included.
fn check(file: &str, expected: &Expected) {
    let signers = signers(file);
    assert_eq!(signers.len(), 1, "{file}");
    check_certificate(file, &signers[0], expected);
    assert_eq!(*signers[0].id(), by_issuer_and_serial(expected), "{file}");
    assert_eq!(signers[0].digest_algorithm().to_string(), "SHA-256", "{file}");
}

#[test]
fn signatures_of_the_reference_packager() {
    check("dev1.der", &DEV1);
    check("dev1-legacy.der", &DEV1);
    check("dev1-qt5.der", &DEV1);
    check("dev-ec.der", &DEV_EC);
    check("dev-email.der", &DEV_EMAIL);
    check("dev-expired.der", &DEV_EXPIRED);
    check("dev-tls.der", &DEV_TLS);
    check("store.der", &STORE);
    check("store-qt5.der", &STORE);
    check("store-rsa4096.der", &STORE_4096);
}

#[test]
fn the_certificate_is_found_by_identifier_not_by_place() {
    check("openssl-ca-first.der", &STORE_4096);
}

#[test]
fn indefinite_lengths_are_read_as_ber_only() {
    check("gpgsm-indefinite.ber", &DEV1);
    let error = Signature::from_der(&fixture("gpgsm-indefinite.ber")).unwrap_err();
    assert!(matches!(error, amps_pki::Error::Malformed { .. }), "{error:?}");
}

#[test]
fn a_signer_may_be_named_by_key_identifier() {
    let signers = signers("openssl-keyid.der");
    assert_eq!(signers.len(), 1);
    let key_identifier = DEV1_KEY.into();
    assert_eq!(*signers[0].id(), SignerId::KeyIdentifier { key_identifier });
    assert_eq!(signers[0].id().to_string(), format!("key {DEV1_KEY}"));
    check_certificate("openssl-keyid.der", &signers[0], &DEV1);
}

#[test]
fn a_signer_without_certificate_is_an_identifier_only() {
    // The certificate of the CA is in there: it must not be taken for the signer's.
    let signers = signers("openssl-nocerts.der");
    assert_eq!(signers.len(), 1);
    assert_eq!(signers[0].certificate(), None);
    assert_eq!(*signers[0].id(), by_issuer_and_serial(&DEV1));
    assert_eq!(signers[0].id().to_string(), format!("serial {} of {DEV_CA}", DEV1.serial));
}

#[test]
fn a_message_without_any_certificate_or_attribute_is_read() {
    let signers = signers("openssl-sha512-bare.der");
    assert_eq!(signers.len(), 1);
    assert_eq!(signers[0].certificate(), None);
    let key_identifier = DEV1_KEY.into();
    assert_eq!(*signers[0].id(), SignerId::KeyIdentifier { key_identifier });
    assert_eq!(signers[0].digest_algorithm().to_string(), "SHA-512");
}

#[test]
fn two_signers_have_a_certificate_each() {
    let signers = signers("openssl-two-signers.der");
    assert_eq!(signers.len(), 2);
    for (signer, expected) in signers.iter().zip([&DEV_EC, &DEV1]) {
        check_certificate("openssl-two-signers.der", signer, expected);
        assert_eq!(*signer.id(), by_issuer_and_serial(expected));
    }
}

#[test]
fn odd_names_are_kept_and_escaped_as_rfc_4514_says() {
    const NAME: &str = "CN=bell\\07 \u{202e}\\C2\\9Bend,CN=first,OU=left+L=Zürich,OU=\\#hash,\
        O=\\ lead\\, \\\"quoted\\\"\\; \\<a\\+b\\>\\\\\\ ,2.5.4.97=#0C074E545244452D31,C=DE";
    let expected = Expected {
        common_name: "bell\u{7} \u{202e}\u{9b}end",
        subject: NAME,
        issuer: NAME,
        serial: "D4C3B2A1",
        validity: ["2026-11-21T01:28:58Z", "2126-10-28T01:28:58Z"],
        fingerprint: "45c23d615370d83ab16e9c8c486c6fb251b877bc494b6573b00cbce8c5de0519",
    };
    check("openssl-odd-name.der", &expected);
    // Named by issuer and serial, a second certificate of the same key is no trouble.
    check("openssl-same-key.der", &expected);
}
