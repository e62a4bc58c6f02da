//! New keys.

use aws_lc_rs::digest;
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, RsaKeyPair};
use der::Encode;
use der::asn1::BitStringRef;
use zeroize::Zeroizing;

use super::IssueError;
use crate::private_key::PrivateKey;
use crate::{der_write, oid};

/// A kind of key that is made here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyType {
    /// RSA with 2048 bits. Making one takes a moment: up to a second.
    Rsa2048,
    /// The elliptic curve P-256.
    P256,
}

/// A new private key. It is wiped when it is dropped, and can leave the memory only encrypted, in a PKCS#12 file.
#[derive(Debug)]
pub struct KeyPair {
    pub(super) kind: KeyType,
    pub(super) key: PrivateKey,
}

impl KeyPair {
    /// Makes a key from the system's randomness.
    pub fn generate(kind: KeyType) -> Result<Self, IssueError> {
        let failed = |_| IssueError::Key { action: "make a key" };
        let key = match kind {
            KeyType::Rsa2048 => RsaKeyPair::generate(KeySize::Rsa2048).map(PrivateKey::Rsa),
            KeyType::P256 => EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).map(PrivateKey::Ecdsa),
        };
        Ok(Self { kind, key: key.map_err(failed)? })
    }

    /// The private key in the form of PKCS#8.
    pub(super) fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, IssueError> {
        let failed = |_| IssueError::Key { action: "read the new key" };
        match &self.key {
            PrivateKey::Rsa(key) => {
                let der: Pkcs8V1Der<'_> = key.as_der().map_err(failed)?;
                Ok(Zeroizing::new(der.as_ref().to_vec()))
            }
            PrivateKey::Ecdsa(key) => Ok(Zeroizing::new(key.to_pkcs8v1().map_err(failed)?.as_ref().to_vec())),
            PrivateKey::Ed25519(_) => Err(IssueError::Key { action: "write a key of this kind" }),
        }
    }

    /// The public key as it stands in a certificate: `SubjectPublicKeyInfo` (RFC 5280 section 4.1.2.7).
    pub(super) fn public_key_info(&self) -> der::Result<Vec<u8>> {
        let algorithm = match self.kind {
            KeyType::Rsa2048 => [oid::RSA.to_der()?, vec![0x05, 0x00]],
            KeyType::P256 => [oid::EC.to_der()?, oid::P256.to_der()?],
        };
        let key = BitStringRef::from_bytes(self.key.public_key())?;
        der_write::sequence(&[&der_write::sequence(&[&algorithm.concat()])?, &key.to_der()?])
    }

    /// What tells this key from others in certificates: the first 20 bytes of its SHA-256 (RFC 7093 section 2,
    /// method 1).
    pub(super) fn identifier(&self) -> Vec<u8> {
        let digest = digest::digest(&digest::SHA256, self.key.public_key());
        digest.as_ref().iter().copied().take(20).collect()
    }
}
