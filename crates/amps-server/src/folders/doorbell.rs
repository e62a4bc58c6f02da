//! What wakes the thread that looks after the folders, and what is known about the files that wake it.

use std::{
    collections::HashMap,
    ffi::OsString,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::settling::Writing;

/// How many names are remembered between two scans. Of the others nothing is known, so they wait until they stop growing.
const MAX_NAMES: usize = 100_000;

/// Which folder something happened in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Folder {
    /// `upload`; only there it matters who writes what.
    Upload,
    /// `remove`.
    Remove,
}

/// Rings when a folder should be looked through.
#[derive(Default)]
pub(super) struct Doorbell {
    state: Mutex<State>,
    rung: Condvar,
}

#[derive(Default)]
struct State {
    is_rung: bool,
    has_removal: bool,
    is_stopped: bool,
    seen: Seen,
}

/// What was seen since the last scan of those who write files in `upload`.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) writing: HashMap<OsString, Writing>,
    /// Events were lost, so that what was known before may not be true any more.
    pub(super) has_lost: bool,
}

impl Doorbell {
    /// Something is to be done.
    pub(super) fn ring(&self, folder: Folder) {
        let mut state = self.state();
        state.is_rung = true;
        state.has_removal |= folder == Folder::Remove;
        self.rung.notify_all();
    }

    /// A file was written to, closed or moved here.
    pub(super) fn note(&self, name: OsString, writing: Writing) {
        let seen = &mut self.state().seen;
        if seen.writing.len() < MAX_NAMES || seen.writing.contains_key(&name) {
            seen.writing.insert(name, writing);
        } else {
            seen.has_lost = true;
        }
    }

    /// Nobody knows what has happened.
    pub(super) fn lose(&self) {
        self.state().seen = Seen { has_lost: true, ..Seen::default() };
    }

    /// Everything is to end.
    pub(super) fn stop(&self) {
        self.state().is_stopped = true;
        self.rung.notify_all();
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.state().is_stopped
    }

    /// Whether something has happened in the folder for removals since the last scan began.
    pub(super) fn has_removal(&self) -> bool {
        self.state().has_removal
    }

    pub(super) fn seen(&self) -> Seen {
        std::mem::take(&mut self.state().seen)
    }

    /// Waits until somebody rings, at least `breath` and at most `pause`; says whether to go on.
    pub(super) fn wait(&self, pause: Duration, breath: Duration) -> bool {
        let wait = |state, time, condition: fn(&mut State) -> bool| {
            self.rung.wait_timeout_while(state, time, condition).unwrap_or_else(PoisonError::into_inner).0
        };
        let mut state = self.state();
        if !pause.is_zero() {
            state = wait(state, breath, |state| !state.is_stopped);
            state = wait(state, pause.saturating_sub(breath), |state| !state.is_rung && !state.is_stopped);
        }
        (state.is_rung, state.has_removal) = (false, false);
        !state.is_stopped
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
