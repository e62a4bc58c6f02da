//! What a signature is made over: 32 bytes that stand for a package, or for a package on one device.

use std::fmt::{self, Display};

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::HardwareId;

/// The 32 bytes that are signed, as their base64 text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignatureInput([u8; 32]);

impl SignatureInput {
    /// A developer signs the digest of the package.
    pub fn developer(digest: &[u8; 32]) -> Self {
        Self(*digest)
    }

    /// A store signs the digest of the package, or, for one device, the HMAC-SHA256 of the digest with the
    /// hardware id (in UTF-8) as key.
    pub fn store(digest: &[u8; 32], hardware_id: Option<&HardwareId>) -> Self {
        let Some(hardware_id) = hardware_id else {
            return Self(*digest);
        };
        let key = hmac::Key::new(hmac::HMAC_SHA256, hardware_id.as_bytes());
        let tag = hmac::sign(&key, digest);
        let mut bound = [0; 32];
        bound.iter_mut().zip(tag.as_ref()).for_each(|(to, from)| *to = *from);
        Self(bound)
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The content of the signatures that are made here: 44 characters of base64, no line end.
    pub fn to_base64(&self) -> String {
        STANDARD.encode(self.0)
    }

    /// The content in one of the forms.
    pub(crate) fn content(&self, form: SignatureForm) -> Vec<u8> {
        match form {
            SignatureForm::Base64 => self.to_base64().into_bytes(),
            SignatureForm::Raw => self.0.to_vec(),
        }
    }
}

/// Over which form of the 32 bytes a signature was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SignatureForm {
    /// The base64 text: what packagers write and devices expect.
    Base64,
    /// The bytes themselves: what the Deployment Server wrote.
    Raw,
}

impl SignatureForm {
    /// Every form, the usual one first.
    pub(crate) const ALL: [Self; 2] = [Self::Base64, Self::Raw];
}

/// Shows `base64` or `raw`.
impl Display for SignatureForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Base64 => "base64",
            Self::Raw => "raw",
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_device_changes_what_a_store_signs_and_nothing_else_does() {
        let digest = [7; 32];
        let plain = SignatureInput::developer(&digest);
        assert_eq!(plain.as_bytes(), &digest);
        assert_eq!(SignatureInput::store(&digest, None), plain);
        let device = HardwareId::new("Gerät 7".into()).unwrap();
        // printf '\7%.0s' $(seq 32) | openssl dgst -sha256 -hmac 'Gerät 7' -binary | base64
        assert_eq!(SignatureInput::store(&digest, Some(&device)).to_base64(), HMAC);
    }

    const HMAC: &str = "kczXm3S+QiQkrMYPlP/L96QsEsbNAh1nH7tS0ETmigQ=";

    #[test]
    fn the_content_has_no_line_end() {
        let input = SignatureInput::developer(&[0; 32]);
        assert_eq!(input.to_base64(), "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
        assert_eq!(input.content(SignatureForm::Base64).len(), 44);
        assert_eq!(input.content(SignatureForm::Raw), [0; 32]);
    }
}
