//! Devices in the trail: recognised, but not named.

use std::fmt;

use amps_pki::HardwareId;
use sha2::{Digest as _, Sha256};

/// Bytes of a mark. Half of a SHA-256: as many as nobody finds two of by chance.
const MARK_BYTES: usize = 16;

/// What stands for a device in the trail of one store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DeviceMark([u8; MARK_BYTES]);

impl fmt::Display for DeviceMark {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

/// Makes marks: the first 16 bytes of SHA-256 over a salt that only this store has, and the hardware id.
///
/// Whoever sees an export, but not the catalog, can tell that two entries are of one device, and cannot tell which, however few hardware
/// ids there are. Whoever has the catalog has the salt, and can try the ids that they know. Marks of two stores have nothing in common.
#[derive(Clone)]
pub struct DeviceMarks {
    salt: [u8; 32],
}

impl DeviceMarks {
    /// Makes marks with the salt of a store. It must be random, and never be shown.
    pub fn new(salt: [u8; 32]) -> Self {
        Self { salt }
    }

    /// The mark of a device.
    pub fn mark(&self, device: &HardwareId) -> DeviceMark {
        let mut hash = Sha256::new();
        hash.update(b"amps-device-1\0");
        hash.update(self.salt);
        hash.update(device.as_str());
        let mut mark = [0; MARK_BYTES];
        mark.iter_mut().zip(hash.finalize()).for_each(|(byte, found)| *byte = found);
        DeviceMark(mark)
    }
}

/// Without the salt.
impl fmt::Debug for DeviceMarks {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("DeviceMarks(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_depends_on_device_and_store_and_shows_neither() {
        let device = |id: &str| HardwareId::new(id.to_owned()).unwrap();
        let (one, other) = (DeviceMarks::new([1; 32]), DeviceMarks::new([2; 32]));
        let mark = one.mark(&device("car-17"));
        assert_eq!(mark, one.mark(&device("car-17")));
        assert_ne!(mark, one.mark(&device("car-18")));
        assert_ne!(mark, other.mark(&device("car-17")));
        assert_eq!(mark.to_string().len(), 32);
        assert_eq!(format!("{one:?}"), "DeviceMarks(..)");
    }
}
