//! Uploads whose clients send nothing: they give way when others wait.

use std::{
    future::Future,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::oneshot::{Receiver, Sender, channel},
    time::Instant,
};

/// How long a client may be silent before its upload counts as one that can give way. Long enough for a network that stumbles.
pub(crate) const SPARED: Duration = Duration::from_secs(3);

/// Those that are silent now, in the order in which they fell silent.
#[derive(Default)]
pub(crate) struct SilentUploads(Mutex<Vec<Silent>>);

struct Silent {
    since: Instant,
    order: Sender<()>,
}

impl SilentUploads {
    /// Notes that a client has sent nothing since then. Completes if its upload is to give way; dropping it says that the client
    /// goes on.
    pub(crate) fn note(&self, since: Instant) -> impl Future<Output = ()> + use<> {
        let (order, told): (_, Receiver<()>) = channel();
        let mut silent = self.lock();
        silent.retain(|one| !one.order.is_closed());
        let place = silent.partition_point(|one| one.since <= since);
        silent.insert(place, Silent { since, order });
        async {
            if told.await.is_err() {
                // Nobody is left who could say so.
                std::future::pending::<()>().await;
            }
        }
    }

    /// Tells the one that has been silent the longest to give way; false if there is none.
    pub(crate) fn dismiss_one(&self) -> bool {
        let mut silent = self.lock();
        while !silent.is_empty() {
            if silent.remove(0).order.send(()).is_ok() {
                return true;
            }
        }
        false
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Silent>> {
        // A panic cannot leave the list half-changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn the_one_that_was_silent_the_longest_goes_first() {
        let uploads = SilentUploads::default();
        assert!(!uploads.dismiss_one());
        let now = Instant::now();
        let later = uploads.note(now + Duration::from_secs(1));
        let first = uploads.note(now);
        let goes_on = uploads.note(now - Duration::from_secs(1));
        tokio::pin!(later, first);
        drop(goes_on);
        assert!(uploads.dismiss_one());
        assert_eq!((first.now_or_never(), later.as_mut().now_or_never()), (Some(()), None));
        assert!(uploads.dismiss_one());
        assert_eq!(later.now_or_never(), Some(()));
        assert!(!uploads.dismiss_one());
    }

    #[tokio::test]
    async fn those_that_go_on_are_forgotten() {
        let uploads = SilentUploads::default();
        for _ in 0..100 {
            drop(uploads.note(Instant::now()));
        }
        assert_eq!(uploads.lock().len(), 1);
    }
}
