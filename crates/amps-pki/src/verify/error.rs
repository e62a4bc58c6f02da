//! What can be wrong with a signature that can be read.

use crate::algorithm::AlgorithmError;
use crate::{ChainError, Error, SignerId};

/// Why a signature does not hold.
///
/// Messages may quote names from certificates as they are: escape them before showing them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The bytes are not a signature that a package can carry.
    #[error(transparent)]
    Message(#[from] Error),
    /// More than one signer: which of them counts would be a guess.
    #[error("the CMS message has {found} signers, expected one")]
    SeveralSigners {
        /// The number of signers.
        found: usize,
    },
    /// The message has a version that does not go with its contents (RFC 5652 sections 5.1 and 5.3).
    #[error("the CMS message or its signer has the wrong version for its contents")]
    Version,
    /// The signer's certificate is not in the message.
    #[error("the certificate of the signer ({signer}) is not included in the CMS message")]
    NoCertificate {
        /// How the message names the signer.
        signer: SignerId,
    },
    /// The signer's digest is not among those that the message announces.
    #[error("the CMS message does not announce the digest algorithm of its signer")]
    DigestNotAnnounced,
    /// The algorithm of the signature is not accepted.
    #[error("the algorithm of the signature is not acceptable")]
    Algorithm {
        /// What is wrong with it.
        #[from]
        source: AlgorithmError,
    },
    /// A signed attribute that must be there is missing.
    #[error("the signed attribute {name} is missing")]
    MissingAttribute {
        /// Its name in RFC 5652 section 11.
        name: &'static str,
    },
    /// A signed attribute stands there more than once, or has not exactly one value.
    #[error("the signed attribute {name} has not exactly one value")]
    RepeatedAttribute {
        /// Its name in RFC 5652 section 11.
        name: &'static str,
    },
    /// A signed attribute is not well-formed.
    #[error("the signed attribute {name} is not well-formed")]
    MalformedAttribute {
        /// Its name in RFC 5652 section 11.
        name: &'static str,
        /// What the decoder found.
        source: der::Error,
    },
    /// The signed attributes say that something else than plain data is signed.
    #[error("the signed content type is `{found}`, expected data (`1.2.840.113549.1.7.1`)")]
    ContentType {
        /// The object identifier found, in dotted decimals.
        found: String,
    },
    /// The signature was made over something else.
    #[error("the signature was made over other content: found the digest `{found}`, expected `{expected}`")]
    ContentDigest {
        /// The digest in the message, in upper-case hexadecimal digits.
        found: String,
        /// The digest of the base64 text that should have been signed.
        expected: String,
    },
    /// The signature value is wrong: the message was changed, or signed with another key.
    #[error("the signature was not made with the key of `{subject}`, or not over this content")]
    Signature {
        /// The subject of the signer's certificate.
        subject: String,
    },
    /// The signer's certificate does not lead to a trusted root.
    #[error("the signer is not trusted")]
    Chain {
        /// What is wrong with the chain.
        #[from]
        source: ChainError,
    },
}
