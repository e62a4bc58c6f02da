//! Who makes signatures: a key, wherever it lives, and the certificates that belong to it.

use std::error::Error;
use std::fmt;

use const_oid::ObjectIdentifier;
use der::Encode;

use crate::algorithm::{AlgorithmError, Hash};
use crate::public_key::KeyKind;
use crate::x509::ParsedCertificate;
use crate::{Certificate, der_write, oid};

/// A key that signs, and its certificates.
///
/// The key may stay where it is: in a PKCS#12 file ([`Pkcs12Signer`](crate::Pkcs12Signer)), in a hardware
/// module, behind a network service.
pub trait Signer: Send + Sync {
    /// The signer's certificate and the others that are to be included in its signatures.
    fn certificates(&self) -> &SigningCertificates;

    /// Signs a message (not its digest) in the way that [`SigningCertificates::algorithm`] says. The result is
    /// the value as CMS carries it: for ECDSA the sequence of two integers in DER (RFC 5480 appendix A).
    ///
    /// Errors are shown to operators: they must not hold anything secret.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>>;
}

/// The way in which a key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SigningAlgorithm {
    /// RSA with PKCS#1 v1.5 padding and SHA-256.
    RsaPkcs1Sha256,
    /// ECDSA on P-256 with SHA-256.
    EcdsaP256Sha256,
    /// ECDSA on P-384 with SHA-384.
    EcdsaP384Sha384,
    /// ECDSA on P-521 with SHA-512.
    EcdsaP521Sha512,
    /// Ed25519; the digest of the content is SHA-512 (RFC 8419 section 3.1).
    Ed25519,
}

impl SigningAlgorithm {
    /// The way in which a kind of key signs; `None` if it makes no signatures here.
    fn of_key(kind: KeyKind) -> Option<Self> {
        match kind {
            KeyKind::Rsa => Some(Self::RsaPkcs1Sha256),
            // Good for PSS only, which devices need not know.
            KeyKind::RsaPss(_) => None,
            KeyKind::P256 => Some(Self::EcdsaP256Sha256),
            KeyKind::P384 => Some(Self::EcdsaP384Sha384),
            KeyKind::P521 => Some(Self::EcdsaP521Sha512),
            KeyKind::Ed25519 => Some(Self::Ed25519),
        }
    }

    pub(crate) fn hash(self) -> Hash {
        match self {
            Self::RsaPkcs1Sha256 | Self::EcdsaP256Sha256 => Hash::Sha256,
            Self::EcdsaP384Sha384 => Hash::Sha384,
            Self::EcdsaP521Sha512 | Self::Ed25519 => Hash::Sha512,
        }
    }

    /// The algorithm identifier of a signature, in DER.
    pub(crate) fn identifier(self) -> der::Result<Vec<u8>> {
        // What every reader knows: the kind of key, with NULL (RFC 3370 section 3.2).
        let (oid, parameters): (ObjectIdentifier, &[u8]) = match self {
            Self::RsaPkcs1Sha256 => (oid::RSA, &[0x05, 0x00]),
            Self::EcdsaP256Sha256 => (oid::ECDSA_SHA256, &[]),
            Self::EcdsaP384Sha384 => (oid::ECDSA_SHA384, &[]),
            Self::EcdsaP521Sha512 => (oid::ECDSA_SHA512, &[]),
            Self::Ed25519 => (oid::ED25519, &[]),
        };
        der_write::sequence(&[&oid.to_der()?, parameters])
    }
}

/// Why certificates cannot stand beside a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SigningCertificatesError {
    /// A certificate is not well-formed.
    #[error("certificate {index} of the signer is not a well-formed X.509 certificate in DER")]
    Malformed {
        /// Its position: 0 for the signer's own, from 1 for the others.
        index: usize,
        /// What the decoder found.
        source: der::Error,
    },
    /// The signer's certificate has a key that makes no signatures here.
    #[error("the key of `{subject}` cannot sign packages")]
    Key {
        /// The subject of the signer's certificate.
        subject: String,
        /// What is wrong with it.
        source: AlgorithmError,
    },
}

/// The certificates that a signer includes in its signatures.
#[derive(Clone)]
pub struct SigningCertificates {
    own: ParsedCertificate,
    algorithm: SigningAlgorithm,
    /// All of them, in DER, each once, in the order of a set.
    set: Vec<u8>,
}

impl SigningCertificates {
    /// Takes the signer's certificate and the others, such as those of its CA, in DER.
    pub fn new<'a>(
        own: &[u8],
        others: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<Self, SigningCertificatesError> {
        let read = |index, der: &[u8]| {
            let read = ParsedCertificate::read(der);
            read.map_err(|source| SigningCertificatesError::Malformed { index, source })
        };
        let own = read(0, own)?;
        let subject = || own.description.subject().to_owned();
        let key = own.key.as_ref();
        let key = key
            .map_err(|source| SigningCertificatesError::Key { subject: subject(), source: source.clone() })?;
        let algorithm = SigningAlgorithm::of_key(key.kind()).ok_or_else(|| {
            let source = AlgorithmError::Key { found: oid::RSA_PSS.to_string() };
            SigningCertificatesError::Key { subject: subject(), source }
        })?;
        let mut all = vec![own.der().to_vec()];
        for (index, other) in (1..).zip(others) {
            let other = read(index, other)?;
            if !all.iter().any(|known| known == other.der()) {
                all.push(other.der().to_vec());
            }
        }
        Ok(Self { own, algorithm, set: der_write::sorted(all) })
    }

    /// What the signer's certificate says.
    pub fn own(&self) -> &Certificate {
        &self.own.description
    }

    /// The signer's certificate in DER.
    pub fn own_der(&self) -> &[u8] {
        self.own.der()
    }

    /// The way in which the key of the signer's certificate signs.
    pub fn algorithm(&self) -> SigningAlgorithm {
        self.algorithm
    }

    pub(crate) fn parsed(&self) -> &ParsedCertificate {
        &self.own
    }

    pub(crate) fn set(&self) -> &[u8] {
        &self.set
    }
}

/// Shows the signer's certificate, not the bytes of all of them.
impl fmt::Debug for SigningCertificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningCertificates")
            .field("own", &self.own)
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}
