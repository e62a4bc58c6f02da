//! Public keys, and what can be checked with them.

use aws_lc_rs::signature::{self as lc, UnparsedPublicKey, VerificationAlgorithm};
use const_oid::ObjectIdentifier;
use der::asn1::UintRef;
use der::{Reader, SliceReader};
use x509_cert::spki::SubjectPublicKeyInfoOwned;

use crate::algorithm::{AlgorithmError, Hash, Scheme, absent_or_null, pss_hash};
use crate::oid;

/// Bits of an RSA modulus, inclusive: less can be factored, more costs too much time.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// The kind of a public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyKind {
    Rsa,
    /// For RSASSA-PSS only, perhaps with one digest only (RFC 4055 section 3.3).
    RsaPss(Option<Hash>),
    P256,
    P384,
    P521,
    Ed25519,
}

/// A public key of a kind and size that is accepted.
#[derive(Clone, Debug)]
pub(crate) struct PublicKey {
    kind: KeyKind,
    /// The bits of the key as they stand in the certificate.
    bytes: Vec<u8>,
}

impl PublicKey {
    /// Reads the key of a certificate.
    pub(crate) fn read(info: &SubjectPublicKeyInfoOwned) -> Result<Self, AlgorithmError> {
        let bytes = info.subject_public_key.as_bytes().ok_or(AlgorithmError::MalformedKey)?;
        let kind = match info.algorithm.oid {
            oid::RSA => {
                absent_or_null(&info.algorithm)?;
                KeyKind::Rsa
            }
            oid::RSA_PSS if info.algorithm.parameters.is_none() => KeyKind::RsaPss(None),
            oid::RSA_PSS => KeyKind::RsaPss(Some(pss_hash(&info.algorithm)?)),
            oid::EC => curve(info)?,
            oid::ED25519 if info.algorithm.parameters.is_none() => KeyKind::Ed25519,
            found => return Err(AlgorithmError::Key { found: found.to_string() }),
        };
        if matches!(kind, KeyKind::Rsa | KeyKind::RsaPss(_)) {
            check_modulus(bytes)?;
        }
        Ok(Self { kind, bytes: bytes.to_vec() })
    }

    pub(crate) fn kind(&self) -> KeyKind {
        self.kind
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether `signature` is this key's over `message`.
    pub(crate) fn verifies(
        &self,
        scheme: Scheme,
        message: &[u8],
        signature: &[u8],
    ) -> Result<bool, AlgorithmError> {
        let algorithm = self.verification(scheme).ok_or(AlgorithmError::KeyMismatch)?;
        let key = UnparsedPublicKey::new(algorithm, &self.bytes);
        Ok(key.verify(message, signature).is_ok())
    }

    /// Every pair of a scheme and a kind of key that go together.
    fn verification(&self, scheme: Scheme) -> Option<&'static dyn VerificationAlgorithm> {
        use Hash::{Sha256, Sha384, Sha512};
        Some(match (scheme, self.kind) {
            (Scheme::RsaPkcs1(Sha256), KeyKind::Rsa) => &lc::RSA_PKCS1_2048_8192_SHA256,
            (Scheme::RsaPkcs1(Sha384), KeyKind::Rsa) => &lc::RSA_PKCS1_2048_8192_SHA384,
            (Scheme::RsaPkcs1(Sha512), KeyKind::Rsa) => &lc::RSA_PKCS1_2048_8192_SHA512,
            (Scheme::RsaPss(hash), KeyKind::RsaPss(Some(only))) if hash != only => return None,
            (Scheme::RsaPss(hash), KeyKind::Rsa | KeyKind::RsaPss(_)) => match hash {
                Sha256 => &lc::RSA_PSS_2048_8192_SHA256,
                Sha384 => &lc::RSA_PSS_2048_8192_SHA384,
                Sha512 => &lc::RSA_PSS_2048_8192_SHA512,
            },
            (Scheme::Ecdsa(Sha256), KeyKind::P256) => &lc::ECDSA_P256_SHA256_ASN1,
            (Scheme::Ecdsa(Sha384), KeyKind::P256) => &lc::ECDSA_P256_SHA384_ASN1,
            (Scheme::Ecdsa(Sha512), KeyKind::P256) => &lc::ECDSA_P256_SHA512_ASN1,
            (Scheme::Ecdsa(Sha256), KeyKind::P384) => &lc::ECDSA_P384_SHA256_ASN1,
            (Scheme::Ecdsa(Sha384), KeyKind::P384) => &lc::ECDSA_P384_SHA384_ASN1,
            (Scheme::Ecdsa(Sha512), KeyKind::P384) => &lc::ECDSA_P384_SHA512_ASN1,
            (Scheme::Ecdsa(Sha256), KeyKind::P521) => &lc::ECDSA_P521_SHA256_ASN1,
            (Scheme::Ecdsa(Sha384), KeyKind::P521) => &lc::ECDSA_P521_SHA384_ASN1,
            (Scheme::Ecdsa(Sha512), KeyKind::P521) => &lc::ECDSA_P521_SHA512_ASN1,
            (Scheme::Ed25519, KeyKind::Ed25519) => &lc::ED25519,
            _ => return None,
        })
    }
}

/// The named curve of an elliptic curve key (RFC 5480 section 2.1.1).
fn curve(info: &SubjectPublicKeyInfoOwned) -> Result<KeyKind, AlgorithmError> {
    let parameters = info.algorithm.parameters.as_ref();
    let name = parameters.and_then(|any| any.decode_as::<ObjectIdentifier>().ok());
    match name {
        Some(oid::P256) => Ok(KeyKind::P256),
        Some(oid::P384) => Ok(KeyKind::P384),
        Some(oid::P521) => Ok(KeyKind::P521),
        Some(found) => Err(AlgorithmError::Key { found: found.to_string() }),
        // A curve that is described, not named: nobody has checked its numbers.
        None => Err(AlgorithmError::Key { found: info.algorithm.oid.to_string() }),
    }
}

/// Checks the size of an `RSAPublicKey` (RFC 8017 section A.1.1).
fn check_modulus(bytes: &[u8]) -> Result<(), AlgorithmError> {
    let malformed = |_| AlgorithmError::MalformedKey;
    let mut reader = SliceReader::new(bytes).map_err(malformed)?;
    let key = reader.sequence(|reader| {
        let modulus: UintRef<'_> = reader.decode()?;
        let _exponent: UintRef<'_> = reader.decode()?;
        Ok::<_, der::Error>(modulus)
    });
    let modulus = key.map_err(malformed)?.as_bytes();
    reader.finish().map_err(malformed)?;
    let leading_zeros = modulus.first().map_or(0, |first| first.leading_zeros() as usize);
    let bits = modulus.len() * 8 - leading_zeros;
    if RSA_BITS.contains(&bits) { Ok(()) } else { Err(AlgorithmError::KeySize { bits }) }
}
