//! Making a signature: a detached CMS `SignedData` in DER (RFC 5652 section 5).

use std::error::Error as StdError;

use der::asn1::OctetStringRef;
use der::{Encode, Tag};
use x509_cert::time::Time;

use crate::verify::check_message;
use crate::{
    MAX_SIGNATURE_BYTES, SignatureForm, SignatureInput, Signer, Timestamp, VerifyError, der_write, oid,
};

/// Why no signature was made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// The key did not sign.
    #[error("the key of `{subject}` did not sign")]
    Key {
        /// The subject of the signer's certificate.
        subject: String,
        /// What the key said.
        source: Box<dyn StdError + Send + Sync>,
    },
    /// The parts do not fit into a message.
    #[error("the signature cannot be encoded")]
    Encode {
        /// What the encoder found.
        #[from]
        source: der::Error,
    },
    /// The certificates make the signature larger than a reader accepts.
    #[error(
        "the signature has {size_bytes} bytes, expected at most {MAX_SIGNATURE_BYTES}: too many certificates"
    )]
    TooLarge {
        /// The size, in bytes.
        size_bytes: usize,
    },
    /// The signature that was made does not verify: the key is not the one of the certificate, or broken.
    #[error("the signature by `{subject}` does not verify")]
    Unverified {
        /// The subject of the signer's certificate.
        subject: String,
        /// What is wrong with it.
        source: Box<VerifyError>,
    },
}

/// Signs the base64 text of `input` and gives the message in DER, after it was verified with the key in the
/// signer's certificate.
///
/// Whether the certificate is valid at `signing_time` is not looked at: that is for the caller to decide, with
/// [`Signer::certificates`].
pub fn sign(
    input: &SignatureInput,
    signer: &dyn Signer,
    signing_time: Timestamp,
) -> Result<Vec<u8>, SignError> {
    let subject = || signer.certificates().own().subject().to_owned();
    let algorithm = signer.certificates().algorithm();
    let digest = algorithm.hash().digest(&input.content(SignatureForm::Base64));
    let attributes = signed_attributes(digest.as_ref(), signing_time)?;
    let to_sign = der_write::element(Tag::Set, &[&attributes])?;
    let value = signer.sign(&to_sign).map_err(|source| SignError::Key { subject: subject(), source })?;
    let message = message(signer, &attributes, &value)?;
    if message.len() > MAX_SIGNATURE_BYTES {
        return Err(SignError::TooLarge { size_bytes: message.len() });
    }
    let unverified = |source| SignError::Unverified { subject: subject(), source: Box::new(source) };
    let intact = check_message(&message, input).map_err(unverified)?;
    debug_assert_eq!(intact.form, SignatureForm::Base64);
    debug_assert_eq!(intact.certificate.der(), signer.certificates().own_der());
    Ok(message)
}

/// The attributes that are signed in place of the content, without the tag of their set: content type, digest
/// and time (RFC 5652 section 11).
fn signed_attributes(digest: &[u8], signing_time: Timestamp) -> der::Result<Vec<u8>> {
    let attribute = |oid: const_oid::ObjectIdentifier, value: Vec<u8>| {
        der_write::sequence(&[&oid.to_der()?, &der_write::set(vec![value])?])
    };
    Ok(der_write::sorted(vec![
        attribute(oid::CONTENT_TYPE, oid::DATA.to_der()?)?,
        attribute(oid::SIGNING_TIME, Time::from(signing_time).to_der()?)?,
        attribute(oid::MESSAGE_DIGEST, OctetStringRef::new(digest)?.to_der()?)?,
    ]))
}

/// The whole message around a signature value.
fn message(signer: &dyn Signer, attributes: &[u8], value: &[u8]) -> der::Result<Vec<u8>> {
    let certificates = signer.certificates();
    let algorithm = certificates.algorithm();
    let version = 1_u8.to_der()?;
    // Without parameters (RFC 5754 section 2).
    let digest_algorithm = der_write::sequence(&[&algorithm.hash().oid().to_der()?])?;
    let signer_info = der_write::sequence(&[
        &version,
        certificates.parsed().issuer_and_serial(),
        &digest_algorithm,
        &der_write::context(0, &[attributes])?,
        &algorithm.identifier()?,
        &OctetStringRef::new(value)?.to_der()?,
    ])?;
    let signed_data = der_write::sequence(&[
        &version,
        &der_write::element(Tag::Set, &[&digest_algorithm])?,
        &der_write::sequence(&[&oid::DATA.to_der()?])?,
        &der_write::context(0, &[certificates.set()])?,
        &der_write::element(Tag::Set, &[&signer_info])?,
    ])?;
    der_write::sequence(&[&oid::SIGNED_DATA.to_der()?, &der_write::context(0, &[&signed_data])?])
}
