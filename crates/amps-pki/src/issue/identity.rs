//! A key and the certificates that belong to it.

use std::error::Error;

use super::{IssueError, KeyPair};
use crate::{Certificate, Password, Signer, SigningCertificates, pem, pkcs12};

/// Somebody with a key and a certificate, who can sign with it.
#[derive(Debug)]
pub struct Identity {
    pub(super) key: KeyPair,
    /// The certificates between this one and the root, in DER, the nearest first.
    pub(super) intermediates: Vec<Vec<u8>>,
    pub(super) certificates: SigningCertificates,
}

impl Identity {
    pub(super) fn new(
        key: KeyPair,
        certificate: &[u8],
        intermediates: Vec<Vec<u8>>,
    ) -> Result<Self, IssueError> {
        let certificates = SigningCertificates::new(certificate, intermediates.iter().map(Vec::as_slice))?;
        Ok(Self { key, intermediates, certificates })
    }

    /// What the certificate says.
    pub fn certificate(&self) -> &Certificate {
        self.certificates.own()
    }

    /// The certificate in DER.
    pub fn certificate_der(&self) -> &[u8] {
        self.certificates.own_der()
    }

    /// The certificate in PEM.
    pub fn certificate_pem(&self) -> String {
        pem::encode("CERTIFICATE", self.certificate_der())
    }

    /// A PKCS#12 file with the key, its certificate and those between it and the root, in the protection that
    /// OpenSSL 3 gives: PBES2 with AES-256, HMAC-SHA-256.
    pub fn to_pkcs12(&self, password: &Password) -> Result<Vec<u8>, IssueError> {
        let others: Vec<&[u8]> = self.intermediates.iter().map(Vec::as_slice).collect();
        pkcs12::write(&self.key.to_pkcs8()?, self.certificate_der(), &others, password)
    }
}

impl Signer for Identity {
    fn certificates(&self) -> &SigningCertificates {
        &self.certificates
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
        self.key.key.sign(message)
    }
}
