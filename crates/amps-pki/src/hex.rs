//! Bytes as hexadecimal digits.

use std::fmt::{self, Display};

/// Shows bytes as upper-case hexadecimal digits, two for each byte.
pub(crate) struct UpperHex<'a>(pub(crate) &'a [u8]);

impl Display for UpperHex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02X}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_two_digits() {
        assert_eq!(UpperHex(&[0, 0x0a, 0xff]).to_string(), "000AFF");
        assert_eq!(UpperHex(&[]).to_string(), "");
    }
}
