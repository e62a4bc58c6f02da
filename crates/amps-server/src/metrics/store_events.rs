//! What happens to the store, counted.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use amps_core::{Counter, Event, EventSink, Origin};

use super::histogram::Histogram;

/// How uploads end. Those that have not yet are told as 0: else nobody sees the first one as a change.
const VERDICTS: [&str; 17] = [
    "added",
    "updated",
    "unchanged",
    "format",
    "entry-type",
    "path",
    "structure",
    "metadata",
    "manifest",
    "digest",
    "signature",
    "limit",
    "architecture",
    "deployment",
    "incomplete",
    "disk-full",
    "internal",
];

/// Uploads and removals so far.
pub(crate) struct StoreEvents {
    /// By origin and verdict. There are few of either, and they are fixed.
    uploads: Mutex<BTreeMap<(&'static str, &'static str), u64>>,
    removed: Mutex<BTreeMap<&'static str, u64>>,
    pub(super) upload_bytes: Counter,
    pub(super) upload_durations: Histogram,
}

impl Default for StoreEvents {
    fn default() -> Self {
        let origins = [Origin::Http, Origin::UploadFolder].map(word);
        let uploads = origins.into_iter().flat_map(|origin| VERDICTS.map(|verdict| ((origin, verdict), 0)));
        Self {
            uploads: Mutex::new(uploads.collect()),
            removed: Mutex::default(),
            upload_bytes: Counter::default(),
            upload_durations: Histogram::default(),
        }
    }
}

impl StoreEvents {
    pub(super) fn uploads(&self) -> BTreeMap<(&'static str, &'static str), u64> {
        self.uploads.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn removed(&self) -> BTreeMap<&'static str, u64> {
        self.removed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl EventSink for StoreEvents {
    fn event(&self, origin: Origin, event: &Event) {
        if let Event::Removed { .. } = event {
            let mut removed = self.removed.lock().unwrap_or_else(PoisonError::into_inner);
            *removed.entry(word(origin)).or_default() += 1;
        }
    }

    fn verdict(&self, origin: Origin, verdict: &'static str) {
        let mut uploads = self.uploads.lock().unwrap_or_else(PoisonError::into_inner);
        *uploads.entry((word(origin), verdict)).or_default() += 1;
    }

    fn verified(&self, bytes: u64, time: Duration) {
        self.upload_bytes.add(bytes);
        self.upload_durations.note(time);
    }
}

fn word(origin: Origin) -> &'static str {
    match origin {
        Origin::Start => "start",
        Origin::Http => "http",
        Origin::UploadFolder => "upload-folder",
        Origin::RemoveFolder => "remove-folder",
        Origin::Import => "import",
        Origin::Retention => "retention",
        _ => "other",
    }
}
