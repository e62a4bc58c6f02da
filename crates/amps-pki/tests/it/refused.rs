//! Messages that are no signature of a package, each with the reason.

use amps_pki::{Error, MAX_SIGNATURE_BYTES, Signature};

use crate::fixture;

/// What both readers say.
fn refusal(bytes: &[u8]) -> Error {
    let error = Signature::from_ber(bytes).unwrap_err();
    assert_eq!(Signature::from_der(bytes).unwrap_err(), error);
    error
}

#[test]
fn other_kinds_of_message_are_named() {
    for (file, oid) in
        [("openssl-enveloped.der", "1.2.840.113549.1.7.3"), ("openssl-data.der", "1.2.840.113549.1.7.1")]
    {
        assert_eq!(refusal(&fixture(file)), Error::NotSignedData { found: oid.into() });
    }
}

#[test]
fn a_message_with_its_content_is_refused() {
    assert_eq!(refusal(&fixture("openssl-attached.der")), Error::Attached);
    assert_eq!(Signature::from_ber(&fixture("openssl-stream.ber")), Err(Error::Attached));
}

#[test]
fn certificates_alone_are_no_signature() {
    assert_eq!(refusal(&fixture("openssl-no-signers.der")), Error::NoSigners);
}

#[test]
fn two_certificates_with_the_signers_key_identifier_are_ambiguous() {
    let error = refusal(&fixture("openssl-same-keyid.der"));
    assert!(matches!(&error, Error::AmbiguousSigner { signer } if signer.starts_with("key ")), "{error:?}");
}

#[test]
fn bytes_after_the_message_are_refused() {
    for (file, extra) in [("dev1.der", &b"\n"[..]), ("openssl-keyid.der", &[0, 0])] {
        let mut bytes = fixture(file);
        bytes.extend_from_slice(extra);
        assert_eq!(refusal(&bytes), Error::TrailingBytes { count: extra.len() });
    }
    let mut bytes = fixture("gpgsm-indefinite.ber");
    bytes.extend([0, 0]);
    assert_eq!(Signature::from_ber(&bytes), Err(Error::TrailingBytes { count: 2 }));
}

#[test]
fn the_size_limit_is_inclusive() {
    let mut bytes = fixture("dev1.der");
    let message_bytes = bytes.len();
    bytes.resize(MAX_SIGNATURE_BYTES, 0);
    // Small enough to be read; the filling is what is wrong with it.
    let count = MAX_SIGNATURE_BYTES - message_bytes;
    assert_eq!(refusal(&bytes), Error::TrailingBytes { count });
    bytes.push(0);
    let size_bytes = MAX_SIGNATURE_BYTES + 1;
    assert_eq!(refusal(&bytes), Error::TooLarge { size_bytes });
}

#[test]
fn what_is_not_cms_is_malformed() {
    let texts: [&[u8]; 5] = [b"", b"\x30", b"\x30\x00", b"not a signature", b"-----BEGIN CMS-----\n"];
    for bytes in texts {
        let error = Signature::from_ber(bytes).unwrap_err();
        assert!(matches!(error, Error::Malformed { .. }), "{bytes:?}: {error:?}");
        let error = Signature::from_der(bytes).unwrap_err();
        assert!(matches!(error, Error::Malformed { .. }), "{bytes:?}: {error:?}");
    }
}

#[test]
fn a_damaged_certificate_is_named_by_its_place() {
    let mut bytes = fixture("dev1.der");
    // The second certificate's `UTCTime` of the first day (tag, length, year) loses its digits.
    let times: Vec<usize> =
        bytes.windows(4).enumerate().filter(|(_, w)| *w == b"\x17\x0d26").map(|(at, _)| at).collect();
    bytes[times[1] + 2] = b'x';
    let error = refusal(&bytes);
    assert!(matches!(error, Error::Certificate { index: 1, .. }), "{error:?}");
}
