//! The search for a chain: depth first, through CA certificates that have the right name and the right key.

use super::rules::subject;
use super::{ChainError, MAX_CHAIN_CERTIFICATES, TrustAnchors, revoked, rules};
use crate::Timestamp;
use crate::x509::ParsedCertificate;

/// Signatures that are checked for one chain, inclusive. CAs that certify each other, or many keys under one
/// name, allow more chains than can be tried.
const MAX_SIGNATURE_CHECKS: usize = 64;

/// One search.
pub(super) struct Search<'a> {
    trust: &'a TrustAnchors,
    at: Timestamp,
    signature_checks_left: usize,
    /// The CA certificates between the signer and the point that the search has reached, with their indices.
    path: Vec<(usize, &'a ParsedCertificate)>,
}

impl<'a> Search<'a> {
    pub(super) fn new(trust: &'a TrustAnchors, at: Timestamp) -> Self {
        Self { trust, at, signature_checks_left: MAX_SIGNATURE_CHECKS, path: Vec::new() }
    }

    /// The first chain that holds, signer first; or what is wrong with the one that came furthest.
    pub(super) fn run<'s>(
        mut self,
        signer: &'s ParsedCertificate,
    ) -> Result<Vec<&'s ParsedCertificate>, ChainError>
    where
        'a: 's,
    {
        rules::check_signer(signer, self.at, self.trust.signer_key_usage)?;
        let is_given = self.certificates().iter().any(|given| given.der() == signer.der());
        if signer.is_self_issued() && self.is_signed_by(signer, signer)? {
            return if is_given {
                Ok(vec![signer])
            } else {
                Err(ChainError::SelfSigned { subject: subject(signer) })
            };
        }
        self.extend(signer, signer, 0)?;
        Ok(std::iter::once(signer).chain(self.path.iter().map(|(_, ca)| *ca)).collect())
    }

    fn certificates(&self) -> &'a [ParsedCertificate] {
        self.trust.certificates.as_slice()
    }

    /// Extends the path from `last`, its last certificate or the signer, to a root. `below` counts the
    /// intermediate certificates of the path that are not self-issued (RFC 5280 section 6.1.4 (l)).
    fn extend(
        &mut self,
        signer: &ParsedCertificate,
        last: &ParsedCertificate,
        below: usize,
    ) -> Result<(), ChainError> {
        let mut worst: Option<ChainError> = None;
        for (index, issuer) in self.certificates().iter().enumerate() {
            if issuer.subject != last.issuer || !names_key_of(last, issuer) {
                continue;
            }
            // The same CA certificate again leads nowhere new.
            if self.path.iter().any(|(on_path, _)| *on_path == index) {
                continue;
            }
            match self.extend_through(signer, last, (index, issuer), below) {
                Ok(()) => return Ok(()),
                Err(error @ ChainError::TooMuchWork { .. }) => return Err(error),
                Err(error) if worst.as_ref().is_none_or(|worst| error.rank() > worst.rank()) => {
                    worst = Some(error);
                }
                Err(_) => {}
            }
        }
        Err(worst.unwrap_or_else(|| {
            let issuer = last.description.issuer().to_owned();
            ChainError::UnknownIssuer { subject: subject(last), issuer }
        }))
    }

    /// Extends the path with one issuer of its last certificate, and from there to a root.
    fn extend_through(
        &mut self,
        signer: &ParsedCertificate,
        last: &ParsedCertificate,
        (index, issuer): (usize, &'a ParsedCertificate),
        below: usize,
    ) -> Result<(), ChainError> {
        if self.path.len() + 2 > MAX_CHAIN_CERTIFICATES {
            return Err(ChainError::TooLong { subject: subject(last) });
        }
        if !self.is_signed_by(last, issuer)? {
            return Err(ChainError::Signature { subject: subject(last), issuer: subject(issuer) });
        }
        rules::check_ca(issuer, below, self.at, self.trust.signer_key_usage)?;
        self.path.push((index, issuer));
        let result = if issuer.is_self_issued() && self.is_signed_by(issuer, issuer)? {
            self.check_revocation(signer)
        } else {
            self.extend(signer, issuer, below + usize::from(!issuer.is_self_issued()))
        };
        // It is there, but did not sign itself, and nobody else of that name is.
        let result = result.map_err(|error| match error {
            ChainError::UnknownIssuer { subject, issuer } if subject == issuer => {
                ChainError::Signature { subject, issuer }
            }
            error => error,
        });
        if result.is_err() {
            self.path.pop();
        }
        result
    }

    /// Checks a path that has reached a root.
    fn check_revocation(&self, signer: &ParsedCertificate) -> Result<(), ChainError> {
        if self.trust.revocation_lists.is_empty() {
            return Ok(());
        }
        let mut certificate = signer;
        for (index, issuer) in &self.path {
            revoked::check_revocation(self.trust, certificate, (*index, *issuer), self.at)?;
            certificate = issuer;
        }
        Ok(())
    }

    fn is_signed_by(
        &mut self,
        certificate: &ParsedCertificate,
        issuer: &ParsedCertificate,
    ) -> Result<bool, ChainError> {
        let Some(left) = self.signature_checks_left.checked_sub(1) else {
            return Err(ChainError::TooMuchWork { subject: subject(certificate) });
        };
        self.signature_checks_left = left;
        // An algorithm that is not accepted is the fault of the one who has it; an issuer with another kind
        // of key just is not the issuer.
        if let Err(source) = issuer.key.clone() {
            return Err(ChainError::Algorithm { subject: subject(issuer), source });
        }
        if let Err(source) = certificate.scheme.clone() {
            return Err(ChainError::Algorithm { subject: subject(certificate), source });
        }
        Ok(certificate.is_signed_by(issuer) == Ok(true))
    }
}

/// Whether the issuer has the key that a certificate says it was signed with, as far as both say so
/// (RFC 5280 sections 4.2.1.1 and 4.2.1.2). Authorities may have several keys.
fn names_key_of(certificate: &ParsedCertificate, issuer: &ParsedCertificate) -> bool {
    let (Ok(certificate), Ok(issuer)) = (&certificate.extensions, &issuer.extensions) else {
        return true;
    };
    let wanted = certificate.issuer_key.as_ref().and_then(|key| key.key_identifier.as_ref());
    match (wanted, &issuer.key_identifier) {
        (Some(wanted), Some(found)) => *wanted == found.0,
        _ => true,
    }
}
