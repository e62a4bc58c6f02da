//! Being told by the system when something happens in a folder.

use std::{
    fs, io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use notify::{
    Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _,
    event::{AccessKind, AccessMode, ModifyKind},
};

use super::{
    doorbell::{Doorbell, Folder},
    settling::Writing,
};

/// A folder that rings when something happens in it, as long as the system can tell. If it cannot, the folder is looked
/// through from time to time.
pub(super) struct Watch {
    path: PathBuf,
    folder: Folder,
    doorbell: Arc<Doorbell>,
    watched: Option<Watched>,
    has_warned: bool,
}

struct Watched {
    /// Which folder it is: somebody may put another one in its place.
    identity: (u64, u64),
    _watcher: RecommendedWatcher,
}

impl Watch {
    pub(super) fn new(path: PathBuf, folder: Folder, doorbell: Arc<Doorbell>) -> Self {
        Self { path, folder, doorbell, watched: None, has_warned: false }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the folder if it is missing, and sees to it that it is watched.
    pub(super) fn ensure(&mut self) -> io::Result<()> {
        let metadata = match fs::metadata(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                // Not its parents: if the data directory is gone, it is not for us to make an empty one.
                fs::create_dir(&self.path)?;
                fs::metadata(&self.path)?
            }
            other => other?,
        };
        let identity = (metadata.dev(), metadata.ino());
        if self.watched.as_ref().is_none_or(|watched| watched.identity != identity) {
            self.watched = None;
            if self.folder == Folder::Upload {
                self.doorbell.lose();
            }
            match self.watch() {
                Ok(watcher) => self.watched = Some(Watched { identity, _watcher: watcher }),
                Err(error) if !self.has_warned => {
                    self.has_warned = true;
                    tracing::warn!(folder = ?self.path, %error, "cannot watch a folder: it is looked through every 2 seconds");
                }
                Err(_) => {}
            }
        }
        Ok(())
    }

    fn watch(&self) -> notify::Result<RecommendedWatcher> {
        let (folder, doorbell) = (self.folder, Arc::clone(&self.doorbell));
        let mut watcher = notify::recommended_watcher(move |event| hear(&doorbell, folder, event))?;
        watcher.watch(&self.path, RecursiveMode::NonRecursive)?;
        Ok(watcher)
    }
}

/// Nothing is queued: an event leaves at most a word about a file behind.
fn hear(doorbell: &Doorbell, folder: Folder, event: notify::Result<Event>) {
    let Some(event) = event.ok().filter(|event| !event.need_rescan()) else {
        if folder == Folder::Upload {
            doorbell.lose();
        }
        return doorbell.ring(folder);
    };
    let writing = match event.kind {
        EventKind::Create(_) => Writing::Unknown,
        EventKind::Modify(ModifyKind::Name(_)) | EventKind::Access(AccessKind::Close(AccessMode::Write)) => {
            Writing::Closed
        }
        EventKind::Modify(ModifyKind::Data(_)) => Writing::Open,
        // Others read it, and we do; or it is gone.
        _ => return,
    };
    if folder == Folder::Upload {
        for name in event.paths.iter().filter_map(|path| path.file_name()) {
            doorbell.note(name.into(), writing);
        }
    }
    // What is being written now rings when it is complete.
    if writing != Writing::Open {
        doorbell.ring(folder);
    }
}
