//! The outer layers of a PKCS#12 file (RFC 7292 sections 4 and 5.1): check value, encrypted parts, bags.

use aws_lc_rs::{digest, hmac};
use const_oid::ObjectIdentifier;
use der::asn1::{Any, OctetString, OctetStringRef, SetOfVec};
use der::{Decode, Encode, Reader, Sequence, SliceReader, Tag, Tagged};
use x509_cert::spki::AlgorithmIdentifierOwned;
use zeroize::Zeroizing;

use super::encryption::{decrypt, unsupported};
use super::kdf::{Deriver, Purpose};
use super::{Pkcs12Error, ber};
use crate::algorithm::absent_or_null;
use crate::oid;

/// `PFX` (RFC 7292 section 4), in DER.
#[derive(Sequence)]
pub(super) struct Container {
    version: u8,
    contents: ContentInfo,
    mac: Option<MacData>,
}

/// `ContentInfo` (RFC 5652 section 3).
#[derive(Sequence)]
pub(super) struct ContentInfo {
    content_type: ObjectIdentifier,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    content: Option<Any>,
}

/// `MacData` (RFC 7292 section 4).
#[derive(Sequence)]
struct MacData {
    mac: DigestInfo,
    salt: OctetString,
    #[asn1(default = "one")]
    rounds: u32,
}

/// `DigestInfo` (RFC 2315 section 9.4).
#[derive(Sequence)]
struct DigestInfo {
    algorithm: AlgorithmIdentifierOwned,
    digest: OctetString,
}

/// `PKCS12Attribute` (RFC 7292 section 4.2).
#[derive(Sequence, der::ValueOrd)]
pub(super) struct BagAttribute {
    oid: ObjectIdentifier,
    values: SetOfVec<Any>,
}

/// `EncryptedPrivateKeyInfo` (RFC 5958 section 3).
#[derive(Sequence)]
pub(super) struct EncryptedKey {
    pub(super) algorithm: AlgorithmIdentifierOwned,
    pub(super) data: OctetString,
}

fn one() -> u32 {
    1
}

impl Container {
    /// Reads a file.
    pub(super) fn read(file: &[u8]) -> Result<Self, Pkcs12Error> {
        let container = Self::from_der(&ber::to_der(file)?)?;
        if container.version != 3 {
            return Err(der::Error::from(der::ErrorKind::Value { tag: Tag::Integer }).into());
        }
        Ok(container)
    }

    /// Whether the check value (MAC) was made with the password.
    pub(super) fn is_intact(&self, deriver: &mut Deriver<'_>) -> Result<bool, Pkcs12Error> {
        let data = self.contents.data()?;
        let mac = self.mac.as_ref().ok_or(Pkcs12Error::NoMac)?;
        let (digest, hmac) = match mac.mac.algorithm.oid {
            oid::SHA1 => (&digest::SHA1_FOR_LEGACY_USE_ONLY, hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY),
            oid::SHA224 => (&digest::SHA224, hmac::HMAC_SHA224),
            oid::SHA256 => (&digest::SHA256, hmac::HMAC_SHA256),
            oid::SHA384 => (&digest::SHA384, hmac::HMAC_SHA384),
            oid::SHA512 => (&digest::SHA512, hmac::HMAC_SHA512),
            found => return Err(unsupported(found)),
        };
        if absent_or_null(&mac.mac.algorithm).is_err() {
            return Err(unsupported(mac.mac.algorithm.oid));
        }
        let salt = mac.salt.as_bytes();
        let key = deriver.pkcs12(digest, Purpose::Mac, salt, mac.rounds, digest.output_len())?;
        let key = hmac::Key::new(hmac, &key);
        Ok(hmac::verify(&key, &data, mac.mac.digest.as_bytes()).is_ok())
    }

    /// The parts, each with its own protection.
    pub(super) fn parts(&self, limit: usize) -> Result<Vec<ContentInfo>, Pkcs12Error> {
        let contents = ber::to_der(&self.contents.data()?)?;
        let mut reader = SliceReader::new(&contents)?;
        let parts = reader.sequence(|reader| {
            let mut parts = Vec::new();
            while !reader.is_finished() {
                if parts.len() == limit {
                    return Err(Pkcs12Error::TooManyParts { limit });
                }
                parts.push(ContentInfo::decode(reader)?);
            }
            Ok(parts)
        })?;
        reader.finish()?;
        Ok(parts)
    }
}

impl ContentInfo {
    /// The bags in here, as a `SafeContents` in DER; `None` if the password does not open them.
    pub(super) fn open(&self, deriver: &mut Deriver<'_>) -> Result<Option<Zeroizing<Vec<u8>>>, Pkcs12Error> {
        let bags = match self.content_type {
            oid::DATA => Some(self.data()?),
            oid::ENCRYPTED_DATA => {
                let (algorithm, data) = self.encrypted_data()?;
                decrypt(&algorithm, &data, deriver)?
            }
            found => return Err(Pkcs12Error::UnsupportedContent { found: found.to_string() }),
        };
        // With another password the padding may be right by chance; the contents will not be.
        match bags.map(|bags| ber::to_der(&bags)) {
            None => Ok(None),
            Some(Err(_)) if self.is_encrypted() => Ok(None),
            Some(bags) => Ok(Some(bags?)),
        }
    }

    pub(super) fn is_encrypted(&self) -> bool {
        self.content_type == oid::ENCRYPTED_DATA
    }

    /// The content, where it is plain data.
    fn data(&self) -> Result<Zeroizing<Vec<u8>>, Pkcs12Error> {
        if self.content_type != oid::DATA {
            return Err(Pkcs12Error::UnsupportedContent { found: self.content_type.to_string() });
        }
        let content = self.content.as_ref().map(Any::decode_as::<&OctetStringRef>).transpose()?;
        Ok(Zeroizing::new(content.map_or_else(Vec::new, |content| content.as_bytes().to_vec())))
    }

    /// `EncryptedData` (RFC 5652 section 8): algorithm and data.
    fn encrypted_data(&self) -> Result<(AlgorithmIdentifierOwned, Zeroizing<Vec<u8>>), Pkcs12Error> {
        let content = self.content.as_ref().map(Any::to_der).transpose()?.unwrap_or_default();
        let mut reader = SliceReader::new(&content)?;
        let encrypted = reader.sequence(|reader| {
            u8::decode(reader)?;
            let encrypted = reader.sequence(|reader| {
                let _content_type: ObjectIdentifier = reader.decode()?;
                let algorithm = AlgorithmIdentifierOwned::decode(reader)?;
                let data = Any::decode(reader)?;
                Ok::<_, der::Error>((algorithm, data))
            })?;
            // Unprotected attributes may follow.
            reader.drain(reader.remaining_len())?;
            Ok::<_, der::Error>(encrypted)
        });
        let (algorithm, data) = encrypted?;
        // [0], in one piece or in several.
        let data = match data.tag() {
            Tag::ContextSpecific { constructed: true, .. } => ber::pieces(data.value())?,
            _ => Zeroizing::new(data.value().to_vec()),
        };
        Ok((algorithm, data))
    }
}

/// `SafeBag` (RFC 7292 section 4.2).
pub(super) struct Bag {
    pub(super) kind: ObjectIdentifier,
    /// The value in DER, without the tag around it.
    pub(super) value: Zeroizing<Vec<u8>>,
    pub(super) local_key_id: Option<Vec<u8>>,
}

impl Bag {
    /// Reads a `SafeContents`; `left` is the number of bags that may still be read.
    pub(super) fn read_all(bags: &[u8], left: &mut usize, limit: usize) -> Result<Vec<Self>, Pkcs12Error> {
        let mut reader = SliceReader::new(bags)?;
        let read = reader.sequence(|reader| {
            let mut read = Vec::new();
            while !reader.is_finished() {
                *left = left.checked_sub(1).ok_or(Pkcs12Error::TooManyParts { limit })?;
                read.push(reader.sequence(Self::read)?);
            }
            Ok::<_, Pkcs12Error>(read)
        })?;
        reader.finish()?;
        Ok(read)
    }

    fn read<'a, R: Reader<'a>>(reader: &mut R) -> Result<Self, Pkcs12Error> {
        let kind = ObjectIdentifier::decode(reader)?;
        let mut explicit = SliceReader::new(reader.tlv_bytes()?)?;
        let header = der::Header::decode(&mut explicit)?;
        let value = explicit.read_slice(header.length())?;
        let attributes: Option<SetOfVec<BagAttribute>> = Option::decode(reader)?;
        let mut attributes = attributes.iter().flat_map(SetOfVec::iter);
        let local_key_id = attributes.find(|attribute| attribute.oid == oid::LOCAL_KEY_ID);
        let local_key_id = local_key_id.and_then(|attribute| attribute.values.get(0));
        Ok(Self {
            kind,
            value: Zeroizing::new(value.to_vec()),
            local_key_id: local_key_id.map(|id| id.value().to_vec()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_bags_is_limited_inclusively_over_all_calls() {
        let bags = |count: u8| {
            [&[0x30, count * 9][..], &b"\x30\x07\x06\x01\x2a\xa0\x02\x05\x00".repeat(count.into())].concat()
        };
        let mut left = 5;
        let mut read = |count| Bag::read_all(&bags(count), &mut left, 5).map(|bags| bags.len());
        assert_eq!(read(3), Ok(3));
        assert_eq!(read(2), Ok(2));
        assert_eq!(read(0), Ok(0));
        assert_eq!(read(1), Err(Pkcs12Error::TooManyParts { limit: 5 }));
    }
}
