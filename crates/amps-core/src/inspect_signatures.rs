//! What can be told of the signatures of a package without knowing whom to trust.

use amps_pki::{ClaimedSigner, Signature, SignatureInput, VerifyError, signed_form};
use serde::Serialize;

use crate::{error::chain, examine::Examination};

/// A signature and who it says made it. Nobody has verified that: anyone can put any name into a certificate of their own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SignatureFacts {
    /// `developer` or `store`.
    pub kind: &'static str,
    /// Always false, for those who look at nothing else.
    pub verified: bool,
    /// Its size.
    pub size_bytes: usize,
    /// What was signed.
    pub covers: Coverage,
    /// `base64` or `raw`: in which form the digest was signed, if it is known that it was.
    pub form: Option<String>,
    /// Why it does not cover the package, or is no signature.
    pub reason: Option<String>,
    /// Those who claim to have signed; none if it is garbled.
    pub signers: Vec<SignerFacts>,
}

/// What a signature was made over, as far as that can be told with the key in the certificate that it includes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Coverage {
    /// The digest of this package: that key signed it.
    Package,
    /// Not the digest alone: perhaps the digest for one device, perhaps another package. A store's signature only.
    DeviceOrOther,
    /// Something else, or it cannot be told.
    Other,
    /// Nothing: it is not a signature.
    Garbled,
}

/// Somebody who claims to have signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SignerFacts {
    /// How the signature names the signer.
    pub id: String,
    /// The digest that the signer used, such as `SHA-256`.
    pub digest_algorithm: String,
    /// The signer's certificate, if the signature includes it.
    pub certificate: Option<CertificateFacts>,
}

/// What the certificate of a signer says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CertificateFacts {
    /// The subject (RFC 4514).
    pub subject: String,
    /// The issuer (RFC 4514).
    pub issuer: String,
    /// The serial number in hexadecimal digits.
    pub serial: String,
    /// The first second in which it is valid.
    pub not_before: String,
    /// The last second in which it is valid.
    pub not_after: String,
    /// The SHA-256 of the certificate in hexadecimal digits.
    pub fingerprint_sha256: String,
}

/// The signatures that the package has, the developer's first.
pub(crate) fn signatures(examination: &Examination) -> Vec<SignatureFacts> {
    let footer = &examination.package.as_unverified().footer;
    let input = SignatureInput::developer(&footer.digest.0);
    let developer = footer.developer_signature.as_deref().zip(examination.developer.as_ref());
    let store = footer.store_signature.as_deref().zip(examination.store.as_ref());
    [("developer", developer), ("store", store)]
        .into_iter()
        .filter_map(|(kind, found)| found.map(|(bytes, read)| signature(kind, bytes, read, &input)))
        .collect()
}

fn signature(
    kind: &'static str,
    bytes: &[u8],
    read: &Result<Signature, amps_pki::Error>,
    input: &SignatureInput,
) -> SignatureFacts {
    let (covers, form, reason) = match (read, signed_form(bytes, input)) {
        (Err(error), _) => (Coverage::Garbled, None, Some(chain(error))),
        (Ok(_), Ok(form)) => (Coverage::Package, Some(form.to_string()), None),
        (Ok(_), Err(VerifyError::ContentDigest { .. } | VerifyError::Signature { .. }))
            if kind == "store" =>
        {
            (Coverage::DeviceOrOther, None, None)
        }
        (Ok(_), Err(error)) => (Coverage::Other, None, Some(chain(&error))),
    };
    let signers = read.as_ref().map(|signature| signature.signers().iter().map(signer).collect());
    SignatureFacts {
        kind,
        verified: false,
        size_bytes: bytes.len(),
        covers,
        form,
        reason,
        signers: signers.unwrap_or_default(),
    }
}

fn signer(signer: &ClaimedSigner) -> SignerFacts {
    let certificate = signer.certificate().map(|certificate| CertificateFacts {
        subject: certificate.subject().to_owned(),
        issuer: certificate.issuer().to_owned(),
        serial: certificate.serial().to_owned(),
        not_before: certificate.not_before().to_string(),
        not_after: certificate.not_after().to_string(),
        fingerprint_sha256: certificate.fingerprint().to_string(),
    });
    SignerFacts {
        id: signer.id().to_string(),
        digest_algorithm: signer.digest_algorithm().to_string(),
        certificate,
    }
}
