//! Messages built by hand: what real ones do not show.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

const SIGNED_DATA: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02";
const DATA: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01";
const SET: u8 = 0x31;
const SEQUENCE: u8 = 0x30;

/// One element: tag, length in three bytes or as few as DER wants, value.
fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let value = parts.concat();
    let length = u16::try_from(value.len()).unwrap().to_be_bytes();
    let head = match length {
        [0, short @ 0..=0x7f] => vec![tag, short],
        [0, long] => vec![tag, 0x81, long],
        [high, low] => vec![tag, 0x82, high, low],
    };
    [head, value].concat()
}

/// The smallest signer: named by a key identifier, without attributes.
fn signer() -> Vec<u8> {
    let sha256 = tlv(SEQUENCE, &[b"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01"]);
    let rsa = tlv(SEQUENCE, &[b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"]);
    tlv(SEQUENCE, &[b"\x02\x01\x03", b"\x80\x02id", &sha256, &rsa, b"\x04\x01s"])
}

/// A message with these fields after the content, as they would stand in `SignedData`.
fn message(content: &[u8], fields: &[&[u8]]) -> Vec<u8> {
    let content = tlv(SEQUENCE, &[content]);
    let signed_data = tlv(SEQUENCE, &[b"\x02\x01\x01\x31\x00", &content, &fields.concat()]);
    tlv(SEQUENCE, &[SIGNED_DATA, &tlv(0xa0, &[&signed_data])])
}

/// The numbers of certificates and signers.
fn read(bytes: &[u8]) -> Result<(usize, usize), Error> {
    let counts = |rules| {
        let message = Message::read(bytes, rules)?;
        Ok((message.certificates.len(), message.signers.len()))
    };
    let strictly = counts(EncodingRules::Der);
    assert_eq!(strictly, counts(EncodingRules::Ber), "DER is BER, too");
    strictly
}

#[test]
fn the_number_of_signers_is_limited_inclusively() {
    let with = |count| read(&message(DATA, &[&tlv(SET, &[&signer().repeat(count)])]));
    assert_eq!(with(1), Ok((0, 1)));
    assert_eq!(with(MAX_SIGNERS), Ok((0, MAX_SIGNERS)));
    assert_eq!(with(MAX_SIGNERS + 1), Err(Error::TooManySigners));
    assert_eq!(with(0), Err(Error::NoSigners));
}

#[test]
fn the_number_of_certificates_is_limited_inclusively() {
    let signers = tlv(SET, &[&signer()]);
    let with = |count| {
        let certificates = tlv(0xa0, &[&b"\x30\x00".repeat(count)]);
        read(&message(DATA, &[&certificates, &signers]))
    };
    assert_eq!(with(0), Ok((0, 1)));
    assert_eq!(with(MAX_CERTIFICATES), Ok((MAX_CERTIFICATES, 1)));
    assert_eq!(with(MAX_CERTIFICATES + 1), Err(Error::TooManyCertificates));
}

#[test]
fn other_kinds_of_certificate_are_skipped_and_anything_else_is_refused() {
    let signers = tlv(SET, &[&signer()]);
    let with = |element: &[u8]| {
        let certificates = tlv(0xa0, &[b"\x30\x00", element]);
        read(&message(DATA, &[&certificates, &signers]))
    };
    for skipped in [0xa0, 0xa1, 0xa2, 0xa3] {
        assert_eq!(with(&[skipped, 2, 5, 0]), Ok((1, 1)), "{skipped:x}");
    }
    for refused in [0xa4, 0x02, 0x31] {
        let error = with(&[refused, 1, 0]).unwrap_err();
        assert!(matches!(error, Error::NotACertificate { .. }), "{refused:x}: {error}");
    }
}

#[test]
fn revocation_lists_are_skipped() {
    let signers = tlv(SET, &[&signer()]);
    assert_eq!(read(&message(DATA, &[b"\xa0\x00", b"\xa1\x02\x30\x00", &signers])), Ok((0, 1)));
    assert_eq!(read(&message(DATA, &[b"\xa1\x02\x30\x00", &signers])), Ok((0, 1)));
}

#[test]
fn what_is_signed_is_plain_detached_data() {
    let signers = tlv(SET, &[&signer()]);
    assert_eq!(
        read(&message(SIGNED_DATA, &[&signers])),
        Err(Error::ContentType { found: "1.2.840.113549.1.7.2".into() })
    );
    let attached = [DATA, b"\xa0\x03\x04\x01x"].concat();
    assert_eq!(read(&message(&attached, &[&signers])), Err(Error::Attached));
    let trailing = [DATA, b"\x05\x00"].concat();
    assert!(matches!(read(&message(&trailing, &[&signers])), Err(Error::Malformed { .. })));
}

#[test]
fn a_missing_content_says_what_was_expected() {
    for value in [&b""[..], b"\x05\x00", b"\xa1\x02\x05\x00"] {
        let error = read(&tlv(SEQUENCE, &[SIGNED_DATA, value])).unwrap_err();
        assert!(matches!(error, Error::Malformed { .. }), "{value:x?}: {error}");
    }
}

#[test]
fn bytes_after_the_message_are_counted() {
    let signers = tlv(SET, &[&signer()]);
    let mut bytes = message(DATA, &[&signers]);
    bytes.extend([0, 0]);
    assert_eq!(read(&bytes), Err(Error::TrailingBytes { count: 2 }));
}

/// An attribute: a small number in its type, and values by tag.
fn attribute(arc: u8, values: &[(u8, u8)]) -> Vec<u8> {
    let values: Vec<u8> = values.iter().flat_map(|(tag, value)| [*tag, 1, *value]).collect();
    tlv(SEQUENCE, &[&[6, 2, 0x2a, arc], &tlv(SET, &[&values])])
}

/// Some attributes, each with a type and values that are small numbers.
fn attributes() -> impl Strategy<Value = Vec<u8>> {
    let tag = prop::sample::select(&[2, 4, 12, 19, 0x80, 0xa1][..]);
    let values = prop::collection::vec((tag, 0_u8..4), 0..40);
    let one = (0_u8..4, values).prop_map(|(arc, values)| attribute(arc, &values));
    prop::collection::vec(one, 0..100).prop_map(|all| all.concat())
}

proptest! {
    // The decoder sorts the attributes; a sort whose comparison contradicts itself may panic.
    #[test]
    fn attributes_are_read_in_any_order_and_number(attributes in attributes()) {
        let attributes = tlv(0xa0, &[&attributes]);
        let algorithm = tlv(SEQUENCE, &[b"\x06\x01\x2a"]);
        let signer = [b"\x02\x01\x03\x80\x01k", &algorithm[..], &attributes, &algorithm, b"\x04\x00"];
        let signers = tlv(SET, &[&tlv(SEQUENCE, &signer)]);
        prop_assert_eq!(read(&message(DATA, &[&signers])), Ok((0, 1)));
    }
}
