//! Issuing certificates: an authority with its key, the signers below it, and what it has revoked.
//!
//! Made by hand from DER parts and not with a builder: that of x509-cert is made for other crates' keys.

mod authority;
mod certificate;
mod error;
mod identity;
mod key_pair;
mod revocation_list;

pub use authority::CertificateAuthority;
pub use error::IssueError;
pub use identity::Identity;
pub use key_pair::{KeyPair, KeyType};

use der::Encode;
use x509_cert::time::Time;

use crate::{Timestamp, der_write};

/// From when until when a certificate or a revocation list counts, both inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    from: Timestamp,
    until: Timestamp,
}

impl Validity {
    /// The time between two points; `until` must not be before `from`.
    pub fn new(from: Timestamp, until: Timestamp) -> Result<Self, IssueError> {
        if until < from {
            return Err(IssueError::Validity { from, until });
        }
        Ok(Self { from, until })
    }

    /// `from` and `until` in DER, one behind the other.
    fn to_der(self) -> der::Result<Vec<u8>> {
        Ok([Time::from(self.from).to_der()?, Time::from(self.until).to_der()?].concat())
    }
}

/// Object identifier and parameters of the signatures that a kind of key makes, in DER.
fn signature_algorithm(kind: KeyType) -> der::Result<Vec<u8>> {
    match kind {
        // The parameters are NULL (RFC 4055 section 5), or absent (RFC 5758 section 3.2).
        KeyType::Rsa2048 => der_write::sequence(&[&crate::oid::RSA_SHA256.to_der()?, &[0x05, 0x00]]),
        KeyType::P256 => der_write::sequence(&[&crate::oid::ECDSA_SHA256.to_der()?]),
    }
}
