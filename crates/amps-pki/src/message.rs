//! The outer shape of a CMS message (RFC 5652): where its certificates and signers stand.
//!
//! The message is walked by hand, not decoded in one go, so that certificates keep the bytes that they have
//! in the message (their fingerprint depends on it), other kinds of certificate can be skipped, and every
//! limit holds before anything is kept.

use cms::content_info::CmsVersion;
use cms::signed_data::SignerInfo;
use const_oid::ObjectIdentifier;
use const_oid::db::rfc5911::{ID_DATA, ID_SIGNED_DATA};
use der::asn1::ContextSpecific;
use der::{
    Decode, DecodeValue, EncodingRules, ErrorKind, FixedTag, Header, Reader, SliceReader, Tag, TagNumber,
};

use crate::Error;

/// Signers that a message may have, inclusive. A package has one; the limit bounds what is kept of a
/// hostile message.
pub const MAX_SIGNERS: usize = 16;

/// X.509 certificates that a message may have, inclusive. A chain rarely has more than four.
pub const MAX_CERTIFICATES: usize = 64;

/// The parts of a detached signed message.
pub(crate) struct Message<'a> {
    /// The X.509 certificates as they stand in the message, in its order.
    pub(crate) certificates: Vec<&'a [u8]>,
    /// At least one signer, in the order of the message.
    pub(crate) signers: Vec<SignerInfo>,
}

impl<'a> Message<'a> {
    /// Reads `ContentInfo` (RFC 5652 section 3) with a `SignedData` inside, to the last byte.
    pub(crate) fn read(bytes: &'a [u8], rules: EncodingRules) -> Result<Self, Error> {
        let mut reader = SliceReader::new_with_encoding_rules(bytes, rules)?;
        let message = reader.sequence(|reader| {
            let content_type = ObjectIdentifier::decode(reader)?;
            if content_type != ID_SIGNED_DATA {
                return Err(Error::NotSignedData { found: content_type.to_string() });
            }
            match ContextSpecific::<SignedData<'_>>::decode_explicit(reader, TagNumber(0))? {
                Some(field) => Ok(field.value),
                None => Err(missing(reader, 0)),
            }
        })?;
        match usize::try_from(reader.remaining_len())? {
            0 => Ok(Self { certificates: message.certificates, signers: message.signers }),
            count => Err(Error::TrailingBytes { count }),
        }
    }
}

/// `SignedData` (RFC 5652 section 5.1), less what nobody here asks for.
struct SignedData<'a> {
    certificates: Vec<&'a [u8]>,
    signers: Vec<SignerInfo>,
}

impl FixedTag for SignedData<'_> {
    const TAG: Tag = Tag::Sequence;
}

impl<'a> DecodeValue<'a> for SignedData<'a> {
    type Error = Error;

    fn decode_value<R: Reader<'a>>(reader: &mut R, _: Header) -> Result<Self, Error> {
        CmsVersion::decode(reader)?;
        // The digest algorithms: a hint for one-pass readers; what counts is what each signer says.
        let (tag, _) = element(reader)?;
        tag.assert_eq(Tag::Set)?;
        reader.sequence(detached_content)?;
        let certificates = ContextSpecific::<CertificateSet<'_>>::decode_implicit(reader, TagNumber(0))?;
        if is_next(reader, 1)? {
            // Revocation lists: those that count are configured, not sent along.
            element(reader)?;
        }
        let SignerSet(signers) = SignerSet::decode(reader)?;
        Ok(Self { certificates: certificates.map(|field| field.value.0).unwrap_or_default(), signers })
    }
}

/// Checks `EncapsulatedContentInfo` (RFC 5652 section 5.2): plain data, and not in here.
fn detached_content<'a, R: Reader<'a>>(reader: &mut R) -> Result<(), Error> {
    let content_type = ObjectIdentifier::decode(reader)?;
    if content_type != ID_DATA {
        return Err(Error::ContentType { found: content_type.to_string() });
    }
    // Anything else that follows is trailing data of the sequence, which the reader refuses.
    if is_next(reader, 0)? {
        return Err(Error::Attached);
    }
    Ok(())
}

/// `CertificateSet` (RFC 5652 section 10.2.3): the X.509 certificates in it.
struct CertificateSet<'a>(Vec<&'a [u8]>);

impl FixedTag for CertificateSet<'_> {
    const TAG: Tag = Tag::Set;
}

impl<'a> DecodeValue<'a> for CertificateSet<'a> {
    type Error = Error;

    fn decode_value<R: Reader<'a>>(reader: &mut R, _: Header) -> Result<Self, Error> {
        let mut certificates = Vec::new();
        while !reader.is_finished() {
            match element(reader)? {
                (Tag::Sequence, _) if certificates.len() == MAX_CERTIFICATES => {
                    return Err(Error::TooManyCertificates);
                }
                (Tag::Sequence, bytes) => certificates.push(bytes),
                // Section 10.2.2: extended, attribute and other certificates; none of them names a signer.
                (Tag::ContextSpecific { number, .. }, _) if number <= TagNumber(3) => {}
                (found, _) => return Err(Error::NotACertificate { found }),
            }
        }
        Ok(Self(certificates))
    }
}

/// `SignerInfos` (RFC 5652 section 5.1).
struct SignerSet(Vec<SignerInfo>);

impl FixedTag for SignerSet {
    const TAG: Tag = Tag::Set;
}

impl<'a> DecodeValue<'a> for SignerSet {
    type Error = Error;

    fn decode_value<R: Reader<'a>>(reader: &mut R, _: Header) -> Result<Self, Error> {
        let mut signers = Vec::new();
        while !reader.is_finished() {
            if signers.len() == MAX_SIGNERS {
                return Err(Error::TooManySigners);
            }
            signers.push(SignerInfo::decode(reader)?);
        }
        if signers.is_empty() {
            return Err(Error::NoSigners);
        }
        Ok(Self(signers))
    }
}

/// Reads one element of any kind: its tag, and all its bytes as they stand, head included.
fn element<'a, R: Reader<'a>>(reader: &mut R) -> der::Result<(Tag, &'a [u8])> {
    // Not `Reader::tlv_bytes`: it takes the length of the head from the length of the value, which is wrong
    // for an indefinite length.
    let mut ahead = reader.clone();
    let header = Header::decode(&mut ahead)?;
    let head_bytes = (ahead.position() - reader.position())?;
    let bytes = reader.read_slice((head_bytes + header.length())?)?;
    Ok((header.tag(), bytes))
}

/// Whether the next element is the constructed, context-specific field with this number.
fn is_next<'a, R: Reader<'a>>(reader: &R, number: u32) -> der::Result<bool> {
    if reader.is_finished() {
        return Ok(false);
    }
    let number = TagNumber(number);
    let wanted = Tag::ContextSpecific { constructed: true, number };
    Ok(Tag::peek(reader)? == wanted)
}

/// The error for a context-specific field that is not there.
fn missing<'a, R: Reader<'a>>(reader: &mut R, number: u32) -> Error {
    let number = TagNumber(number);
    let expected = Tag::ContextSpecific { constructed: true, number };
    let kind = match Tag::peek(reader) {
        Ok(actual) => ErrorKind::TagUnexpected { expected: Some(expected), actual },
        Err(error) => return error.into(),
    };
    reader.error(kind).into()
}

#[cfg(test)]
mod tests;
