//! The certificate of a vendor.

use std::fmt;

use ampkg::Digest;
use amps_pki::{CertificateSet, FileError, MAX_CERTIFICATE_FILE_BYTES};

use crate::model::Signer;

/// Bytes in the file of a vendor's certificate, inclusive.
pub const MAX_VENDOR_CERTIFICATE_BYTES: usize = MAX_CERTIFICATE_FILE_BYTES;

/// The certificate that a vendor's packages must be signed by.
#[derive(Clone, PartialEq, Eq)]
pub struct VendorCertificate {
    file: Vec<u8>,
    subject: String,
    fingerprint: Digest,
}

/// Why a file is not the certificate of a vendor.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VendorCertificateError {
    /// It cannot be read as certificates.
    #[error("this is not a certificate")]
    File(#[from] FileError),
    /// It has another number of certificates.
    #[error("the file has {found} certificates, expected 1")]
    Count {
        /// How many.
        found: usize,
    },
}

impl VendorCertificate {
    /// Reads a file in PEM or DER with one certificate.
    pub fn read(file: &[u8]) -> Result<Self, VendorCertificateError> {
        let mut set = CertificateSet::new();
        set.add(file)?;
        let certificates: Vec<_> = set.certificates().collect();
        let [certificate] = *certificates else {
            return Err(VendorCertificateError::Count { found: certificates.len() });
        };
        Ok(Self {
            subject: certificate.subject().to_owned(),
            fingerprint: Digest(*certificate.fingerprint().as_bytes()),
            file: file.to_owned(),
        })
    }

    /// The file as it was given.
    pub fn file(&self) -> &[u8] {
        &self.file
    }

    /// Whom it was issued to (RFC 4514).
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The SHA-256 of the certificate.
    pub fn fingerprint(&self) -> Digest {
        self.fingerprint
    }

    /// Whether a signature was made with this certificate's key. The signature itself must have been verified.
    pub fn is_of(&self, signer: &Signer) -> bool {
        signer.fingerprint == self.fingerprint
    }
}

impl fmt::Debug for VendorCertificate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("VendorCertificate")
            .field("subject", &self.subject)
            .field("fingerprint", &self.fingerprint)
            .finish_non_exhaustive()
    }
}
