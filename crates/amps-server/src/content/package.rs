//! Packages and their icons as contents.

use std::time::{Duration, SystemTime};

use amps_core::{Icon, PackagesFolder, SignedPackage, Timestamp};
use axum::body::Bytes;

use super::{
    Content, Encoding,
    conditions::{Modified, Validator},
};

impl Content {
    /// A package as a device gets it.
    pub(crate) fn of_package(package: SignedPackage, media_type: &'static str) -> Self {
        let facts = &package.release.facts;
        // A device's signature may have to be made anew, and then has other bytes.
        let validator = if package.end.is_empty() { Validator::Strong } else { Validator::Weak };
        Self {
            tag: package.name().to_string(),
            modified: header_time(facts.uploaded_at).map(|at| Modified { at, validator }),
            media_type: media_type.into(),
            file_name: Some(PackagesFolder::file_name(&facts.id, &facts.architecture)),
            encoding: Encoding::Fixed,
            stored: Some((package.blob, package.keep_bytes)),
            end: Bytes::from_owner(package.end),
            counter: Some(package.counter),
        }
    }

    /// The icon of a package.
    pub(crate) fn of_icon(icon: Icon) -> Self {
        let size_bytes = icon.blob.size_bytes();
        Self {
            stored: Some((icon.blob, size_bytes)),
            end: Bytes::new(),
            tag: icon.id.to_string(),
            modified: None,
            media_type: icon.media_type.into(),
            file_name: None,
            encoding: Encoding::Fixed,
            counter: None,
        }
    }
}

/// A time, if it can stand in a header.
fn header_time(at: Timestamp) -> Option<SystemTime> {
    /// The end of the year 9999: a header has four digits for a year.
    const LAST_SECOND: u64 = 253_402_300_799;
    let seconds = u64::try_from(at.0).ok().filter(|seconds| *seconds <= LAST_SECOND)?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}
