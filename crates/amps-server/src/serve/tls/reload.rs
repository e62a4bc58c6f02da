//! Seeing that files have changed, and taking them.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use amps_core::chain;
use notify::{
    Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _,
    event::{AccessKind, AccessMode},
};
use tokio::{
    sync::Notify,
    time::{sleep, timeout},
};

use super::{Tls, error::TlsError, files::Fingerprint};
use crate::tls_settings::TlsSettings;

/// How often to look at the files of which the system tells nothing.
const SLOW_LOOK: Duration = Duration::from_secs(30);
/// Programs replace several files one after the other.
const SETTLE: Duration = Duration::from_millis(200);
/// When to look again at files that cannot be used: the other half of a pair may be on its way.
const SECOND_LOOK: Duration = Duration::from_secs(2);

/// Takes files in that have changed, for ever.
pub(super) async fn keep_fresh(tls: Arc<Tls>) {
    let changed = Arc::new(Notify::new());
    let mut folders = Folders { watched: BTreeSet::new(), watcher: None, changed: Arc::clone(&changed) };
    let mut trouble = Trouble::None;
    loop {
        let looking = Arc::clone(&tls);
        let looked = tokio::task::spawn_blocking(move || {
            // Watched before they are read: what happens in between rings.
            folders.watch(&looking.settings);
            (folders, looking.refresh())
        });
        let Ok((same, (fingerprint, result))) = looked.await else {
            return tracing::error!("the files for TLS are not looked at any more");
        };
        folders = same;
        trouble = trouble.next(fingerprint, &result);
        let pause = if trouble == Trouble::Suspected { SECOND_LOOK } else { SLOW_LOOK };
        if timeout(pause, changed.notified()).await.is_ok() {
            sleep(SETTLE).await;
        }
    }
}

/// Whether files cannot be used, and whether that has been said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trouble {
    None,
    /// They may be in the middle of being replaced.
    Suspected,
    /// It was said of files with this content.
    Told(Option<Fingerprint>),
}

impl Trouble {
    fn next(self, fingerprint: Option<Fingerprint>, result: &Result<Option<Vec<String>>, TlsError>) -> Self {
        match result {
            Ok(refreshed) => {
                if let Some(warnings) = refreshed {
                    tracing::info!("new connections are served with the TLS certificate that has changed");
                    for warning in warnings {
                        tracing::warn!("TLS: {warning}");
                    }
                }
                Self::None
            }
            Err(_) if self == Self::None => Self::Suspected,
            Err(_) if self == Self::Told(fingerprint) => self,
            Err(error) => {
                let error = chain(error);
                tracing::error!(
                    error,
                    "the files for TLS have changed and cannot be used: those before stay in use"
                );
                Self::Told(fingerprint)
            }
        }
    }
}

/// The folders of the files, which the system is asked to watch. Files that are replaced by renaming, or that are links whose
/// target changes, cannot be watched themselves.
struct Folders {
    watched: BTreeSet<PathBuf>,
    watcher: Option<RecommendedWatcher>,
    changed: Arc<Notify>,
}

impl Folders {
    fn watch(&mut self, settings: &TlsSettings) {
        let wanted = folders_of(settings);
        if wanted == self.watched {
            return;
        }
        let changed = Arc::clone(&self.changed);
        let told = notify::recommended_watcher(move |event| {
            if is_change(&event) {
                changed.notify_one();
            }
        });
        self.watcher = told
            .and_then(|mut watcher| {
                wanted.iter().try_for_each(|folder| watcher.watch(folder, RecursiveMode::NonRecursive))?;
                Ok(watcher)
            })
            .inspect_err(|error| tracing::debug!(%error, "cannot watch the files for TLS: they are looked at every 30 seconds"))
            .ok();
        self.watched = wanted;
    }
}

/// The folders where the files lie, and those where the files lie that they are links to.
fn folders_of(settings: &TlsSettings) -> BTreeSet<PathBuf> {
    let folder = |path: &Path| path.parent().map(Path::to_owned);
    let named = settings.files().filter_map(|path| folder(&std::path::absolute(path).ok()?));
    let real = settings.files().filter_map(|path| folder(&path.canonicalize().ok()?));
    named.chain(real).filter(|folder| folder.is_dir()).collect()
}

/// Not that somebody reads them, as we do.
fn is_change(event: &notify::Result<Event>) -> bool {
    let is_read =
        |kind| matches!(kind, EventKind::Access(access) if access != AccessKind::Close(AccessMode::Write));
    !event.as_ref().is_ok_and(|event| is_read(event.kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure() -> Result<Option<Vec<String>>, TlsError> {
        Err(TlsError::OtherKey { key: "k".into(), certificate: "c".into() })
    }

    #[test]
    fn half_a_pair_is_not_told_at_once_and_a_bad_one_once() {
        let (half, bad) = (Some([1; 32]), Some([2; 32]));
        let suspected = Trouble::None.next(half, &failure());
        assert_eq!(suspected, Trouble::Suspected);
        assert_eq!(suspected.next(bad, &Ok(Some(Vec::new()))), Trouble::None);
        let told = suspected.next(bad, &failure());
        assert_eq!(told, Trouble::Told(bad));
        assert_eq!(told.next(bad, &failure()), told);
        assert_eq!(told.next(half, &failure()), Trouble::Told(half));
        assert_eq!(told.next(bad, &Ok(None)), Trouble::None);
    }
}
