//! Which algorithms a signature may use, and how messages and certificates name them.

use aws_lc_rs::digest::{self, Digest};
use const_oid::ObjectIdentifier;
use der::asn1::{AnyRef, ContextSpecific};
use der::{Encode, Reader, SliceReader, TagNumber};
use x509_cert::spki::AlgorithmIdentifierOwned;

use crate::{DigestAlgorithm, oid};

/// Why an algorithm or a key is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AlgorithmError {
    /// A digest that can be forged.
    #[error("the signature uses the broken digest {found}, expected SHA-256, SHA-384 or SHA-512")]
    BrokenDigest {
        /// The usual name of the digest.
        found: &'static str,
    },
    /// A digest that is not known here.
    #[error("the signature uses the digest `{found}`, expected SHA-256, SHA-384 or SHA-512")]
    Digest {
        /// The name of the digest, or its object identifier in dotted decimals.
        found: String,
    },
    /// A signature algorithm that is not known here.
    #[error("the signature algorithm is `{found}`, expected RSA, ECDSA or Ed25519")]
    Signature {
        /// The object identifier in dotted decimals.
        found: String,
    },
    /// The parameters of the algorithm contradict the standard or each other.
    #[error("the signature algorithm `{found}` has unexpected parameters")]
    Parameters {
        /// The object identifier of the algorithm, in dotted decimals.
        found: String,
    },
    /// A kind of key or a curve that is not known here.
    #[error("the key is of type `{found}`, expected RSA, P-256, P-384, P-521 or Ed25519")]
    Key {
        /// The object identifier of the type or of the curve, in dotted decimals.
        found: String,
    },
    /// An RSA key that is too small to be safe, or so large that it costs too much.
    #[error("the RSA key has {bits} bits, expected 2048 to 8192")]
    KeySize {
        /// The number of bits of the modulus.
        bits: usize,
    },
    /// The key is not well-formed.
    #[error("the public key is not well-formed")]
    MalformedKey,
    /// The signature algorithm needs a key of another kind.
    #[error("the signature algorithm does not fit the kind of key")]
    KeyMismatch,
}

/// The digests that are accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    pub(crate) fn from_oid(found: ObjectIdentifier) -> Result<Self, AlgorithmError> {
        match found {
            oid::SHA256 => Ok(Self::Sha256),
            oid::SHA384 => Ok(Self::Sha384),
            oid::SHA512 => Ok(Self::Sha512),
            oid::SHA1 => Err(AlgorithmError::BrokenDigest { found: "SHA-1" }),
            oid::MD5 => Err(AlgorithmError::BrokenDigest { found: "MD5" }),
            oid::MD2 => Err(AlgorithmError::BrokenDigest { found: "MD2" }),
            found => Err(AlgorithmError::Digest { found: DigestAlgorithm::from(found).to_string() }),
        }
    }

    /// Reads the identifier of a digest; its parameters are absent or NULL (RFC 5754 section 2).
    pub(crate) fn from_identifier(identifier: &AlgorithmIdentifierOwned) -> Result<Self, AlgorithmError> {
        let hash = Self::from_oid(identifier.oid)?;
        absent_or_null(identifier)?;
        Ok(hash)
    }

    pub(crate) fn oid(self) -> ObjectIdentifier {
        match self {
            Self::Sha256 => oid::SHA256,
            Self::Sha384 => oid::SHA384,
            Self::Sha512 => oid::SHA512,
        }
    }

    pub(crate) fn digest(self, data: &[u8]) -> Digest {
        digest::digest(self.algorithm(), data)
    }

    fn algorithm(self) -> &'static digest::Algorithm {
        match self {
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
        }
    }
}

/// How a signature value is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    RsaPkcs1(Hash),
    /// With MGF1 of the same digest, and a salt of its size.
    RsaPss(Hash),
    Ecdsa(Hash),
    Ed25519,
}

impl Scheme {
    /// Reads the algorithm of a certificate or a revocation list.
    pub(crate) fn of_certificate(identifier: &AlgorithmIdentifierOwned) -> Result<Self, AlgorithmError> {
        let scheme = match identifier.oid {
            oid::RSA_SHA256 => Self::RsaPkcs1(Hash::Sha256),
            oid::RSA_SHA384 => Self::RsaPkcs1(Hash::Sha384),
            oid::RSA_SHA512 => Self::RsaPkcs1(Hash::Sha512),
            oid::ECDSA_SHA256 => Self::Ecdsa(Hash::Sha256),
            oid::ECDSA_SHA384 => Self::Ecdsa(Hash::Sha384),
            oid::ECDSA_SHA512 => Self::Ecdsa(Hash::Sha512),
            oid::ED25519 => Self::Ed25519,
            oid::RSA_PSS => return pss_hash(identifier).map(Self::RsaPss),
            oid::RSA_SHA1 | oid::RSA_SHA1_OIW | oid::ECDSA_SHA1 | oid::DSA_SHA1 => {
                return Err(AlgorithmError::BrokenDigest { found: "SHA-1" });
            }
            oid::RSA_MD5 => return Err(AlgorithmError::BrokenDigest { found: "MD5" }),
            oid::RSA_MD2 => return Err(AlgorithmError::BrokenDigest { found: "MD2" }),
            oid::RSA_SHA224 | oid::ECDSA_SHA224 => {
                return Err(AlgorithmError::Digest { found: "SHA-224".into() });
            }
            found => return Err(AlgorithmError::Signature { found: found.to_string() }),
        };
        absent_or_null(identifier)?;
        Ok(scheme)
    }

    /// Reads the algorithm of a signer, who states the digest beside it. RFC 5652 section 5.3 wants both to
    /// agree; many name just the kind of key (RFC 3370 section 3.2).
    pub(crate) fn of_signer(
        identifier: &AlgorithmIdentifierOwned,
        hash: Hash,
    ) -> Result<Self, AlgorithmError> {
        let scheme = match identifier.oid {
            oid::RSA | oid::EC => {
                absent_or_null(identifier)?;
                if identifier.oid == oid::RSA { Self::RsaPkcs1(hash) } else { Self::Ecdsa(hash) }
            }
            _ => Self::of_certificate(identifier)?,
        };
        match scheme {
            Self::RsaPkcs1(own) | Self::RsaPss(own) | Self::Ecdsa(own) if own != hash => {
                Err(parameters(identifier))
            }
            scheme => Ok(scheme),
        }
    }
}

/// The digest of an RSASSA-PSS algorithm (RFC 4055 section 3.1): explicit, MGF1 of the same, the salt as
/// long as the digest. What is left out there means SHA-1.
pub(crate) fn pss_hash(identifier: &AlgorithmIdentifierOwned) -> Result<Hash, AlgorithmError> {
    let malformed = |_| parameters(identifier);
    let Some(encoded) = &identifier.parameters else {
        return Err(parameters(identifier));
    };
    let encoded = encoded.to_der().map_err(malformed)?;
    let mut reader = SliceReader::new(&encoded).map_err(malformed)?;
    let fields = reader.sequence(|reader| {
        let hash = ContextSpecific::<AlgorithmIdentifierOwned>::decode_explicit(reader, TagNumber(0))?;
        let mask = ContextSpecific::<AlgorithmIdentifierOwned>::decode_explicit(reader, TagNumber(1))?;
        let salt_bytes = ContextSpecific::<u32>::decode_explicit(reader, TagNumber(2))?;
        let trailer = ContextSpecific::<u8>::decode_explicit(reader, TagNumber(3))?;
        Ok::<_, der::Error>((hash, mask, salt_bytes, trailer))
    });
    let (hash, mask, salt_bytes, trailer) = fields.map_err(malformed)?;
    reader.finish().map_err(malformed)?;
    let Some(hash) = hash else {
        return Err(AlgorithmError::BrokenDigest { found: "SHA-1" });
    };
    let hash = Hash::from_identifier(&hash.value)?;
    let mask_hash = match mask {
        Some(mask) if mask.value.oid == oid::MGF1 => mask.value.parameters,
        _ => None,
    };
    let mask_hash = mask_hash.and_then(|hash| hash.decode_as::<AlgorithmIdentifierOwned>().ok());
    let same_mask = mask_hash.is_some_and(|mask| Hash::from_identifier(&mask) == Ok(hash));
    let salt_bytes = salt_bytes.map_or(20, |field| field.value);
    let same_salt = usize::try_from(salt_bytes) == Ok(hash.algorithm().output_len());
    if same_mask && same_salt && trailer.is_none_or(|field| field.value == 1) {
        Ok(hash)
    } else {
        Err(parameters(identifier))
    }
}

/// Most algorithms here have no parameters; some writers put a NULL.
pub(crate) fn absent_or_null(identifier: &AlgorithmIdentifierOwned) -> Result<(), AlgorithmError> {
    match identifier.parameters.as_ref().map(AnyRef::from) {
        None => Ok(()),
        Some(found) if found == AnyRef::NULL => Ok(()),
        Some(_) => Err(parameters(identifier)),
    }
}

fn parameters(identifier: &AlgorithmIdentifierOwned) -> AlgorithmError {
    AlgorithmError::Parameters { found: identifier.oid.to_string() }
}
