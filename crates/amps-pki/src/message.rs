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
use x509_cert::spki::AlgorithmIdentifierOwned;

use crate::{Error, MAX_SIGNATURE_BYTES};

/// Signers that a message may have, inclusive. A package has one; the limit bounds what is kept of a
/// hostile message.
pub const MAX_SIGNERS: usize = 16;

/// X.509 certificates that a message may have, inclusive. A chain rarely has more than four.
pub const MAX_CERTIFICATES: usize = 64;

/// The parts of a detached signed message.
pub(crate) struct Message<'a> {
    pub(crate) version: CmsVersion,
    /// The digest algorithms that the message announces for all signers together.
    pub(crate) digests: Vec<AlgorithmIdentifierOwned>,
    /// The X.509 certificates as they stand in the message, in its order.
    pub(crate) certificates: Vec<&'a [u8]>,
    /// Whether there is something that was passed over: other kinds of certificate, revocation lists.
    pub(crate) has_other_parts: bool,
    /// At least one signer, in the order of the message.
    pub(crate) signers: Vec<MessageSigner<'a>>,
}

/// One signer as it stands in the message.
pub(crate) struct MessageSigner<'a> {
    pub(crate) info: SignerInfo,
    /// The bytes of the signed attributes, without the tag and the length around them.
    pub(crate) signed_attributes: Option<&'a [u8]>,
}

impl<'a> Message<'a> {
    /// Reads `ContentInfo` (RFC 5652 section 3) with a `SignedData` inside, to the last byte.
    pub(crate) fn read(bytes: &'a [u8], rules: EncodingRules) -> Result<Self, Error> {
        if bytes.len() > MAX_SIGNATURE_BYTES {
            return Err(Error::TooLarge { size_bytes: bytes.len() });
        }
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
            0 => Ok(Self {
                version: message.version,
                digests: message.digests.0,
                certificates: message.certificates,
                has_other_parts: message.has_other_parts,
                signers: message.signers,
            }),
            count => Err(Error::TrailingBytes { count }),
        }
    }
}

/// `SignedData` (RFC 5652 section 5.1), less what nobody here asks for.
struct SignedData<'a> {
    version: CmsVersion,
    digests: DigestSet,
    certificates: Vec<&'a [u8]>,
    has_other_parts: bool,
    signers: Vec<MessageSigner<'a>>,
}

impl FixedTag for SignedData<'_> {
    const TAG: Tag = Tag::Sequence;
}

impl<'a> DecodeValue<'a> for SignedData<'a> {
    type Error = Error;

    fn decode_value<R: Reader<'a>>(reader: &mut R, _: Header) -> Result<Self, Error> {
        let version = CmsVersion::decode(reader)?;
        let digests = DigestSet::decode(reader)?;
        reader.sequence(detached_content)?;
        let mut certificates = CertificateSet::default();
        if is_next(reader, 0)? {
            let field = ContextSpecific::<CertificateSet<'_>>::decode_implicit(reader, TagNumber(0))?;
            certificates = field.map(|field| field.value).unwrap_or_default();
        }
        let has_lists = is_next(reader, 1)?;
        if has_lists {
            // Revocation lists: those that count are configured, not sent along.
            element(reader)?;
        }
        let SignerSet(signers) = SignerSet::decode(reader)?;
        Ok(Self {
            version,
            digests,
            certificates: certificates.x509,
            has_other_parts: certificates.has_others || has_lists,
            signers,
        })
    }
}

/// `DigestAlgorithmIdentifiers` (RFC 5652 section 5.1): a hint for readers that see the content first.
struct DigestSet(Vec<AlgorithmIdentifierOwned>);

impl FixedTag for DigestSet {
    const TAG: Tag = Tag::Set;
}

impl<'a> DecodeValue<'a> for DigestSet {
    type Error = Error;

    fn decode_value<R: Reader<'a>>(reader: &mut R, _: Header) -> Result<Self, Error> {
        let mut digests = Vec::new();
        while !reader.is_finished() {
            digests.push(AlgorithmIdentifierOwned::decode(reader)?);
        }
        Ok(Self(digests))
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

/// `CertificateSet` (RFC 5652 section 10.2.3).
#[derive(Default)]
struct CertificateSet<'a> {
    x509: Vec<&'a [u8]>,
    has_others: bool,
}

impl FixedTag for CertificateSet<'_> {
    const TAG: Tag = Tag::Set;
}

impl<'a> DecodeValue<'a> for CertificateSet<'a> {
    type Error = Error;

    fn decode_value<R: Reader<'a>>(reader: &mut R, _: Header) -> Result<Self, Error> {
        let mut certificates = Self::default();
        while !reader.is_finished() {
            match element(reader)? {
                (Tag::Sequence, _) if certificates.x509.len() == MAX_CERTIFICATES => {
                    return Err(Error::TooManyCertificates);
                }
                (Tag::Sequence, bytes) => certificates.x509.push(bytes),
                // Section 10.2.2: extended, attribute and other certificates; none of them names a signer.
                (Tag::ContextSpecific { number, .. }, _) if number <= TagNumber(3) => {
                    certificates.has_others = true;
                }
                (found, _) => return Err(Error::NotACertificate { found }),
            }
        }
        Ok(certificates)
    }
}

/// `SignerInfos` (RFC 5652 section 5.1).
struct SignerSet<'a>(Vec<MessageSigner<'a>>);

impl FixedTag for SignerSet<'_> {
    const TAG: Tag = Tag::Set;
}

impl<'a> DecodeValue<'a> for SignerSet<'a> {
    type Error = Error;

    fn decode_value<R: Reader<'a>>(reader: &mut R, _: Header) -> Result<Self, Error> {
        let mut signers = Vec::new();
        while !reader.is_finished() {
            if signers.len() == MAX_SIGNERS {
                return Err(Error::TooManySigners);
            }
            let signed_attributes = signed_attributes(&mut reader.clone())?;
            let info = SignerInfo::decode(reader)?;
            // The decoder takes a field that is not marked as constructed; the bytes above are what counts.
            if info.signed_attrs.is_some() != signed_attributes.is_some() {
                return Err(reader.error(ErrorKind::Noncanonical { tag: Tag::Set }).into());
            }
            signers.push(MessageSigner { info, signed_attributes });
        }
        if signers.is_empty() {
            return Err(Error::NoSigners);
        }
        Ok(Self(signers))
    }
}

/// The bytes inside of the signed attributes of a signer, which stand behind its version, identifier and digest
/// algorithm (RFC 5652 section 5.3).
fn signed_attributes<'a, R: Reader<'a>>(reader: &mut R) -> der::Result<Option<&'a [u8]>> {
    reader.sequence(|reader| {
        for _ in 0..3 {
            element(reader)?;
        }
        let mut attributes = None;
        if is_next(reader, 0)? {
            let header = Header::decode(reader)?;
            attributes = Some(reader.read_slice(header.length())?);
        }
        reader.drain(reader.remaining_len())?;
        Ok(attributes)
    })
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
