//! Whether a signature was made over a package, by somebody who is trusted.

mod attributes;
mod error;

pub use error::VerifyError;

use cms::content_info::CmsVersion;
use cms::signed_data::{SignerIdentifier, SignerInfo};
use der::{EncodingRules, Tag};

use self::attributes::Attributes;
use crate::algorithm::{AlgorithmError, Hash, Scheme};
use crate::claimed_signer::signer_certificate;
use crate::hex::UpperHex;
use crate::message::{Message, MessageSigner};
use crate::signature::included_certificates;
use crate::x509::ParsedCertificate;
use crate::{
    Certificate, ChainError, Error, SignatureForm, SignatureInput, Timestamp, TrustAnchors, der_write,
};

/// A signature that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedSignature {
    form: SignatureForm,
    signing_time: Option<Timestamp>,
    chain: Vec<Certificate>,
    signer: Certificate,
}

impl VerifiedSignature {
    /// Who signed.
    pub fn signer(&self) -> &Certificate {
        &self.signer
    }

    /// The certificates from the signer to the root; just one if the signer is a root itself.
    pub fn chain(&self) -> &[Certificate] {
        &self.chain
    }

    /// Over which form of the input the signature was made.
    pub fn form(&self) -> SignatureForm {
        self.form
    }

    /// When the signer says that it signed. Nobody has checked that.
    pub fn signing_time(&self) -> Option<Timestamp> {
        self.signing_time
    }
}

/// Checks that a signature, a CMS message in DER or BER, was made over `input` by one signer whose
/// certificate is included and leads to one of `anchors` at that time.
///
/// What is wrong with the message itself is reported before what is wrong with the chain.
pub fn verify(
    signature: &[u8],
    input: &SignatureInput,
    anchors: &TrustAnchors,
    at: Timestamp,
) -> Result<VerifiedSignature, VerifyError> {
    let intact = check_message(signature, input)?;
    let chain = anchors.chain_of(&intact.certificate, at)?;
    Ok(VerifiedSignature {
        form: intact.form,
        signing_time: intact.signing_time,
        chain,
        signer: intact.certificate.description,
    })
}

/// Over which form of `input` a signature was made, with the key in the certificate that it includes.
///
/// Says nothing of whose key that is: anyone can put any name into a certificate of their own. Only [`verify`] tells.
pub fn signed_form(signature: &[u8], input: &SignatureInput) -> Result<SignatureForm, VerifyError> {
    Ok(check_message(signature, input)?.form)
}

/// A message whose signature fits the key in the signer's certificate.
pub(crate) struct IntactMessage {
    pub(crate) form: SignatureForm,
    pub(crate) certificate: ParsedCertificate,
    signing_time: Option<Timestamp>,
}

/// Checks everything but whether the signer is trusted.
pub(crate) fn check_message(signature: &[u8], input: &SignatureInput) -> Result<IntactMessage, VerifyError> {
    let message = Message::read(signature, EncodingRules::Ber)?;
    let included = included_certificates(&message)?;
    let [signer] = message.signers.as_slice() else {
        return Err(VerifyError::SeveralSigners { found: message.signers.len() });
    };
    check_versions(&message, &signer.info)?;
    let certificate = signer_certificate(&signer.info, &included)?
        .map_err(|signer| VerifyError::NoCertificate { signer })?;
    let certificate =
        ParsedCertificate::read(certificate).map_err(|source| ChainError::Malformed { source })?;
    let hash = Hash::from_identifier(&signer.info.digest_alg)?;
    // For one signer that is one digest; anything else there would be bytes that nobody has signed.
    if message.digests.is_empty() || message.digests.iter().any(|one| Hash::from_identifier(one) != Ok(hash))
    {
        return Err(VerifyError::DigestNotAnnounced);
    }
    let (form, signing_time) = check_value(signer, hash, &certificate, input)?;
    Ok(IntactMessage { form, certificate, signing_time })
}

/// Checks the signature value; gives the form of the content and the time of signing.
fn check_value(
    signer: &MessageSigner<'_>,
    hash: Hash,
    certificate: &ParsedCertificate,
    input: &SignatureInput,
) -> Result<(SignatureForm, Option<Timestamp>), VerifyError> {
    let scheme = Scheme::of_signer(&signer.info.signature_algorithm, hash)?;
    let key = certificate.key.as_ref().map_err(Clone::clone)?;
    let verifies = |message: &[u8]| -> Result<bool, AlgorithmError> {
        key.verifies(scheme, message, signer.info.signature.as_bytes())
    };
    let wrong = || VerifyError::Signature { subject: certificate.description.subject().to_owned() };
    let (Some(attributes), Some(bytes)) = (&signer.info.signed_attrs, signer.signed_attributes) else {
        // Signed is the content itself (RFC 5652 section 5.4).
        for form in SignatureForm::ALL {
            if verifies(&input.content(form))? {
                return Ok((form, None));
            }
        }
        return Err(wrong());
    };
    let attributes = Attributes::read(attributes)?;
    let digest_of = |form| hash.digest(&input.content(form));
    let mut forms = SignatureForm::ALL.into_iter();
    let form = forms.find(|form| digest_of(*form).as_ref() == attributes.message_digest);
    let form = form.ok_or_else(|| VerifyError::ContentDigest {
        found: UpperHex(&attributes.message_digest).to_string(),
        expected: UpperHex(digest_of(SignatureForm::Base64).as_ref()).to_string(),
    })?;
    // Signed is the set, not the field `[0]` (RFC 5652 section 5.4). The attributes must be DER even in a message
    // that is not: their bytes are taken as they stand.
    let message = der_write::element(Tag::Set, &[bytes]).map_err(Error::from)?;
    if verifies(&message)? { Ok((form, attributes.signing_time)) } else { Err(wrong()) }
}

/// Checks the versions (RFC 5652 sections 5.1 and 5.3): no reader needs them, but a byte that may have any
/// value is a byte that may carry anything.
fn check_versions(message: &Message<'_>, signer: &SignerInfo) -> Result<(), VerifyError> {
    let expected = match &signer.sid {
        SignerIdentifier::IssuerAndSerialNumber(_) => CmsVersion::V1,
        SignerIdentifier::SubjectKeyIdentifier(_) => CmsVersion::V3,
    };
    let is_right = match message.version {
        // 4 and 5 are for other kinds of certificate and of revocation list.
        CmsVersion::V3 | CmsVersion::V4 | CmsVersion::V5 if message.has_other_parts => true,
        version => version == expected,
    };
    if signer.version == expected && is_right { Ok(()) } else { Err(VerifyError::Version) }
}
