//! Why a certificate, a revocation list or a key file could not be made.

use crate::{AlgorithmError, Pkcs12Error, SigningCertificatesError, Timestamp};

/// Why nothing was issued. Nothing in here tells a password or a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IssueError {
    /// The end is before the beginning.
    #[error("the validity ends at {until}, before it begins at {from}")]
    Validity {
        /// The beginning.
        from: Timestamp,
        /// The end.
        until: Timestamp,
    },
    /// A name is not one.
    #[error("`{subject}` is not a name in the form of RFC 4514, such as `CN=Developer 1,O=Example`")]
    Subject {
        /// The text.
        subject: String,
        /// What the parser found.
        source: der::Error,
    },
    /// An authority that is not a root is to have an authority below it, which its certificate does not allow.
    #[error("`{subject}` is not a root: its certificate allows no authority below it")]
    NotRoot {
        /// The authority.
        subject: String,
    },
    /// A certificate is to be revoked by an authority that has not issued it.
    #[error("the certificate of `{subject}` was issued by `{found}`, expected `{expected}`")]
    OtherIssuer {
        /// Whose certificate.
        subject: String,
        /// Who issued it.
        found: String,
        /// The authority that is asked to revoke it.
        expected: String,
    },
    /// A certificate that is to be revoked is none.
    #[error("the certificate that is to be revoked is not well-formed")]
    Malformed {
        /// What the decoder found.
        source: der::Error,
    },
    /// The parts cannot be put together.
    #[error("what is issued cannot be encoded")]
    Encode {
        /// What the encoder found.
        #[from]
        source: der::Error,
    },
    /// The library that works with keys gave up; it does not say why.
    #[error("cannot {action}")]
    Key {
        /// What was to be done, like `make a key`.
        action: &'static str,
    },
    /// What was made does not verify.
    #[error("what was issued for `{subject}` does not verify")]
    Unverified {
        /// Whom it was for.
        subject: String,
    },
    /// A key or an algorithm is not accepted.
    #[error(transparent)]
    Algorithm(#[from] AlgorithmError),
    /// The certificates cannot stand beside the key.
    #[error(transparent)]
    Certificates(#[from] SigningCertificatesError),
    /// The key file cannot be made.
    #[error(transparent)]
    Pkcs12(#[from] Pkcs12Error),
}
