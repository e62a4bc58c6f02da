//! The signed attributes of a signer (RFC 5652 sections 5.3, 5.4 and 11).

use cms::signed_data::SignedAttributes;
use const_oid::ObjectIdentifier;
use der::asn1::{Any, OctetString};
use der::{Decode, Encode};
use x509_cert::time::Time;

use super::VerifyError;
use crate::{Timestamp, oid};

/// What the attributes say.
pub(super) struct Attributes {
    pub(super) message_digest: Vec<u8>,
    /// When the signer says that it signed: a claim.
    pub(super) signing_time: Option<Timestamp>,
}

impl Attributes {
    /// Reads the attributes; checks that the content type is there and plain data.
    pub(super) fn read(attributes: &SignedAttributes) -> Result<Self, VerifyError> {
        let content_type: Option<ObjectIdentifier> = one(attributes, oid::CONTENT_TYPE, "content-type")?;
        match content_type {
            None => return Err(VerifyError::MissingAttribute { name: "content-type" }),
            Some(oid::DATA) => {}
            Some(found) => return Err(VerifyError::ContentType { found: found.to_string() }),
        }
        let digest: Option<OctetString> = one(attributes, oid::MESSAGE_DIGEST, "message-digest")?;
        let digest = digest.ok_or(VerifyError::MissingAttribute { name: "message-digest" })?;
        let signing_time: Option<Time> = one(attributes, oid::SIGNING_TIME, "signing-time")?;
        Ok(Self { message_digest: digest.as_bytes().to_vec(), signing_time: signing_time.map(Into::into) })
    }
}

/// The one value of an attribute, if the attribute is there.
fn one<T>(
    attributes: &SignedAttributes,
    wanted: ObjectIdentifier,
    name: &'static str,
) -> Result<Option<T>, VerifyError>
where
    T: for<'a> Decode<'a, Error = der::Error>,
{
    let mut found = attributes.iter().filter(|attribute| attribute.oid == wanted);
    let Some(attribute) = found.next() else {
        return Ok(None);
    };
    let ([value], None): (&[Any], _) = (attribute.values.as_slice(), found.next()) else {
        return Err(VerifyError::RepeatedAttribute { name });
    };
    let value = value.to_der().and_then(|der| T::from_der(&der));
    value.map(Some).map_err(|source| VerifyError::MalformedAttribute { name, source })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use der::asn1::OctetStringRef;

    use super::*;
    use crate::der_write::{element, sequence, set};

    /// What is said of attributes, each a type and its values in DER.
    fn read(attributes: &[(ObjectIdentifier, &[Vec<u8>])]) -> Result<(Vec<u8>, Option<u64>), VerifyError> {
        let attributes = attributes.iter().map(|(oid, values)| {
            let values = element(der::Tag::Set, &[&values.concat()]).unwrap();
            sequence(&[&oid.to_der().unwrap(), &values]).unwrap()
        });
        let attributes = SignedAttributes::from_der(&set(attributes.collect()).unwrap()).unwrap();
        let read = Attributes::read(&attributes)?;
        Ok((read.message_digest, read.signing_time.map(Timestamp::unix_seconds)))
    }

    #[test]
    fn each_attribute_must_be_there_once_and_right() {
        let data = &[oid::DATA.to_der().unwrap()][..];
        let digest = &[OctetStringRef::new(b"digest").unwrap().to_der().unwrap()][..];
        let time = &[b"\x17\x0d261201000000Z".to_vec()][..];
        let other = &[oid::SIGNED_DATA.to_der().unwrap()][..];
        let two = &[&digest[0][..], b"\x04\x01x"].map(<[u8]>::to_vec)[..];
        let missing = |name| Err(VerifyError::MissingAttribute { name });
        let repeated = |name| Err(VerifyError::RepeatedAttribute { name });
        let (content_type, message_digest) = ((oid::CONTENT_TYPE, data), (oid::MESSAGE_DIGEST, digest));
        let expected = b"digest".to_vec();
        assert_eq!(read(&[content_type, message_digest]), Ok((expected.clone(), None)));
        let signing_time = (oid::SIGNING_TIME, time);
        assert_eq!(read(&[content_type, message_digest, signing_time]), Ok((expected, Some(1_796_083_200))));
        assert_eq!(read(&[message_digest]), missing("content-type"));
        assert_eq!(read(&[content_type]), missing("message-digest"));
        assert_eq!(read(&[content_type, content_type, message_digest]), repeated("content-type"));
        assert_eq!(read(&[content_type, message_digest, message_digest]), repeated("message-digest"));
        assert_eq!(read(&[content_type, (oid::MESSAGE_DIGEST, two)]), repeated("message-digest"));
        assert_eq!(read(&[content_type, (oid::MESSAGE_DIGEST, &[])]), repeated("message-digest"));
        assert_eq!(
            read(&[content_type, message_digest, signing_time, signing_time]),
            repeated("signing-time")
        );
        let found = oid::SIGNED_DATA.to_string();
        assert_eq!(
            read(&[(oid::CONTENT_TYPE, other), message_digest]),
            Err(VerifyError::ContentType { found })
        );
        for (attribute, wrong_type) in
            [(oid::CONTENT_TYPE, digest), (oid::MESSAGE_DIGEST, data), (oid::SIGNING_TIME, data)]
        {
            let mut attributes = vec![content_type, message_digest];
            attributes.retain(|(oid, _)| *oid != attribute);
            attributes.push((attribute, wrong_type));
            let found = read(&attributes);
            assert!(matches!(found, Err(VerifyError::MalformedAttribute { .. })), "{attribute}: {found:?}");
        }
    }
}
