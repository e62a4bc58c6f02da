//! The folder `remove`: the name of a file there says what goes.

use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    fs, io,
};

use amps_core::{Event, Origin, Store, chain};

use super::{
    doorbell::Doorbell,
    entry::{self, Entry, Stamp},
    watch::Watch,
};

/// How the name of a package's file ends; what stands before it is what goes.
const SUFFIX: &str = ".ampkg";

pub(super) struct Removals {
    folder: Watch,
    /// What could not be done, so that it is said once.
    stuck: BTreeMap<OsString, Stuck>,
    /// Why the folder itself cannot be used, if it was said.
    unusable: Option<String>,
}

struct Stuck {
    stamp: Stamp,
    reason: String,
    /// The packages are gone, only the file is still there.
    is_done: bool,
}

impl Removals {
    pub(super) fn new(folder: Watch) -> Self {
        Self { folder, stuck: BTreeMap::new(), unusable: None }
    }

    pub(super) fn scan(&mut self, store: &Store, doorbell: &Doorbell) {
        let mut entries = match self.folder.ensure().and_then(|()| entry::entries(self.folder.path())) {
            Ok(entries) => entries,
            Err(error) => {
                let reason = chain(&error);
                if self.unusable.as_ref() != Some(&reason) {
                    store.note(Origin::RemoveFolder, &refused(OsStr::new("remove"), &reason));
                    self.unusable = Some(reason);
                }
                return;
            }
        };
        self.unusable = None;
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        self.stuck.retain(|name, stuck| {
            let found = entries.binary_search_by(|entry| entry.name.cmp(name)).ok();
            found.and_then(|at| entries.get(at)).is_some_and(|entry| entry.stamp == stuck.stamp)
        });
        for entry in entries {
            if doorbell.is_stopped() {
                return;
            }
            self.answer(store, entry);
        }
    }

    fn answer(&mut self, store: &Store, entry: Entry) {
        let known = self.stuck.get(&entry.name);
        let (stamp, was_done) = (entry.stamp, known.is_some_and(|stuck| stuck.is_done));
        let (is_done, reason) = match (entry.instead, was_done) {
            (Some(kind), _) => (false, format!("it is {kind}: expected a file")),
            (None, true) => match self.take_away(&entry) {
                Ok(()) => return,
                Err(reason) => (true, reason),
            },
            (None, false) => match remove(store, &entry.name) {
                Err(reason) => (false, reason),
                Ok(()) => match self.take_away(&entry) {
                    Ok(()) => return,
                    Err(reason) => (true, reason),
                },
            },
        };
        if known.is_none_or(|stuck| stuck.reason != reason) {
            store.note(Origin::RemoveFolder, &refused(&entry.name, &reason));
        }
        self.stuck.insert(entry.name, Stuck { stamp, reason, is_done });
    }

    /// After the packages: if the process ends in between, they are looked for once more and not found.
    fn take_away(&self, entry: &Entry) -> Result<(), String> {
        match fs::remove_file(self.folder.path().join(&entry.name)) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(format!("the file cannot be removed: {}", chain(&error))),
        }
    }
}

fn remove(store: &Store, file_name: &OsStr) -> Result<(), String> {
    // No package has a name that is not UTF-8.
    let shown = file_name.to_string_lossy();
    let name = file_name.to_str().map(|name| name.strip_suffix(SUFFIX).unwrap_or(name));
    let removed = name.map_or(Ok(0), |name| store.remove_named(name, Origin::RemoveFolder));
    match removed {
        Ok(0) => {
            let name = shown.strip_suffix(SUFFIX).unwrap_or(&shown).to_owned();
            store.note(Origin::RemoveFolder, &Event::Unmatched { name });
            Ok(())
        }
        Ok(_) => Ok(()),
        Err(error) => Err(error.chain()),
    }
}

fn refused(name: &OsStr, reason: &str) -> Event {
    Event::Refused { name: name.to_string_lossy().into_owned(), reason: reason.into() }
}
