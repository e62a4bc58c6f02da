//! From a signer's certificate to a root that is trusted (RFC 5280 section 6).
//!
//! Written on x509-cert and aws-lc-rs. The audited path builder, rustls-webpki, takes roots without looking at
//! their validity, knows no key usage and refuses a signer that is its own root: most of the rules here would
//! stand around it, and its errors name no certificate.

mod error;
mod revoked;
mod rules;
mod search;

pub use error::ChainError;

use crate::revocation::RevocationList;
use crate::x509::ParsedCertificate;
use crate::{Certificate, CertificateSet, RevocationLists, Timestamp};

/// Certificates in a chain, signer and root included, inclusive.
pub const MAX_CHAIN_CERTIFICATES: usize = 10;

/// Whether the signer's certificate must be one for signing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SignerKeyUsage {
    /// The key usage has digitalSignature or nonRepudiation. The extended key usage of the signer and of each
    /// CA above has codeSigning, emailProtection or anyExtendedKeyUsage. Each only where it is present.
    #[default]
    Strict,
    /// Any key usage: also the certificate of a web server. What the reference tools accept.
    Any,
}

/// Whom to trust: CA certificates, what they have revoked, and what their certificates must be for.
#[derive(Clone, Debug)]
pub struct TrustAnchors {
    certificates: CertificateSet,
    /// Each with the indices of the certificates whose key has signed it.
    revocation_lists: Vec<(RevocationList, Vec<usize>)>,
    signer_key_usage: SignerKeyUsage,
}

impl TrustAnchors {
    /// Trusts the self-signed certificates of the set; the others may stand between them and a signer.
    pub fn new(certificates: CertificateSet) -> Self {
        Self { certificates, revocation_lists: Vec::new(), signer_key_usage: SignerKeyUsage::default() }
    }

    /// Checks revocation from now on, unless `lists` is empty: each certificate of a chain but the root must
    /// be covered by a list that is current and signed by its issuer. Replaces the lists given before.
    #[must_use]
    pub fn with_revocation_lists(mut self, lists: RevocationLists) -> Self {
        let certificates = self.certificates.as_slice();
        let lists = lists.into_vec().into_iter().map(|list| {
            // Now, not at each verification: a list may have megabytes.
            let signers = certificates
                .iter()
                .enumerate()
                .filter(|(_, issuer)| issuer.subject == list.issuer && list.is_signed_by(issuer) == Ok(true));
            let signers = signers.map(|(index, _)| index).collect();
            (list, signers)
        });
        self.revocation_lists = lists.collect();
        self
    }

    /// Sets what the certificates must be for.
    #[must_use]
    pub fn with_signer_key_usage(mut self, signer_key_usage: SignerKeyUsage) -> Self {
        self.signer_key_usage = signer_key_usage;
        self
    }

    /// The CA certificates, in the order in which they were added.
    pub fn certificates(&self) -> impl Iterator<Item = &Certificate> {
        self.certificates.certificates()
    }

    /// Until when each revocation list holds, in the order in which they were added; none for a list that does not say.
    pub fn next_updates(&self) -> impl Iterator<Item = Option<Timestamp>> {
        self.revocation_lists.iter().map(|(list, _)| list.next_update)
    }

    /// Checks that a certificate, in DER, leads to a trusted root at that time.
    ///
    /// Gives the chain: the signer first, the root last; just one if the signer is a root itself.
    pub fn verify_chain(&self, signer: &[u8], at: Timestamp) -> Result<Vec<Certificate>, ChainError> {
        let signer = ParsedCertificate::read(signer).map_err(|source| ChainError::Malformed { source })?;
        self.chain_of(&signer, at)
    }

    pub(crate) fn chain_of(
        &self,
        signer: &ParsedCertificate,
        at: Timestamp,
    ) -> Result<Vec<Certificate>, ChainError> {
        let chain = search::Search::new(self, at).run(signer)?;
        Ok(chain.into_iter().map(|certificate| certificate.description.clone()).collect())
    }
}
