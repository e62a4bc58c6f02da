//! What is known of the checks of an upload, while they are made and when they are over.

use std::{
    io::{self, Read},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use amps_core::{Check, Verdict, Watch};

/// The verdicts that have come, and how much of the package was read for them.
#[derive(Default)]
pub(crate) struct UploadChecks {
    verdicts: Mutex<Vec<(Check, Verdict)>>,
    read_bytes: AtomicU64,
}

impl UploadChecks {
    /// Begins anew: lets the store tell it what comes.
    pub(crate) fn watch(self: &Arc<Self>) -> Watch {
        self.forget();
        let told = Arc::clone(self);
        Watch::by(Arc::new(move |check, verdict| told.lock().push((check, verdict))))
    }

    /// Nothing has been checked.
    pub(crate) fn forget(&self) {
        self.lock().clear();
        self.read_bytes.store(0, Ordering::Relaxed);
    }

    /// Counts what is read of a package.
    pub(crate) fn count<R: Read>(self: &Arc<Self>, source: R) -> Counted<R> {
        Counted { source, checks: Arc::clone(self) }
    }

    /// What has come, in the order in which it came.
    pub(crate) fn verdicts(&self) -> Vec<(Check, Verdict)> {
        self.lock().clone()
    }

    /// How much of the package was read.
    pub(crate) fn read_bytes(&self) -> u64 {
        self.read_bytes.load(Ordering::Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(Check, Verdict)>> {
        self.verdicts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A package whose bytes are counted.
pub(crate) struct Counted<R> {
    source: R,
    checks: Arc<UploadChecks>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let bytes = self.source.read(into)?;
        self.checks.read_bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        Ok(bytes)
    }
}
