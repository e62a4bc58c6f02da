//! An authority: it issues certificates and says which of them count no longer.

use std::str::FromStr;

use der::Encode;
use x509_cert::name::Name;

use super::certificate::{Issuer, Request, Role};
use super::{Identity, IssueError, KeyPair, Validity, revocation_list};
use crate::x509::ParsedCertificate;

/// A key that certifies others, and its own certificate.
#[derive(Debug)]
pub struct CertificateAuthority {
    identity: Identity,
    /// Its name in DER, as it stands in its certificate.
    name: Vec<u8>,
    is_root: bool,
}

impl CertificateAuthority {
    /// A root, which certifies itself. `subject` is in the form of RFC 4514: `CN=Store CA,O=Example`.
    pub fn new_root(subject: &str, key: KeyPair, validity: Validity) -> Result<Self, IssueError> {
        let name = name(subject)?;
        let role = Role::Authority { path_length: None };
        let request = Request { subject: &name, key: &key, role, validity };
        let certificate = request.sign(&Issuer { name: &name, key: &key })?;
        let identity = Identity::new(key, &certificate, Vec::new())?;
        check(&identity, &identity)?;
        Ok(Self { identity, name, is_root: true })
    }

    /// An authority below this one, for signers only: it cannot have authorities of its own.
    pub fn issue_authority(
        &self,
        subject: &str,
        key: KeyPair,
        validity: Validity,
    ) -> Result<Self, IssueError> {
        if !self.is_root {
            return Err(IssueError::NotRoot { subject: self.identity.certificate().subject().to_owned() });
        }
        let role = Role::Authority { path_length: Some(0) };
        let identity = self.issue(subject, key, role, validity)?;
        Ok(Self { identity, name: name(subject)?, is_root: false })
    }

    /// Somebody who signs packages.
    pub fn issue_signer(
        &self,
        subject: &str,
        key: KeyPair,
        validity: Validity,
    ) -> Result<Identity, IssueError> {
        self.issue(subject, key, Role::Signer, validity)
    }

    /// A revocation list in PEM: the certificates, in DER, that count no longer. Each list of an authority has a
    /// `number` above that of the list before.
    pub fn revocation_list(
        &self,
        number: u32,
        revoked: &[&[u8]],
        validity: Validity,
    ) -> Result<String, IssueError> {
        let own = self.identity.certificates.parsed();
        let serials = revoked.iter().map(|der| {
            let certificate =
                ParsedCertificate::read(der).map_err(|source| IssueError::Malformed { source })?;
            if certificate.issuer != own.subject || !certificate.is_signed_by(own)? {
                return Err(IssueError::OtherIssuer {
                    subject: certificate.description.subject().to_owned(),
                    found: certificate.description.issuer().to_owned(),
                    expected: own.description.subject().to_owned(),
                });
            }
            Ok(certificate.serial)
        });
        let serials = serials.collect::<Result<Vec<_>, _>>()?;
        revocation_list::sign(&self.name, &self.identity.key, number, &serials, validity)
    }

    /// Its key and certificates.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    fn issue(
        &self,
        subject: &str,
        key: KeyPair,
        role: Role,
        validity: Validity,
    ) -> Result<Identity, IssueError> {
        let subject = name(subject)?;
        let request = Request { subject: &subject, key: &key, role, validity };
        let certificate = request.sign(&Issuer { name: &self.name, key: &self.identity.key })?;
        let mut intermediates = self.identity.intermediates.clone();
        if !self.is_root {
            intermediates.insert(0, self.identity.certificate_der().to_vec());
        }
        let identity = Identity::new(key, &certificate, intermediates)?;
        check(&identity, &self.identity)?;
        Ok(identity)
    }
}

/// A name in DER.
fn name(subject: &str) -> Result<Vec<u8>, IssueError> {
    let malformed = |source| IssueError::Subject { subject: subject.to_owned(), source };
    Ok(Name::from_str(subject).map_err(malformed)?.to_der()?)
}

/// Checks what was made before it is given away.
fn check(identity: &Identity, issuer: &Identity) -> Result<(), IssueError> {
    if identity.certificates.parsed().is_signed_by(issuer.certificates.parsed())? {
        return Ok(());
    }
    Err(IssueError::Unverified { subject: identity.certificate().subject().to_owned() })
}
