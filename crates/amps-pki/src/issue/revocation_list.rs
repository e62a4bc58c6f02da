//! A revocation list, version 2, in PEM (RFC 5280 section 5.1).

use der::Encode;
use der::asn1::Int;
use x509_cert::time::Time;

use super::certificate::{authority_key_identifier, extension, with_signature};
use super::{IssueError, KeyPair, Validity, signature_algorithm};
use crate::{der_write, oid, pem};

/// Signs a list of serial numbers; each is the value of its integer.
pub(super) fn sign(
    issuer: &[u8],
    key: &KeyPair,
    number: u32,
    serials: &[Vec<u8>],
    validity: Validity,
) -> Result<String, IssueError> {
    let since = Time::from(validity.from).to_der()?;
    let mut entries = Vec::new();
    for serial in serials {
        entries.extend(der_write::sequence(&[&Int::new(serial)?.to_der()?, &since])?);
    }
    // Where nothing is revoked, the list is left out, not empty (section 5.1.2.6).
    let entries = if entries.is_empty() { entries } else { der_write::sequence(&[&entries])? };
    let extensions =
        [authority_key_identifier(key)?, extension(oid::CRL_NUMBER, false, number.to_der()?)?].concat();
    let signed = der_write::sequence(&[
        // Version 2.
        &1_u8.to_der()?,
        &signature_algorithm(key.kind)?,
        issuer,
        &validity.to_der()?,
        &entries,
        &der_write::context(0, &[&der_write::sequence(&[&extensions])?])?,
    ])?;
    Ok(pem::encode("X509 CRL", &with_signature(&signed, key)?))
}
