//! What can be wrong with a PKCS#12 file.

use crate::{AlgorithmError, MAX_PKCS12_BYTES, SigningCertificatesError};

/// Why a PKCS#12 file gives no signer. Nothing in here tells the password or a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Pkcs12Error {
    /// The file is larger than [`MAX_PKCS12_BYTES`].
    #[error("the PKCS#12 file has {size_bytes} bytes, expected at most {MAX_PKCS12_BYTES}")]
    TooLarge {
        /// The size found, in bytes.
        size_bytes: usize,
    },
    /// The bytes are not a PKCS#12 file, or a damaged one.
    #[error("not a well-formed PKCS#12 file: it is damaged or of another kind")]
    Malformed {
        /// What the decoder found.
        #[from]
        source: der::Error,
    },
    /// The file has no check value (MAC): anyone could have put another key in.
    #[error(
        "the PKCS#12 file has no MAC, so nothing shows that it is intact: expected one made with the password"
    )]
    NoMac,
    /// The password opens no part of the file.
    #[error("the password does not open the PKCS#12 file")]
    WrongPassword,
    /// The password opens a part of the file, but its check value (MAC) is wrong.
    #[error("the PKCS#12 file is damaged: the password opens it, but its MAC does not fit its contents")]
    Damaged,
    /// The check value (MAC) fits the password, but something in the file was encrypted with another one.
    #[error("the password fits the PKCS#12 file, but a part of it was encrypted with another one")]
    OtherPassword,
    /// The password is used so often to derive keys that opening the file would take too long.
    #[error("opening the PKCS#12 file takes more than {limit} rounds of key derivation")]
    TooMuchWork {
        /// The limit for all derivations together, inclusive.
        limit: u32,
    },
    /// The file has too many parts.
    #[error("the PKCS#12 file has more than {limit} parts")]
    TooManyParts {
        /// The limit, inclusive.
        limit: usize,
    },
    /// The file uses an algorithm that is not supported.
    #[error("the PKCS#12 file uses the algorithm `{found}`, which is not supported")]
    UnsupportedAlgorithm {
        /// The object identifier in dotted decimals.
        found: String,
    },
    /// A part of the file is protected in another way than with a password.
    #[error(
        "a part of the PKCS#12 file is of type `{found}`, expected data or data encrypted with a password"
    )]
    UnsupportedContent {
        /// The object identifier in dotted decimals.
        found: String,
    },
    /// There is no private key in the file.
    #[error("the PKCS#12 file has no private key")]
    NoKey,
    /// There is more than one private key in the file.
    #[error("the PKCS#12 file has {found} private keys, expected one")]
    SeveralKeys {
        /// The number of different keys.
        found: usize,
    },
    /// The private key cannot be used.
    #[error("the private key in the PKCS#12 file cannot be used")]
    Key {
        /// What is wrong with it.
        source: AlgorithmError,
    },
    /// No certificate in the file belongs to the private key.
    #[error("none of the {found} certificates in the PKCS#12 file belongs to its private key")]
    NoCertificate {
        /// The number of certificates in the file.
        found: usize,
    },
    /// Several certificates belong to the private key, and nothing says which one is meant.
    #[error("{found} certificates in the PKCS#12 file belong to its private key, expected one")]
    SeveralCertificates {
        /// How many.
        found: usize,
    },
    /// A certificate in the file cannot be used.
    #[error("a certificate in the PKCS#12 file cannot be used")]
    Certificates {
        /// What is wrong with it.
        #[from]
        source: SigningCertificatesError,
    },
}
