//! What happens to the store, for whoever wants to print, record or count it.

use std::time::Duration;

use ampkg::PackageId;
use amps_arch::PackageServerToken;

use crate::{audit::NewAuditEntry, retention::Because};

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A package is there that was not before.
    Added {
        /// Its id.
        id: PackageId,
        /// Its architecture.
        architecture: PackageServerToken,
    },
    /// A package took the place of another one of the same id and architecture.
    Updated {
        /// Its id.
        id: PackageId,
        /// Its architecture.
        architecture: PackageServerToken,
    },
    /// A package was there already, byte for byte.
    Unchanged {
        /// Its id.
        id: PackageId,
        /// Its architecture.
        architecture: PackageServerToken,
    },
    /// A package is gone.
    Removed {
        /// Its id.
        id: PackageId,
        /// Its architecture.
        architecture: PackageServerToken,
    },
    /// One release of a package went because of the store's retention. What that means for devices is told by other events.
    Retired {
        /// Its id.
        id: PackageId,
        /// Its version; may be empty.
        version: String,
        /// Its architecture.
        architecture: PackageServerToken,
        /// Why.
        because: Because,
    },
    /// Something was not accepted.
    Refused {
        /// The file's name, or what stands for it.
        name: String,
        /// Why not.
        reason: String,
    },
    /// Nothing is there that goes by a name.
    Unmatched {
        /// The name.
        name: String,
    },
    /// Something is legal, but not as it should be.
    Warned {
        /// The file's name, or what stands for it.
        name: String,
        /// What to know about it.
        message: String,
    },
}

/// What an event came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// The store was opened and looked what lies in `.packages`.
    Start,
    /// Somebody asked over HTTP.
    Http,
    /// A file lay in the folder for uploads.
    UploadFolder,
    /// A file lay in the folder for removals.
    RemoveFolder,
    /// Another server had it.
    Import,
    /// Somebody gave a command beside the server.
    Command,
    /// The store let go what its retention does not keep.
    Retention,
}

/// Is told of every event, in the order in which they happen, on the thread on which they happen: so it must be quick.
pub trait EventSink: Send + Sync {
    /// Takes note of an event.
    fn event(&self, origin: Origin, event: &Event);

    /// Takes note of events that one request caused, none of another one among them.
    fn events(&self, origin: Origin, events: &[Event]) {
        for event in events {
            self.event(origin, event);
        }
    }

    /// Takes note of how taking a package in has ended: `added`, `updated`, `unchanged`, or what [`Error::verdict`] says. There are
    /// few such words.
    ///
    /// [`Error::verdict`]: crate::Error::verdict
    fn verdict(&self, origin: Origin, verdict: &'static str) {
        let _ = (origin, verdict);
    }

    /// Takes note of a package that was read and verified, as far as it got: how much of it came, and how long that took, with
    /// waiting for it.
    fn verified(&self, bytes: u64, time: Duration) {
        let _ = (bytes, time);
    }

    /// Takes note of something that is to be in the audit trail, and has changed nothing. What changes the catalog is entered with the
    /// change, and not told here.
    fn audit(&self, _: NewAuditEntry) {}
}

/// Takes note of nothing.
impl EventSink for () {
    fn event(&self, _: Origin, _: &Event) {}
}
