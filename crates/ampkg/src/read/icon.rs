//! Finding the icon, which the manifest names and which may stand before it.

use crate::{
    entry::{Entry, EntryKind, EntryPath},
    error::{Error, LimitKind},
    layout::{DEVICE_ICON_BYTES, MANIFEST},
    package::{Icon, Warning},
};

/// Keeps the file that the manifest names as icon. As long as the manifest has not come by, it keeps every file that could
/// be it, up to the limit for one icon in all.
pub(super) struct IconFinder {
    limit: u64,
    wanted: Option<String>,
    kept: Vec<Icon>,
    kept_bytes: u64,
    /// Whether some file before the manifest was not kept.
    passed_over: bool,
}

impl IconFinder {
    pub(super) fn new(limit: u64) -> Self {
        Self { limit, wanted: None, kept: Vec::new(), kept_bytes: 0, passed_over: false }
    }

    /// The manifest came by and names `icon`.
    pub(super) fn named(&mut self, icon: &str) {
        let wanted = EntryPath::canonical_of(icon);
        self.kept.retain(|icon| icon.path.canonical() == wanted);
        self.kept_bytes = 0;
        self.wanted = Some(wanted);
    }

    /// Whether the data of this entry is to be kept.
    pub(super) fn wants(&mut self, entry: &Entry) -> Result<bool, Error> {
        if entry.kind != EntryKind::File {
            return Ok(false);
        }
        let fits = entry.size_bytes <= self.limit - self.kept_bytes;
        match &self.wanted {
            Some(wanted) if *wanted != entry.path.canonical() => Ok(false),
            Some(_) if !fits => Err(Error::Limit { kind: LimitKind::IconBytes, limit: self.limit }),
            Some(_) => Ok(true),
            None => {
                self.passed_over |= !fits;
                Ok(fits)
            }
        }
    }

    pub(super) fn keep(&mut self, path: EntryPath, bytes: Vec<u8>) {
        if self.wanted.as_ref().is_some_and(|wanted| *wanted != path.canonical()) {
            return; // the manifest itself, which was kept until it said that something else is the icon
        }
        self.kept_bytes += bytes.len() as u64;
        self.kept.push(Icon { path, bytes });
    }

    /// The icon, and what is to be said about it.
    pub(super) fn finish(mut self, entries: &[Entry]) -> (Option<Icon>, Vec<Warning>) {
        let wanted = self.wanted.unwrap_or_default();
        let mut files =
            entries.iter().filter(|entry| entry.kind == EntryKind::File).map(|entry| entry.path.canonical());
        let mut warnings = Vec::new();
        let in_order = files.next().is_some_and(|name| name == MANIFEST)
            && files.next().is_some_and(|name| name == wanted);
        let seen =
            entries.iter().any(|entry| entry.kind == EntryKind::File && entry.path.canonical() == wanted);
        if !in_order {
            warnings.push(Warning::FirstFiles { icon: wanted.clone() });
        }
        let icon = self.kept.pop();
        match &icon {
            Some(icon) if icon.bytes.len() as u64 > DEVICE_ICON_BYTES => {
                warnings.push(Warning::LargeIcon { bytes: icon.bytes.len() as u64 });
            }
            Some(_) => {}
            None if seen && self.passed_over => warnings.push(Warning::IconNotKept { icon: wanted }),
            None => warnings.push(Warning::NoIcon { icon: wanted }),
        }
        (icon, warnings)
    }
}
