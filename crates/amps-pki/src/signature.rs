//! A detached signature, as it stands in the footer of a package.

use der::EncodingRules;

use crate::certificate::IncludedCertificate;
use crate::message::Message;
use crate::{Error, Signer};

/// The largest signature that is read, in bytes, inclusive.
///
/// The signature with a chain of four RSA 4096 certificates has about 8 KiB; the rest is room for larger
/// chains.
pub const MAX_SIGNATURE_BYTES: usize = 64 * 1024;

/// A detached CMS signature: well-formed, but not verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    signers: Vec<Signer>,
}

impl Signature {
    /// Reads a signature in DER, the form in which packages should carry it.
    pub fn from_der(bytes: &[u8]) -> Result<Self, Error> {
        Self::read(bytes, EncodingRules::Der)
    }

    /// Reads a signature in DER or BER: indefinite lengths are allowed as well.
    ///
    /// Lengths must still take as few bytes as possible, and certificates must be DER.
    pub fn from_ber(bytes: &[u8]) -> Result<Self, Error> {
        Self::read(bytes, EncodingRules::Ber)
    }

    /// The signers that the message names: at least one, in the order of the message.
    pub fn signers(&self) -> &[Signer] {
        &self.signers
    }

    fn read(bytes: &[u8], rules: EncodingRules) -> Result<Self, Error> {
        if bytes.len() > MAX_SIGNATURE_BYTES {
            return Err(Error::TooLarge { size_bytes: bytes.len() });
        }
        let message = Message::read(bytes, rules)?;
        let included = message
            .certificates
            .iter()
            .enumerate()
            .map(|(index, der)| {
                IncludedCertificate::read(der).map_err(|source| Error::Certificate { index, source })
            })
            .collect::<Result<Vec<_>, _>>()?;
        let signers = message
            .signers
            .iter()
            .map(|info| Signer::resolve(info, &included))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self { signers })
    }
}
