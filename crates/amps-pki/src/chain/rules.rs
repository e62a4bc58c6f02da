//! What each certificate of a chain must be.

use x509_cert::ext::pkix::KeyUsage;

use super::{ChainError, SignerKeyUsage};
use crate::extensions::Extensions;
use crate::x509::ParsedCertificate;
use crate::{Timestamp, oid};

/// What certificates must be for to sign packages.
const PURPOSES: [const_oid::ObjectIdentifier; 3] =
    [oid::CODE_SIGNING, oid::EMAIL_PROTECTION, oid::ANY_EXTENDED_KEY_USAGE];

/// Checks the certificate of a signer by itself.
pub(super) fn check_signer(
    signer: &ParsedCertificate,
    at: Timestamp,
    usage: SignerKeyUsage,
) -> Result<(), ChainError> {
    let extensions = check_any(signer, at)?;
    if usage == SignerKeyUsage::Any {
        return Ok(());
    }
    match extensions.key_usage {
        Some(found) if !found.digital_signature() && !found.non_repudiation() => {
            let found = key_usage_text(found);
            Err(ChainError::SignerKeyUsage { subject: subject(signer), found })
        }
        _ => check_purpose(signer, extensions),
    }
}

/// Checks the certificate of a CA by itself, and that it allows `below` intermediate certificates between it
/// and the signer.
pub(super) fn check_ca(
    ca: &ParsedCertificate,
    below: usize,
    at: Timestamp,
    usage: SignerKeyUsage,
) -> Result<(), ChainError> {
    let extensions = check_any(ca, at)?;
    let constraints = extensions.basic_constraints.as_ref().filter(|constraints| constraints.ca);
    let Some(constraints) = constraints else {
        return Err(ChainError::NotCa { subject: subject(ca) });
    };
    if let Some(found) = extensions.key_usage.filter(|found| !found.key_cert_sign()) {
        return Err(ChainError::NoCertSign { subject: subject(ca), found: key_usage_text(found) });
    }
    if let Some(allowed) = constraints.path_len_constraint
        && below > usize::from(allowed)
    {
        return Err(ChainError::PathLength { subject: subject(ca), allowed, found: below });
    }
    match usage {
        SignerKeyUsage::Strict => check_purpose(ca, extensions),
        SignerKeyUsage::Any => Ok(()),
    }
}

/// Checks what every certificate must be; gives its extensions.
fn check_any(certificate: &ParsedCertificate, at: Timestamp) -> Result<&Extensions, ChainError> {
    if let Some(error) = ChainError::outside_validity(&certificate.description, at) {
        return Err(error);
    }
    let algorithms = certificate.key.as_ref().err().or(certificate.scheme.as_ref().err());
    if let Some(source) = algorithms.cloned() {
        return Err(ChainError::Algorithm { subject: subject(certificate), source });
    }
    let extensions = certificate.extensions.as_ref();
    extensions
        .map_err(|source| ChainError::Extension { subject: subject(certificate), source: source.clone() })
}

/// Checks the extended key usage, where there is one.
fn check_purpose(certificate: &ParsedCertificate, extensions: &Extensions) -> Result<(), ChainError> {
    match &extensions.extended_key_usage {
        Some(found) if !found.0.iter().any(|purpose| PURPOSES.contains(purpose)) => {
            let found: Vec<String> = found.0.iter().map(|purpose| format!("`{purpose}`")).collect();
            let found = found.join(", ");
            Err(ChainError::ExtendedKeyUsage { subject: subject(certificate), found })
        }
        _ => Ok(()),
    }
}

/// The names of RFC 5280 section 4.2.1.3.
pub(super) fn key_usage_text(found: KeyUsage) -> String {
    let names = [
        (found.digital_signature(), "digitalSignature"),
        (found.non_repudiation(), "nonRepudiation"),
        (found.key_encipherment(), "keyEncipherment"),
        (found.data_encipherment(), "dataEncipherment"),
        (found.key_agreement(), "keyAgreement"),
        (found.key_cert_sign(), "keyCertSign"),
        (found.crl_sign(), "cRLSign"),
    ];
    let names: Vec<&str> = names.iter().filter(|(is_set, _)| *is_set).map(|(_, name)| *name).collect();
    if names.is_empty() { "none".into() } else { names.join(", ") }
}

pub(super) fn subject(certificate: &ParsedCertificate) -> String {
    certificate.description.subject().to_owned()
}
