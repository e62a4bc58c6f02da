//! What happens in an hour, and in which order.

use super::scene::{Package, Scene};
use crate::bench::inputs::XorShift;
use crate::error::Error;

/// Devices of the fleet. Each comes once an hour.
const DEVICES: u64 = 10_000;

/// How often the rest happens in an hour.
const COUNTS: &[(Kind, u32)] = &[
    (Kind::LargeDownload, 50),
    (Kind::Purchase, 300),
    (Kind::AppList, 300),
    (Kind::Login, 20),
    (Kind::WrongLogin, 2),
    (Kind::Api, 200),
    (Kind::Upload, 20),
    (Kind::UploadInPieces, 4),
    (Kind::AbandonedPieces, 2),
    (Kind::Refused, 6),
    (Kind::Removal, 2),
    (Kind::HalfHead, 20),
    (Kind::HalfUpload, 10),
    (Kind::HalfDownload, 20),
];

/// What a client may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Hello, the list, and a package signed for the device, over a connection of its own.
    Device,
    LargeDownload,
    Purchase,
    AppList,
    Login,
    WrongLogin,
    Api,
    Upload,
    UploadInPieces,
    AbandonedPieces,
    Refused,
    Removal,
    HalfHead,
    HalfUpload,
    HalfDownload,
}

/// One client, once.
#[derive(Debug)]
pub(super) struct Visit {
    pub(super) kind: Kind,
    /// The hardware id; no two visits of a day have the same one, but those of the same device.
    pub(super) device: u64,
    /// The package, where one is sent.
    pub(super) package: Package,
}

/// All visits of an hour.
pub(super) struct Hour {
    pub(super) visits: Vec<Visit>,
}

impl Hour {
    /// Those of this hour in an order that only the hour decides. Packages to be uploaded are made here, so that nobody waits for it later.
    pub(super) fn new(hour: u32, scene: &mut Scene) -> Result<Self, Error> {
        let mut visits: Vec<Visit> = (0..DEVICES)
            .map(|device| Visit { kind: Kind::Device, device, package: Package::default() })
            .collect();
        let mut device = DEVICES + u64::from(hour) * DEVICES;
        for (kind, count) in COUNTS {
            for _ in 0..*count {
                let package = match kind {
                    Kind::Upload | Kind::UploadInPieces | Kind::AbandonedPieces => scene.next_package()?,
                    Kind::Removal => scene.passing_package()?,
                    Kind::Refused => spoilt(scene.next_package()?),
                    Kind::HalfUpload => half(scene.next_package()?),
                    _ => Package::default(),
                };
                visits.push(Visit { kind: *kind, device, package });
                device += 1;
            }
        }
        shuffle(&mut visits, &mut XorShift::new(u64::from(hour) + 1));
        Ok(Self { visits })
    }
}

/// One bit in the middle is another.
fn spoilt(mut package: Package) -> Package {
    let middle = package.bytes.len() / 2;
    if let Some(byte) = package.bytes.get_mut(middle) {
        *byte ^= 0x10;
    }
    package
}

fn half(mut package: Package) -> Package {
    package.bytes.truncate(package.bytes.len() / 2);
    package
}

/// Fisher and Yates.
fn shuffle<T>(things: &mut [T], random: &mut XorShift) {
    for last in (1..things.len()).rev() {
        let other = usize::try_from(random.below(last as u64 + 1)).unwrap_or(0);
        things.swap(last, other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_has_everything_once() {
        let mut things: Vec<u32> = (0..1_000).collect();
        shuffle(&mut things, &mut XorShift::new(7));
        assert_ne!(things, (0..1_000).collect::<Vec<_>>());
        things.sort_unstable();
        assert_eq!(things, (0..1_000).collect::<Vec<_>>());
    }

    #[test]
    fn what_is_spoilt_has_the_same_length() {
        let package = |bytes| Package { id: String::new(), bytes };
        assert_eq!(spoilt(package(vec![0; 4])).bytes, [0, 0, 0x10, 0]);
        assert_eq!(half(package(vec![1; 5])).bytes, [1, 1]);
    }
}
