//! The CA certificates that are trusted, from files.

use crate::Certificate;
use crate::pem::{self, FileError};
use crate::x509::ParsedCertificate;

/// The largest certificate file that is read, in bytes, inclusive. One certificate has 1 to 3 kB.
pub const MAX_CERTIFICATE_FILE_BYTES: usize = 1024 * 1024;

/// CA certificates in a set, inclusive. A search for a chain looks at each of them at every step.
pub const MAX_CA_CERTIFICATES: usize = 256;

const LABEL: &str = "CERTIFICATE";

/// The certificates of the authorities that may stand behind a signer: roots and intermediates.
#[derive(Clone, Debug, Default)]
pub struct CertificateSet {
    certificates: Vec<ParsedCertificate>,
}

impl CertificateSet {
    /// A set without any certificate: it trusts nobody.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the certificates of one file: PEM with one or more, or DER with one. A certificate that is in
    /// the set already is not added again. After an error the set is as it was before.
    pub fn add(&mut self, file: &[u8]) -> Result<(), FileError> {
        let mut added: Vec<ParsedCertificate> = Vec::new();
        for (index, der) in pem::blocks(file, LABEL, MAX_CERTIFICATE_FILE_BYTES)?.iter().enumerate() {
            if self.certificates.iter().chain(&added).any(|known| known.der() == der) {
                continue;
            }
            if self.certificates.len() + added.len() == MAX_CA_CERTIFICATES {
                return Err(FileError::TooMany { label: LABEL, limit: MAX_CA_CERTIFICATES });
            }
            let certificate = ParsedCertificate::read(der);
            added.push(certificate.map_err(|source| FileError::Malformed { label: LABEL, index, source })?);
        }
        self.certificates.append(&mut added);
        Ok(())
    }

    /// What the certificates say, in the order in which they were added.
    pub fn certificates(&self) -> impl Iterator<Item = &Certificate> {
        self.certificates.iter().map(|certificate| &certificate.description)
    }

    pub(crate) fn as_slice(&self) -> &[ParsedCertificate] {
        &self.certificates
    }
}
