//! The folders `upload` and `remove` of a data directory: files that are put there are requests.

mod doorbell;
mod entry;
mod removals;
mod settling;
mod taken;
mod uploads;
mod watch;

use std::{
    io,
    path::Path,
    sync::Arc,
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use amps_core::Store;

use self::{
    doorbell::{Doorbell, Folder},
    removals::Removals,
    uploads::Uploads,
    watch::Watch,
};

/// How often the folders are looked through whatever the system says of them: it says nothing about what other machines do on
/// a network file system, and may lose events.
const POLL: Duration = Duration::from_secs(2);
/// The least time between two scans, so that thousands of files do not mean thousands of scans.
const BREATH: Duration = Duration::from_millis(20);

/// Looks after the folders, on a thread of its own: one file after the other, whatever there are of them.
pub(crate) struct Folders {
    doorbell: Arc<Doorbell>,
    thread: Option<JoinHandle<()>>,
}

impl Folders {
    /// Makes the folders if they are missing and begins with what lies there. `begin_scan` is called before each scan.
    pub(crate) fn start(
        store: Arc<Store>,
        data_directory: &Path,
        begin_scan: impl Fn() + Send + 'static,
    ) -> io::Result<Self> {
        let doorbell = Arc::new(Doorbell::default());
        let watch = |name, folder| Watch::new(data_directory.join(name), folder, Arc::clone(&doorbell));
        let mut removals = Removals::new(watch("remove", Folder::Remove));
        let mut uploads = Uploads::new(watch("upload", Folder::Upload));
        let bell = Arc::clone(&doorbell);
        let work = move || {
            let mut pause = Duration::ZERO;
            while bell.wait(pause, BREATH) {
                begin_scan();
                removals.scan(&store, &bell);
                begin_scan();
                let next = uploads.scan(&store, &bell, Instant::now);
                pause = next.map_or(POLL, |next| next.clamp(BREATH, POLL));
            }
        };
        let thread = thread::Builder::new().name("folders".into()).spawn(work)?;
        Ok(Self { doorbell, thread: Some(thread) })
    }

    /// Ends the work; a file that is being read stays where it is.
    pub(crate) async fn stop(mut self) {
        self.doorbell.stop();
        let Some(thread) = self.thread.take() else { return };
        let joined = tokio::task::spawn_blocking(|| thread.join()).await;
        if !matches!(joined, Ok(Ok(()))) {
            tracing::error!("looking after the folders ended unexpectedly");
        }
    }
}

impl Drop for Folders {
    fn drop(&mut self) {
        self.doorbell.stop();
    }
}
