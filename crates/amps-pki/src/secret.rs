//! Secrets that cannot be printed and are wiped when they are dropped.

use std::fmt;

use zeroize::Zeroizing;

/// The password of a PKCS#12 file. May be empty.
///
/// The memory is wiped when the password is dropped; copies that the caller made before are the caller's.
pub struct Password(Zeroizing<String>);

impl Password {
    /// Takes a password over.
    pub fn new(password: String) -> Self {
        Self(Zeroizing::new(password))
    }

    /// The password, for checking it; it must go nowhere else.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Password {
    fn from(password: &str) -> Self {
        Self::new(password.to_owned())
    }
}

/// Shows that there is a password, not which.
impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(redacted)")
    }
}

/// What tells one device from all others; a store signature may be bound to it.
///
/// Wiped like a [`Password`]: who knows it can tell which device a package was signed for.
pub struct HardwareId(Zeroizing<String>);

/// Why a text is no hardware id. Does not tell the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HardwareIdError {
    /// An empty id tells no device from another.
    #[error("the hardware id is empty")]
    Empty,
    /// HMAC fills short keys up with zeros: `a` and `a` with zeros behind it would be the same device.
    #[error("the hardware id contains the character U+0000")]
    Nul,
}

impl HardwareId {
    /// Takes a hardware id over.
    pub fn new(hardware_id: String) -> Result<Self, HardwareIdError> {
        let hardware_id = Zeroizing::new(hardware_id);
        if hardware_id.is_empty() {
            Err(HardwareIdError::Empty)
        } else if hardware_id.contains('\0') {
            Err(HardwareIdError::Nul)
        } else {
            Ok(Self(hardware_id))
        }
    }

    /// The hardware id, for keeping it with what was bought for the device.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// Shows that there is a hardware id, not which.
impl fmt::Debug for HardwareId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HardwareId(redacted)")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_printed() {
        assert_eq!(format!("{:?}", Password::from("open sesame")), "Password(redacted)");
        let hardware_id = HardwareId::new("device-0815".into()).unwrap();
        assert_eq!(format!("{hardware_id:?}"), "HardwareId(redacted)");
    }

    #[test]
    fn a_hardware_id_is_neither_empty_nor_padded() {
        let error = |text: &str| HardwareId::new(text.into()).err();
        assert_eq!(error(""), Some(HardwareIdError::Empty));
        assert_eq!(error("device-0815\0"), Some(HardwareIdError::Nul));
        assert_eq!(error("\0"), Some(HardwareIdError::Nul));
        assert_eq!(error(" "), None);
    }
}
