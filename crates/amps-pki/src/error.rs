//! What can be wrong with a signature.

use crate::{MAX_CERTIFICATES, MAX_SIGNATURE_BYTES, MAX_SIGNERS};

/// Why bytes are not a signature that a package can carry.
///
/// Messages may quote names from certificates as they are: escape them before showing them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The signature is larger than [`MAX_SIGNATURE_BYTES`].
    #[error("the signature has {size_bytes} bytes, expected at most {MAX_SIGNATURE_BYTES}")]
    TooLarge {
        /// The size found, in bytes.
        size_bytes: usize,
    },
    /// The bytes are not a CMS message. The source says where and why.
    #[error("the signature is not a well-formed CMS message")]
    Malformed {
        /// What the decoder found, and at which byte.
        #[from]
        source: der::Error,
    },
    /// Bytes follow after the message.
    #[error("{count} bytes follow the CMS message, expected none")]
    TrailingBytes {
        /// The number of bytes after the end of the message.
        count: usize,
    },
    /// The message is of another kind: encrypted, compressed, plain data.
    #[error("the CMS message is of type `{found}`, expected signed data (`1.2.840.113549.1.7.2`)")]
    NotSignedData {
        /// The object identifier of the type found, in dotted decimals.
        found: String,
    },
    /// What is signed is not plain data.
    #[error("the CMS message signs content of type `{found}`, expected data (`1.2.840.113549.1.7.1`)")]
    ContentType {
        /// The object identifier of the content type found, in dotted decimals.
        found: String,
    },
    /// The message contains the signed content.
    #[error("the CMS message contains the content that it signs, expected a detached signature")]
    Attached,
    /// Nobody signed: the message only carries certificates.
    #[error("the CMS message has no signer, expected at least one")]
    NoSigners,
    /// The message has more than [`MAX_SIGNERS`] signers.
    #[error("the CMS message has more than {MAX_SIGNERS} signers")]
    TooManySigners,
    /// The message has more than [`MAX_CERTIFICATES`] certificates.
    #[error("the CMS message has more than {MAX_CERTIFICATES} certificates")]
    TooManyCertificates,
    /// Among the certificates stands something that no version of CMS allows there.
    #[error("found {found} among the certificates of the CMS message, expected an X.509 certificate")]
    NotACertificate {
        /// The ASN.1 tag found.
        found: der::Tag,
    },
    /// A certificate in the message cannot be read.
    #[error("certificate {index} of the CMS message is not a well-formed X.509 certificate in DER")]
    Certificate {
        /// Its position among the X.509 certificates of the message, from 0.
        index: usize,
        /// What the decoder found.
        source: der::Error,
    },
    /// More than one certificate answers to the identifier of a signer.
    #[error("different certificates of the CMS message answer to the signer `{signer}`, expected one")]
    AmbiguousSigner {
        /// The identifier of the signer.
        signer: String,
    },
}
