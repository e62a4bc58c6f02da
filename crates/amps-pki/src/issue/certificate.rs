//! One certificate in DER (RFC 5280 section 4.1).

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use const_oid::ObjectIdentifier;
use der::asn1::{BitStringRef, OctetString};
use der::{Encode, Tag, TagNumber};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage, KeyUsages};
use x509_cert::serial_number::SerialNumber;

use super::{IssueError, KeyPair, Validity, signature_algorithm};
use crate::{der_write, oid};

/// What the owner of a certificate may do with the key.
#[derive(Clone, Copy)]
pub(super) enum Role {
    /// Sign packages.
    Signer,
    /// Issue certificates, with at most so many authorities below it.
    Authority { path_length: Option<u8> },
}

/// What stands in a certificate.
pub(super) struct Request<'a> {
    /// In DER.
    pub(super) subject: &'a [u8],
    pub(super) key: &'a KeyPair,
    pub(super) role: Role,
    pub(super) validity: Validity,
}

/// Who certifies it.
pub(super) struct Issuer<'a> {
    /// In DER.
    pub(super) name: &'a [u8],
    pub(super) key: &'a KeyPair,
}

impl Request<'_> {
    /// Makes the certificate, with a new serial number.
    pub(super) fn sign(&self, issuer: &Issuer<'_>) -> Result<Vec<u8>, IssueError> {
        let extensions = self.extensions(issuer)?;
        let signed = der_write::sequence(&[
            // Version 3.
            &der_write::context(0, &[&2_u8.to_der()?])?,
            &serial_number()?.to_der()?,
            &signature_algorithm(issuer.key.kind)?,
            issuer.name,
            &der_write::sequence(&[&self.validity.to_der()?])?,
            self.subject,
            &self.key.public_key_info()?,
            &der_write::context(3, &[&der_write::sequence(&[&extensions])?])?,
        ])?;
        with_signature(&signed, issuer.key)
    }

    fn extensions(&self, issuer: &Issuer<'_>) -> Result<Vec<u8>, IssueError> {
        let (usage, constraints) = match self.role {
            Role::Signer => (
                KeyUsages::DigitalSignature | KeyUsages::NonRepudiation,
                BasicConstraints { ca: false, path_len_constraint: None },
            ),
            Role::Authority { path_length } => (
                KeyUsages::KeyCertSign | KeyUsages::CRLSign,
                BasicConstraints { ca: true, path_len_constraint: path_length },
            ),
        };
        let own_identifier = OctetString::new(self.key.identifier())?.to_der()?;
        Ok([
            extension(oid::BASIC_CONSTRAINTS, constraints.ca, constraints.to_der()?)?,
            extension(oid::KEY_USAGE, true, KeyUsage(usage).to_der()?)?,
            extension(oid::SUBJECT_KEY_IDENTIFIER, false, own_identifier)?,
            authority_key_identifier(issuer.key)?,
        ]
        .concat())
    }
}

/// An extension in DER.
pub(super) fn extension(extn_id: ObjectIdentifier, critical: bool, value: Vec<u8>) -> der::Result<Vec<u8>> {
    Extension { extn_id, critical, extn_value: OctetString::new(value)? }.to_der()
}

/// The extension that names the issuer's key (RFC 5280 section 4.2.1.1).
pub(super) fn authority_key_identifier(issuer: &KeyPair) -> der::Result<Vec<u8>> {
    let tag = Tag::ContextSpecific { constructed: false, number: TagNumber(0) };
    let identifier = der_write::element(tag, &[&issuer.identifier()])?;
    extension(oid::AUTHORITY_KEY_IDENTIFIER, false, der_write::sequence(&[&identifier])?)
}

/// What is signed, the algorithm, and the signature: the form of certificates and of revocation lists.
pub(super) fn with_signature(signed: &[u8], key: &KeyPair) -> Result<Vec<u8>, IssueError> {
    let signature = key.key.sign(signed).map_err(|_| IssueError::Key { action: "sign a certificate" })?;
    let signature = BitStringRef::from_bytes(&signature)?.to_der()?;
    Ok(der_write::sequence(&[signed, &signature_algorithm(key.kind)?, &signature])?)
}

/// 126 random bits: nobody keeps a list of the numbers that were given.
fn serial_number() -> Result<SerialNumber, IssueError> {
    let mut bytes = [0; 16];
    let filled = SystemRandom::new().fill(&mut bytes);
    filled.map_err(|_| IssueError::Key { action: "make a serial number" })?;
    // Positive, and of the same length every time.
    let [first, ..] = &mut bytes;
    *first = *first & 0x7f | 0x40;
    Ok(SerialNumber::new(&bytes)?)
}
