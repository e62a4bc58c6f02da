//! What can be wrong with the chain from a signer to a trusted root.

use crate::algorithm::AlgorithmError;
use crate::extensions::ExtensionError;
use crate::{Certificate, MAX_CHAIN_CERTIFICATES, Timestamp};

/// Why a certificate does not lead to a trusted root.
///
/// Subjects and issuers are in the form of RFC 4514 and may be hostile: escape them before showing them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChainError {
    /// The signer's certificate cannot be read.
    #[error("the signer's certificate is not well-formed")]
    Malformed {
        /// What the decoder found.
        source: der::Error,
    },
    /// No CA certificate has the name of the issuer: another CA, or a missing intermediate.
    #[error(
        "the certificate of `{subject}` was issued by `{issuer}`, which is not among the CA certificates"
    )]
    UnknownIssuer {
        /// The certificate whose issuer is missing.
        subject: String,
        /// The issuer that it names.
        issuer: String,
    },
    /// The certificate is self-signed, and not one of the CA certificates.
    #[error("the certificate of `{subject}` is self-signed and not among the CA certificates")]
    SelfSigned {
        /// The certificate.
        subject: String,
    },
    /// A CA certificate has the name of the issuer, but not the key that issued the certificate.
    #[error("the certificate of `{subject}` was not signed with the key of the CA certificate `{issuer}`")]
    Signature {
        /// The certificate.
        subject: String,
        /// The CA certificate with the right name.
        issuer: String,
    },
    /// The chain is longer than [`MAX_CHAIN_CERTIFICATES`].
    #[error(
        "the chain is not finished at `{subject}`, expected at most {MAX_CHAIN_CERTIFICATES} certificates"
    )]
    TooLong {
        /// The last certificate that was looked at.
        subject: String,
    },
    /// The CA certificates allow so many chains that the search was given up.
    #[error("the CA certificates allow too many chains: gave up at `{subject}`")]
    TooMuchWork {
        /// The last certificate that was looked at.
        subject: String,
    },
    /// A signature algorithm or a key is not accepted.
    #[error("the certificate of `{subject}` is not acceptable")]
    Algorithm {
        /// The certificate.
        subject: String,
        /// What is wrong with it.
        source: AlgorithmError,
    },
    /// An extension is not accepted.
    #[error("the certificate of `{subject}` is not acceptable")]
    Extension {
        /// The certificate.
        subject: String,
        /// What is wrong with it.
        source: ExtensionError,
    },
    /// An issuer is not a CA: it has no basic constraints that say so.
    #[error("the certificate of `{subject}` issued another one, but is not that of a CA")]
    NotCa {
        /// The issuer.
        subject: String,
    },
    /// The key usage of an issuer does not allow it to sign certificates.
    #[error("the certificate of `{subject}` has the key usage {found}, expected keyCertSign")]
    NoCertSign {
        /// The issuer.
        subject: String,
        /// What it may be used for.
        found: String,
    },
    /// There are more intermediate certificates than a CA allows.
    #[error("the CA `{subject}` allows {allowed} intermediate certificates below it, found {found}")]
    PathLength {
        /// The CA.
        subject: String,
        /// What it allows.
        allowed: u8,
        /// Intermediate certificates found.
        found: usize,
    },
    /// The key usage of the signer does not allow it to sign.
    #[error(
        "the certificate of `{subject}` has the key usage {found}, expected digitalSignature or nonRepudiation"
    )]
    SignerKeyUsage {
        /// The signer.
        subject: String,
        /// What it may be used for.
        found: String,
    },
    /// A certificate is for other purposes than signing packages.
    #[error(
        "the certificate of `{subject}` has the extended key usage {found}, expected codeSigning, \
         emailProtection or anyExtendedKeyUsage"
    )]
    ExtendedKeyUsage {
        /// The signer, or a CA above it.
        subject: String,
        /// Object identifiers of what it may be used for.
        found: String,
    },
    /// A certificate is not valid yet.
    #[error("the certificate of `{subject}` is valid from {not_before}, and it is {at}")]
    NotYetValid {
        /// The certificate.
        subject: String,
        /// The first second in which it is valid.
        not_before: Timestamp,
        /// The time for which it was checked.
        at: Timestamp,
    },
    /// A certificate is not valid any more.
    #[error("the certificate of `{subject}` was valid until {not_after}, and it is {at}")]
    Expired {
        /// The certificate.
        subject: String,
        /// The last second in which it was valid.
        not_after: Timestamp,
        /// The time for which it was checked.
        at: Timestamp,
    },
    /// No revocation list is by the issuer of a certificate.
    #[error("no revocation list of `{issuer}` is given, which issued the certificate of `{subject}`")]
    NoRevocationList {
        /// The certificate.
        subject: String,
        /// Its issuer.
        issuer: String,
    },
    /// The revocation list is signed by somebody else than the CA in whose name it speaks.
    #[error("the revocation list of `{issuer}` was not signed with its key")]
    RevocationListSignature {
        /// The CA.
        issuer: String,
    },
    /// The key usage of a CA does not allow it to sign revocation lists.
    #[error(
        "the certificate of `{issuer}` has the key usage {found}, expected cRLSign for its revocation list"
    )]
    NoCrlSign {
        /// The CA.
        issuer: String,
        /// What it may be used for.
        found: String,
    },
    /// A revocation list has an extension that is not accepted.
    #[error("the revocation list of `{issuer}` is not acceptable")]
    RevocationListExtension {
        /// The CA.
        issuer: String,
        /// What is wrong with it.
        source: ExtensionError,
    },
    /// A revocation list is not valid yet.
    #[error("the revocation list of `{issuer}` is valid from {this_update}, and it is {at}")]
    RevocationListNotYetValid {
        /// The CA.
        issuer: String,
        /// When it was issued.
        this_update: Timestamp,
        /// The time for which it was checked.
        at: Timestamp,
    },
    /// A revocation list is too old.
    #[error("the revocation list of `{issuer}` was to be replaced by {next_update}, and it is {at}")]
    RevocationListExpired {
        /// The CA.
        issuer: String,
        /// When the next one was to be issued at the latest.
        next_update: Timestamp,
        /// The time for which it was checked.
        at: Timestamp,
    },
    /// A revocation list does not say how long it is current (RFC 5280 section 5.1.2.5 wants that).
    #[error("the revocation list of `{issuer}` does not say when the next one is due")]
    RevocationListWithoutEnd {
        /// The CA.
        issuer: String,
    },
    /// A certificate is revoked.
    #[error("the certificate of `{subject}` (serial {serial}) is revoked since {since}")]
    Revoked {
        /// The certificate.
        subject: String,
        /// Its serial number.
        serial: String,
        /// Since when.
        since: Timestamp,
    },
}

impl ChainError {
    /// How much the error says: of several chains that fail, the one that came furthest is reported.
    pub(crate) fn rank(&self) -> u8 {
        match self {
            Self::UnknownIssuer { .. } => 0,
            Self::Signature { .. } => 1,
            Self::SelfSigned { .. } => 2,
            Self::TooLong { .. } => 3,
            Self::Malformed { .. } | Self::Algorithm { .. } | Self::Extension { .. } => 4,
            Self::NotCa { .. } | Self::NoCertSign { .. } | Self::PathLength { .. } => 5,
            Self::SignerKeyUsage { .. } | Self::ExtendedKeyUsage { .. } => 6,
            Self::NotYetValid { .. } => 7,
            Self::Expired { .. } => 8,
            Self::NoRevocationList { .. } => 9,
            Self::RevocationListSignature { .. }
            | Self::NoCrlSign { .. }
            | Self::RevocationListExtension { .. }
            | Self::RevocationListNotYetValid { .. }
            | Self::RevocationListExpired { .. }
            | Self::RevocationListWithoutEnd { .. } => 10,
            Self::Revoked { .. } => 11,
            // Ends the search.
            Self::TooMuchWork { .. } => 12,
        }
    }

    /// A certificate was looked at outside of its time.
    pub(crate) fn outside_validity(certificate: &Certificate, at: Timestamp) -> Option<Self> {
        let subject = certificate.subject().to_owned();
        if at < certificate.not_before() {
            Some(Self::NotYetValid { subject, not_before: certificate.not_before(), at })
        } else if at > certificate.not_after() {
            Some(Self::Expired { subject, not_after: certificate.not_after(), at })
        } else {
            None
        }
    }
}
