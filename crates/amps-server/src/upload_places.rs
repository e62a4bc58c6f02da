//! How many uploads there are at a time, and how many of them may work.

use std::{sync::Arc, time::Duration};

use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use crate::limits::ServerLimits;

/// The uploads of a server. Each that is open has a thread; to work, it needs a place among those that verify too, which it
/// leaves while its client sends nothing. So clients that are slow, however many, do not keep others from being verified.
#[derive(Clone)]
pub(crate) struct UploadPlaces {
    open: Arc<Semaphore>,
    verifying: Arc<Semaphore>,
    wait: Duration,
}

impl UploadPlaces {
    pub(crate) fn new(limits: &ServerLimits) -> Self {
        Self {
            open: Arc::new(Semaphore::new(limits.open_uploads)),
            verifying: Arc::new(Semaphore::new(limits.concurrent_uploads)),
            wait: limits.upload_wait,
        }
    }

    /// Opens an upload; none if it would have to wait too long for another one to end.
    pub(crate) async fn open(&self) -> Option<OpenUpload> {
        let open = timeout(self.wait, Arc::clone(&self.open).acquire_owned()).await.ok()?.ok()?;
        Some(OpenUpload { open, place: VerifyingPlace { among: Arc::clone(&self.verifying), taken: None } })
    }
}

/// An upload that is open until `open` is dropped.
pub(crate) struct OpenUpload {
    pub(crate) open: OwnedSemaphorePermit,
    pub(crate) place: VerifyingPlace,
}

/// A place among the uploads that verify, taken or not.
pub(crate) struct VerifyingPlace {
    among: Arc<Semaphore>,
    taken: Option<OwnedSemaphorePermit>,
}

impl VerifyingPlace {
    /// Waits for it, on a thread that may block, until it is this upload's turn.
    pub(crate) fn take(&mut self) {
        if self.taken.is_none() {
            // An error would mean that the semaphore was closed, which nobody does.
            self.taken = Handle::current().block_on(Arc::clone(&self.among).acquire_owned()).ok();
        }
    }

    /// Leaves it to others.
    pub(crate) fn leave(&mut self) {
        self.taken = None;
    }
}
