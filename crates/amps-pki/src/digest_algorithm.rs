//! Which digest a signer used.

use std::fmt::{self, Display};

use const_oid::ObjectIdentifier;
use const_oid::db::{fips202, rfc5912};

/// A digest algorithm, by its object identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DigestAlgorithm(ObjectIdentifier);

/// Names as they are usually written. A digest that is not in here is shown as its object identifier.
const NAMES: &[(ObjectIdentifier, &str)] = &[
    (rfc5912::ID_MD_5, "MD5"),
    (rfc5912::ID_SHA_1, "SHA-1"),
    (rfc5912::ID_SHA_224, "SHA-224"),
    (rfc5912::ID_SHA_256, "SHA-256"),
    (rfc5912::ID_SHA_384, "SHA-384"),
    (rfc5912::ID_SHA_512, "SHA-512"),
    (fips202::ID_SHAKE_128, "SHAKE128"),
    (fips202::ID_SHAKE_256, "SHAKE256"),
];

impl DigestAlgorithm {
    /// The usual name, such as `SHA-256`, if it has one here.
    pub fn name(self) -> Option<&'static str> {
        let known = NAMES.iter().find(|(oid, _)| *oid == self.0);
        known.map(|(_, name)| *name)
    }

    /// The object identifier in dotted decimals.
    pub fn oid(self) -> String {
        self.0.to_string()
    }
}

impl From<ObjectIdentifier> for DigestAlgorithm {
    fn from(oid: ObjectIdentifier) -> Self {
        Self(oid)
    }
}

/// Shows the name, or the object identifier in dotted decimals where there is none.
impl Display for DigestAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => self.0.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_digests_have_names_and_others_their_identifier() {
        for (oid, expected) in [
            ("2.16.840.1.101.3.4.2.1", "SHA-256"),
            ("2.16.840.1.101.3.4.2.2", "SHA-384"),
            ("2.16.840.1.101.3.4.2.3", "SHA-512"),
            ("2.16.840.1.101.3.4.2.4", "SHA-224"),
            ("1.3.14.3.2.26", "SHA-1"),
            ("1.2.840.113549.2.5", "MD5"),
            ("2.16.840.1.101.3.4.2.11", "SHAKE128"),
            ("2.16.840.1.101.3.4.2.12", "SHAKE256"),
            ("1.2.3.4", "1.2.3.4"),
        ] {
            let algorithm = DigestAlgorithm::from(ObjectIdentifier::new_unwrap(oid));
            assert_eq!(algorithm.to_string(), expected);
            assert_eq!(algorithm.oid(), oid);
        }
    }
}
