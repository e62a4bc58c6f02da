//! How many uploads there are at a time, and how many of them may work.

use std::{sync::Arc, time::Duration};

use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use crate::{limits::ServerLimits, silent_uploads::SilentUploads};

/// The uploads of a server. Each that is open has a thread; to work, it needs a place among those that verify too, which it
/// leaves while its client sends nothing. So clients that are slow, however many, do not keep others from being verified.
#[derive(Clone)]
pub(crate) struct UploadPlaces {
    open: Arc<Semaphore>,
    verifying: Arc<Semaphore>,
    silent: Arc<SilentUploads>,
    wait: Duration,
    most: usize,
}

/// How often an upload that waits looks whether another one has fallen silent.
const LOOK: Duration = Duration::from_millis(200);

impl UploadPlaces {
    pub(crate) fn new(limits: &ServerLimits) -> Self {
        Self {
            open: Arc::new(Semaphore::new(limits.open_uploads)),
            verifying: Arc::new(Semaphore::new(limits.concurrent_uploads)),
            silent: Arc::default(),
            wait: limits.upload_wait,
            most: limits.open_uploads,
        }
    }

    /// How many uploads are open.
    pub(crate) fn count(&self) -> usize {
        self.most.saturating_sub(self.open.available_permits())
    }

    /// Opens an upload; none if it would have to wait too long for another one to end. While it waits, one whose client has
    /// been silent for some seconds is ended for it.
    pub(crate) async fn open(&self) -> Option<OpenUpload> {
        let open = match Arc::clone(&self.open).try_acquire_owned() {
            Ok(open) => open,
            Err(_) => timeout(self.wait, self.make_room()).await.ok()??,
        };
        let place = VerifyingPlace { among: Arc::clone(&self.verifying), taken: None };
        Some(OpenUpload { open, place, silent: Arc::clone(&self.silent) })
    }

    async fn make_room(&self) -> Option<OwnedSemaphorePermit> {
        let open = Arc::clone(&self.open).acquire_owned();
        tokio::pin!(open);
        loop {
            let has_gone = self.silent.dismiss_one();
            // The one that was dismissed needs a moment.
            let pause = if has_gone { 5 * LOOK } else { LOOK };
            if let Ok(open) = timeout(pause, &mut open).await {
                return open.ok();
            }
        }
    }
}

/// An upload that is open until `open` is dropped.
pub(crate) struct OpenUpload {
    pub(crate) open: OwnedSemaphorePermit,
    pub(crate) place: VerifyingPlace,
    /// Where it says that its client is silent.
    pub(crate) silent: Arc<SilentUploads>,
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
