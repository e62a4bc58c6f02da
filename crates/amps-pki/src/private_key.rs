//! Private keys in memory, held and wiped by aws-lc.

use std::error::Error;
use std::fmt;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    self as lc, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair, RsaKeyPair,
};
use const_oid::ObjectIdentifier;
use der::{Decode, Reader, SliceReader};
use x509_cert::spki::AlgorithmIdentifierOwned;

use crate::{AlgorithmError, oid};

/// A private key that can sign. aws-lc wipes its memory when it is dropped.
pub(crate) enum PrivateKey {
    Rsa(RsaKeyPair),
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl PrivateKey {
    /// Reads a key in the form of PKCS#8 (RFC 5958 section 2).
    pub(crate) fn from_pkcs8(der: &[u8]) -> Result<Self, AlgorithmError> {
        let malformed = || AlgorithmError::MalformedKey;
        let algorithm = algorithm(der).map_err(|_| malformed())?;
        match algorithm.oid {
            oid::RSA => match RsaKeyPair::from_pkcs8(der) {
                Ok(key) => Ok(Self::Rsa(key)),
                Err(_) => Err(rsa_bits(der).map_or_else(malformed, |bits| AlgorithmError::KeySize { bits })),
            },
            oid::EC => {
                let parameters = algorithm.parameters.as_ref();
                let curve = parameters.and_then(|any| any.decode_as::<ObjectIdentifier>().ok());
                let curve: &'static EcdsaSigningAlgorithm = match curve {
                    Some(oid::P256) => &lc::ECDSA_P256_SHA256_ASN1_SIGNING,
                    Some(oid::P384) => &lc::ECDSA_P384_SHA384_ASN1_SIGNING,
                    Some(oid::P521) => &lc::ECDSA_P521_SHA512_ASN1_SIGNING,
                    found => {
                        let found = found.unwrap_or(algorithm.oid).to_string();
                        return Err(AlgorithmError::Key { found });
                    }
                };
                EcdsaKeyPair::from_private_key_der(curve, der).map(Self::Ecdsa).map_err(|_| malformed())
            }
            oid::ED25519 => {
                Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).map(Self::Ed25519).map_err(|_| malformed())
            }
            found => Err(AlgorithmError::Key { found: found.to_string() }),
        }
    }

    /// The public key as it stands in a certificate, without the name of its algorithm.
    pub(crate) fn public_key(&self) -> &[u8] {
        match self {
            Self::Rsa(key) => key.public_key().as_ref(),
            Self::Ecdsa(key) => key.public_key().as_ref(),
            Self::Ed25519(key) => key.public_key().as_ref(),
        }
    }

    /// Signs a message in the way that [`crate::SigningAlgorithm`] says for the kind of key.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
        let random = SystemRandom::new();
        match self {
            Self::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&lc::RSA_PKCS1_SHA256, &random, message, &mut signature)?;
                Ok(signature)
            }
            Self::Ecdsa(key) => Ok(key.sign(&random, message)?.as_ref().to_vec()),
            Self::Ed25519(key) => Ok(key.try_sign(message)?.as_ref().to_vec()),
        }
    }
}

/// Shows the kind of key and nothing of it.
impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rsa(_) => "PrivateKey(RSA, redacted)",
            Self::Ecdsa(_) => "PrivateKey(ECDSA, redacted)",
            Self::Ed25519(_) => "PrivateKey(Ed25519, redacted)",
        })
    }
}

/// The algorithm of a key in the form of PKCS#8: version, algorithm, key, and more that does not matter here.
fn algorithm(der: &[u8]) -> der::Result<AlgorithmIdentifierOwned> {
    let mut reader = SliceReader::new(der)?;
    reader.sequence(|reader| {
        u8::decode(reader)?;
        let algorithm = AlgorithmIdentifierOwned::decode(reader)?;
        reader.drain(reader.remaining_len())?;
        Ok(algorithm)
    })
}

/// The bits of the modulus of an RSA key that aws-lc did not take: the usual reason is its size.
fn rsa_bits(der: &[u8]) -> Option<usize> {
    let mut reader = SliceReader::new(der).ok()?;
    let key = reader.sequence(|reader| {
        u8::decode(reader)?;
        AlgorithmIdentifierOwned::decode(reader)?;
        let key = <&der::asn1::OctetStringRef>::decode(reader)?;
        reader.drain(reader.remaining_len())?;
        Ok::<_, der::Error>(key.as_bytes())
    });
    let mut reader = SliceReader::new(key.ok()?).ok()?;
    let modulus = reader.sequence(|reader| {
        u8::decode(reader)?;
        let modulus: der::asn1::UintRef<'_> = reader.decode()?;
        reader.drain(reader.remaining_len())?;
        Ok::<_, der::Error>(modulus.as_bytes())
    });
    let modulus = modulus.ok()?;
    let bits = modulus.len() * 8 - modulus.first().map_or(0, |first| first.leading_zeros() as usize);
    (!(2048..=8192).contains(&bits)).then_some(bits)
}
