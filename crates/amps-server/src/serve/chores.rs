//! What a server does by itself, now and then.

use std::{
    future::Future,
    sync::Arc,
    time::{Duration, SystemTime},
};

use amps_core::{Clock as _, Day, Store, SystemClock, Timestamp, accounts::Accounts, chain};
use tokio::task::JoinHandle;

/// How often blobs that nothing refers to are looked for.
const SWEEP_INTERVAL: Duration = Duration::from_mins(10);

/// How often sessions and purchases that have expired are removed.
const EXPIRY_INTERVAL: Duration = Duration::from_mins(5);

/// Tasks that go on until they are stopped.
#[derive(Default)]
pub(super) struct Chores(Vec<JoinHandle<()>>);

impl Chores {
    /// Goes on with something until [`Chores::stop`].
    pub(super) fn go_on(&mut self, task: impl Future<Output = ()> + Send + 'static) {
        self.0.push(tokio::spawn(task));
    }

    /// Stops all, and waits until nothing has what they had.
    pub(super) async fn stop(self) {
        self.0.iter().for_each(JoinHandle::abort);
        for task in self.0 {
            let _ = task.await;
        }
    }
}

/// How often the downloads that were counted are kept.
const COUNT_INTERVAL: Duration = Duration::from_mins(1);

/// Keeps the downloads that were counted, every minute and at midnight: whatever was counted since the last time was of one day.
pub(super) async fn keep_downloads(store: Arc<Store>) {
    loop {
        let begin = SystemClock.now();
        let midnight = Day::of(begin).after().begin();
        let left = u64::try_from(midnight.0.saturating_sub(begin.0)).unwrap_or(0);
        tokio::time::sleep(COUNT_INTERVAL.min(Duration::from_secs(left))).await;
        keep_downloads_since(&store, begin).await;
    }
}

/// Keeps those that were counted since some moment.
pub(super) async fn keep_downloads_since(store: &Arc<Store>, since: Timestamp) {
    let store = Arc::clone(store);
    let kept = tokio::task::spawn_blocking(move || store.keep_downloads(since)).await;
    if let Ok(Err(error)) = kept {
        tracing::error!(error = error.chain(), "cannot keep how often packages were downloaded");
    }
}

/// Removes sessions and purchases whose time is over.
pub(super) async fn expire(accounts: Arc<dyn Accounts>) {
    loop {
        let accounts = Arc::clone(&accounts);
        let expired = tokio::task::spawn_blocking(move || accounts.remove_expired(SystemClock.now())).await;
        if let Ok(Err(error)) = expired {
            tracing::error!(error = chain(&error), "cannot remove sessions and purchases that have expired");
        }
        tokio::time::sleep(EXPIRY_INTERVAL).await;
    }
}

/// Removes blobs that nothing refers to.
pub(super) async fn sweep(store: Arc<Store>) {
    loop {
        tokio::time::sleep(SWEEP_INTERVAL).await;
        let store = Arc::clone(&store);
        let swept = tokio::task::spawn_blocking(move || store.sweep(SystemTime::now())).await;
        if let Ok(Err(error)) = swept {
            tracing::error!(error = error.chain(), "cannot remove blobs that nothing refers to");
        }
    }
}
