//! The folder `upload`: a file that is put there is a package that is to be taken in.

use std::{
    collections::HashMap,
    ffi::{OsStr, OsString},
    fs::File,
    io::{self, Read},
    path::Path,
    time::{Duration, Instant},
};

use amps_core::{Error, Event, Origin, Provenance, Refusal, Store, chain};

use super::{
    doorbell::{Doorbell, Seen},
    entry::{self, Entry, Stamp},
    settling::{Content, Settling, Step},
    taken,
    watch::Watch,
};

/// When to try again what failed for a reason that the file has nothing to do with.
const RETRY: Duration = Duration::from_secs(30);

pub(super) struct Uploads {
    folder: Watch,
    files: HashMap<OsString, Tracked>,
    /// Why the folder itself cannot be used, if it was said.
    unusable: Option<String>,
    /// The store cannot take anything before this time.
    not_before: Option<Instant>,
}

struct Tracked {
    settling: Settling,
    /// What was said about it, so that it is said once.
    said: Option<String>,
    rest: Rest,
}

/// Whether a file has to be looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rest {
    /// It has.
    No,
    /// Not before this time.
    Until(Instant),
    /// It is in the store, but cannot be removed; or it is no file at all.
    Unchanged,
}

/// What became of a file.
enum Outcome {
    Gone,
    Later,
    /// Nothing can be taken in at the moment.
    StoreFailed,
}

impl Uploads {
    pub(super) fn new(folder: Watch) -> Self {
        Self { folder, files: HashMap::new(), unusable: None, not_before: None }
    }

    /// Takes in what is complete; says after what time something else may be. Returns early if somebody rings: there may be
    /// something to remove.
    pub(super) fn scan(
        &mut self,
        store: &Store,
        doorbell: &Doorbell,
        clock: fn() -> Instant,
    ) -> Option<Duration> {
        let seen_before = doorbell.seen();
        let entries = match self.entries() {
            Ok(entries) => entries,
            Err(error) => {
                let reason = chain(&error);
                if self.unusable.as_ref() != Some(&reason) {
                    refuse(store, OsStr::new("upload"), &reason);
                    self.unusable = Some(reason);
                }
                return None;
            }
        };
        self.unusable = None;
        self.observe(store, entries, &seen_before, clock());
        if self.not_before.is_some_and(|time| clock() < time) {
            return None;
        }
        self.not_before = None;
        for name in self.due(clock()) {
            match self.answer(store, doorbell, &name, clock) {
                Outcome::Gone => drop(self.files.remove(&name)),
                Outcome::Later => {}
                Outcome::StoreFailed => {
                    // Then the others first: it may have failed because this one does not fit on the disk.
                    let now = clock();
                    self.not_before = Some(now + RETRY);
                    if let Some(file) = self.files.get_mut(&name) {
                        file.rest = Rest::Until(now + 2 * RETRY);
                    }
                    return None;
                }
            }
            if doorbell.is_stopped() || doorbell.has_removal() {
                return Some(Duration::ZERO);
            }
        }
        self.next(clock())
    }

    fn entries(&mut self) -> io::Result<Vec<Entry>> {
        self.folder.ensure()?;
        match taken::recover(self.folder.path()) {
            // Another one is about to be taken in under that name.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            other => other?,
        }
        entry::entries(self.folder.path())
    }

    /// Notes how all files look now.
    fn observe(&mut self, store: &Store, entries: Vec<Entry>, seen: &Seen, now: Instant) {
        let mut before = std::mem::take(&mut self.files);
        for Entry { name, stamp, instead } in entries {
            if entry::is_unfinished(&name) {
                continue;
            }
            let writing = seen.writing.get(&name).copied();
            let mut file = match before.remove(&name) {
                Some(mut file) => {
                    if seen.has_lost {
                        file.settling.forget_writer();
                    }
                    if file.settling.stamp() != stamp {
                        (file.said, file.rest) = (None, Rest::No);
                    }
                    file.settling.observe(stamp, writing, now);
                    file
                }
                None => Tracked {
                    settling: Settling::new(stamp, writing.unwrap_or_default(), now),
                    said: None,
                    rest: Rest::No,
                },
            };
            if let Some(kind) = instead.filter(|_| file.rest == Rest::No) {
                file.rest = Rest::Unchanged;
                refuse(store, &name, &format!("it is {kind}: expected a file"));
            }
            self.files.insert(name, file);
        }
    }

    /// What can be tried now, what was written first before the rest: of two versions of a package the later one stays.
    fn due(&self, now: Instant) -> Vec<OsString> {
        let mut due: Vec<_> = self
            .files
            .iter()
            .filter(|(_, file)| file.wait(now).is_zero())
            .map(|(name, file)| {
                let Stamp { modified_s, modified_ns, .. } = file.settling.stamp();
                (modified_s, modified_ns, name)
            })
            .collect();
        due.sort_unstable();
        due.into_iter().map(|(_, _, name)| name.clone()).collect()
    }

    /// How long until something can be tried.
    fn next(&self, now: Instant) -> Option<Duration> {
        self.files.values().map(|file| file.wait(now)).min()
    }

    fn answer(
        &mut self,
        store: &Store,
        doorbell: &Doorbell,
        name: &OsStr,
        clock: fn() -> Instant,
    ) -> Outcome {
        let path = self.folder.path().join(name);
        let (file, stamp) = match entry::open(&path) {
            Ok(open) => open,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Outcome::Gone,
            Err(error) => {
                return self.keep(store, name, &format!("it cannot be read: {}", chain(&error)), clock);
            }
        };
        if self.files.get(name).is_none_or(|known| known.settling.stamp() != stamp) {
            return Outcome::Later; // it has just changed
        }
        let shown = name.to_string_lossy().into_owned();
        let from = Provenance {
            origin: Origin::UploadFolder,
            name: shown,
            by: "found in upload".into(),
            cause: Origin::UploadFolder.into(),
        };
        let refusal = match store.attempt(Interruptible { file, doorbell }, &from) {
            Ok(_) => return self.take_away(store, name, stamp),
            Err(_) if doorbell.is_stopped() => return Outcome::Later,
            Err(Error::Refused(refusal)) => refusal,
            Err(error @ Error::Source(_)) => return self.keep(store, name, &error.chain(), clock),
            Err(error) => {
                self.keep(store, name, &error.chain(), clock);
                return Outcome::StoreFailed;
            }
        };
        let content = if is_beginning(&refusal) { Content::Incomplete } else { Content::Wrong };
        let is_final = self.files.get_mut(name).is_some_and(|file| file.settling.fail(content, clock()));
        if is_final && entry::open(&path).is_ok_and(|(_, now)| now == stamp) {
            store.refused(&from, &refusal.into());
            return self.take_away(store, name, stamp);
        }
        Outcome::Later
    }

    /// The file has done its duty. If another one lies there by now, that is another package.
    fn take_away(&mut self, store: &Store, name: &OsStr, stamp: Stamp) -> Outcome {
        match taken::remove(self.folder.path(), Path::new(name), stamp) {
            Ok(true) => Outcome::Gone,
            Ok(false) => Outcome::Later,
            Err(error) => {
                self.say(store, name, &format!("the file cannot be removed: {}", chain(&error)));
                if let Some(file) = self.files.get_mut(name) {
                    file.rest = Rest::Unchanged;
                }
                Outcome::Later
            }
        }
    }

    /// Leaves a file for later that something else than its content is wrong with.
    fn keep(&mut self, store: &Store, name: &OsStr, reason: &str, clock: fn() -> Instant) -> Outcome {
        self.say(store, name, reason);
        if let Some(file) = self.files.get_mut(name) {
            file.rest = Rest::Until(clock() + RETRY);
        }
        Outcome::Later
    }

    fn say(&mut self, store: &Store, name: &OsStr, reason: &str) {
        let Some(file) = self.files.get_mut(name) else { return };
        if file.said.as_deref() != Some(reason) {
            file.said = Some(reason.into());
            refuse(store, name, reason);
        }
    }
}

fn refuse(store: &Store, name: &OsStr, reason: &str) {
    let name = name.to_string_lossy().into_owned();
    store.note(Origin::UploadFolder, &Event::Refused { name, reason: reason.into() });
}

impl Tracked {
    /// How long it has to be left alone.
    fn wait(&self, now: Instant) -> Duration {
        match (self.rest, self.settling.step(now)) {
            (Rest::Unchanged, _) => Duration::MAX,
            (Rest::Until(time), _) => time.saturating_duration_since(now),
            (Rest::No, Step::Wait(time)) => time,
            (Rest::No, Step::Try) => Duration::ZERO,
        }
    }
}

/// Whether more bytes could make a package of it.
fn is_beginning(refusal: &Refusal) -> bool {
    use ampkg::Error::{EmptyFile, TruncatedGzip, TruncatedTar};
    matches!(refusal, Refusal::Package(EmptyFile | TruncatedGzip { .. } | TruncatedTar { .. }))
}

/// A file that comes to an end when the server does.
struct Interruptible<'d> {
    file: File,
    doorbell: &'d Doorbell,
}

impl Read for Interruptible<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.doorbell.is_stopped() {
            return Err(io::Error::other("the server ends"));
        }
        self.file.read(buffer)
    }
}
