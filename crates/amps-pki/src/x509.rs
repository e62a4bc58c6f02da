//! A certificate with everything that signing and verifying ask of it.

use std::fmt;

use der::{Decode, Encode, Reader, SliceReader};
use x509_cert::spki::AlgorithmIdentifierOwned;

use crate::Certificate;
use crate::algorithm::{AlgorithmError, Scheme};
use crate::certificate::IncludedCertificate;
use crate::extensions::{ExtensionError, Extensions};
use crate::name::ComparableName;
use crate::public_key::PublicKey;

/// An X.509 certificate, read once.
///
/// What is wrong with its key, its signature algorithm or its extensions matters only once it is part of a
/// chain, and is kept until then.
#[derive(Clone)]
pub(crate) struct ParsedCertificate {
    der: Vec<u8>,
    /// The part that the issuer signed.
    signed: Vec<u8>,
    signature: Vec<u8>,
    pub(crate) scheme: Result<Scheme, AlgorithmError>,
    pub(crate) key: Result<PublicKey, AlgorithmError>,
    pub(crate) extensions: Result<Extensions, ExtensionError>,
    pub(crate) subject: ComparableName,
    pub(crate) issuer: ComparableName,
    /// The bytes of the serial number, as the certificate has them.
    pub(crate) serial: Vec<u8>,
    /// Issuer and serial number as the sequence that names a signer (RFC 5652 section 10.2.4), in DER.
    issuer_and_serial: Vec<u8>,
    pub(crate) description: Certificate,
}

impl ParsedCertificate {
    /// Reads a certificate in DER.
    pub(crate) fn read(der: &[u8]) -> der::Result<Self> {
        let included = IncludedCertificate::read(der)?;
        let description = included.describe()?;
        let decoded = &included.decoded;
        let tbs = decoded.tbs_certificate();
        let scheme = scheme(tbs.signature(), decoded.signature_algorithm());
        let extensions = tbs.extensions().map_or(&[][..], Vec::as_slice);
        let signed = signed_part(der)?;
        Ok(Self {
            der: der.to_vec(),
            signed: signed.to_vec(),
            signature: decoded.signature().as_bytes().unwrap_or_default().to_vec(),
            scheme,
            key: PublicKey::read(tbs.subject_public_key_info()),
            extensions: Extensions::read(extensions),
            subject: ComparableName::new(tbs.subject())?,
            issuer: ComparableName::new(tbs.issuer())?,
            serial: tbs.serial_number().as_bytes().to_vec(),
            issuer_and_serial: issuer_and_serial(signed)?,
            description,
        })
    }

    pub(crate) fn der(&self) -> &[u8] {
        &self.der
    }

    pub(crate) fn issuer_and_serial(&self) -> &[u8] {
        &self.issuer_and_serial
    }

    /// Whether subject and issuer have the same name.
    pub(crate) fn is_self_issued(&self) -> bool {
        self.subject == self.issuer
    }

    /// Whether `issuer` has the key that made the signature of this certificate.
    pub(crate) fn is_signed_by(&self, issuer: &Self) -> Result<bool, AlgorithmError> {
        let key = issuer.key.as_ref().map_err(Clone::clone)?;
        key.verifies(self.scheme.clone()?, &self.signed, &self.signature)
    }
}

/// Shows what the certificate says, not its bytes.
impl fmt::Debug for ParsedCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.description.fmt(f)
    }
}

/// The algorithm, which stands in the signed part and beside it (RFC 5280 section 4.1.1.2).
pub(crate) fn scheme(
    inside: &AlgorithmIdentifierOwned,
    outside: &AlgorithmIdentifierOwned,
) -> Result<Scheme, AlgorithmError> {
    if inside != outside {
        return Err(AlgorithmError::Parameters { found: outside.oid.to_string() });
    }
    Scheme::of_certificate(outside)
}

/// The bytes of the first element in a sequence: what the issuer of a certificate or a revocation list
/// signed. Encoding what was decoded might give other bytes.
pub(crate) fn signed_part(der: &[u8]) -> der::Result<&[u8]> {
    let mut reader = SliceReader::new(der)?;
    reader.sequence(|reader| {
        let signed = reader.tlv_bytes()?;
        reader.drain(reader.remaining_len())?;
        Ok(signed)
    })
}

/// Takes issuer and serial number out of a `TBSCertificate` (RFC 5280 section 4.1) as they stand there.
fn issuer_and_serial(signed: &[u8]) -> der::Result<Vec<u8>> {
    let mut reader = SliceReader::new(signed)?;
    let (serial, issuer) = reader.sequence(|reader| {
        if der::Tag::peek(reader)?.is_context_specific() {
            reader.tlv_bytes()?;
        }
        let serial = reader.tlv_bytes()?;
        AlgorithmIdentifierOwned::decode(reader)?;
        let issuer = reader.tlv_bytes()?;
        reader.drain(reader.remaining_len())?;
        Ok::<_, der::Error>((serial, issuer))
    })?;
    let header = der::Header::new(der::Tag::Sequence, (serial.len() + issuer.len()).try_into()?);
    Ok([&header.to_der()?, issuer, serial].concat())
}
