//! Opening what a server serves: the data directory with all that is in it.

use std::{
    io, slice,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use amps_catalog::SqliteCatalog;
use amps_core::{
    Certificates, DataDir, Event, EventSink, FolderBlobStore, Origin, PackagesFolder, Parts, Store,
    StoreSigning, SystemClock,
    accounts::Accounts,
    audit::{AuditLog, NewAuditEntry},
    chain,
};

use super::{ServeError, began::began, undecided};
use crate::{
    audit::{Recorder, Writer},
    console::Console,
    hand_over::Door,
    retention,
    settings::ServeOptions,
};

/// Opens the data directory and the store; reads every file that is new, so it happens where it may block.
pub(super) async fn open<W: io::Write + Send + 'static>(
    options: ServeOptions,
    certificates: Certificates,
    title: String,
    console: Arc<Console<W>>,
    listeners: Vec<Arc<dyn EventSink>>,
) -> Result<Opened, ServeError> {
    let opening = tokio::task::spawn_blocking(move || -> Result<_, amps_core::Error> {
        let data = DataDir::open(&options.data_directory)?;
        // Before anything that takes its time: a command that comes meanwhile waits.
        let door = Door::open(&data.amps())
            .inspect_err(|error| tracing::warn!(%error, "commands cannot hand packages over to this server"))
            .ok();
        console.title(&title);
        console.heading(&format!("Data directory: {}", data.path().display()));
        console.heading(&format!("Project: {}", options.settings.project_id));
        let word = |is: bool| if is { "yes" } else { "no" };
        let Certificates { developers, store, warnings } = certificates;
        console.heading(&format!("Verify developer signature on upload: {}", word(developers.is_some())));
        console.heading(&format!("Add store signature on download: {}", word(store.is_some())));
        for message in warnings {
            console.event(Origin::Start, &Event::Warned { name: "certificates".into(), message });
        }
        if let Some(message) = undecided(&options) {
            console.event(Origin::Start, &Event::Warned { name: "access".into(), message });
        }
        if let Some(message) = retention::without_effect(&options.settings) {
            console.event(Origin::Start, &Event::Warned { name: "retention".into(), message });
        }
        console.heading("Scanning .packages");
        let (catalog, blobs, packages) = (data.catalog(), data.amps(), data.packages());
        let (catalog, damaged) = SqliteCatalog::open_or_set_aside(&catalog)?;
        if let Some(damaged) = &damaged {
            let message = damaged.to_string();
            console.event(Origin::Start, &Event::Warned { name: "catalog.db".into(), message });
        }
        let catalog = Arc::new(catalog);
        let accounts: Arc<dyn Accounts> = Arc::clone(&catalog) as Arc<dyn Accounts>;
        let recorder = Recorder::new(Arc::clone(&catalog) as Arc<dyn AuditLog>, Arc::new(SystemClock))?;
        let set_aside = damaged.as_ref().map(|damaged| damaged.path.as_path());
        let began = began(&options, developers.is_some(), store.is_some(), set_aside);
        if let Err(error) = catalog.append(slice::from_ref(&began)) {
            // On a full disk, a server starts nevertheless: whoever only downloads need not know.
            tracing::warn!(error = chain(&error), "the audit trail cannot be written yet");
            recorder.add(began);
        }
        let audit = Writer::start(Arc::clone(&recorder), options.settings.audit).map_err(|source| {
            amps_core::Error::Io { action: "start a thread for", path: data.catalog(), source }
        })?;
        let (recording, has_seen) = (Arc::clone(&recorder), AtomicBool::new(false));
        let events = Arc::new(Watcher { console, listeners, recorder: recording, has_seen, _data: data });
        let store = Store::open(Parts {
            catalog,
            blobs: Arc::new(FolderBlobStore::open(&blobs)?),
            packages: PackagesFolder::open(packages)?,
            clock: Arc::new(SystemClock),
            events: Arc::clone(&events) as Arc<dyn EventSink>,
            limits: options.settings.limits.package.clone(),
            developers,
            signing: store.map(StoreSigning::new),
            keep: options.settings.releases_kept(),
        })?;
        if !events.has_seen.load(Ordering::Relaxed) {
            events.console.none_found();
        }
        Ok(Opened { door, store: Arc::new(store), accounts, audit, recorder })
    });
    Ok(opening.await.map_err(|error| ServeError::Panicked(error.to_string()))??)
}

/// What was opened in a data directory.
pub(super) struct Opened {
    /// Goes before the lock of the directory, which the store has.
    pub(super) door: Option<Door>,
    pub(super) store: Arc<Store>,
    pub(super) accounts: Arc<dyn Accounts>,
    /// What is written until the end, and by whom.
    pub(super) audit: Writer,
    pub(super) recorder: Arc<Recorder>,
}

/// Shows what happens to the store, notes whether there is anything, and tells it on.
struct Watcher<W> {
    console: Arc<Console<W>>,
    /// Whoever else wants to know.
    listeners: Vec<Arc<dyn EventSink>>,
    recorder: Arc<Recorder>,
    has_seen: AtomicBool,
    /// The lock goes with the store, and so after the last upload: one whose client went away may still be at work when all
    /// connections have ended.
    _data: DataDir,
}

impl<W: io::Write + Send> EventSink for Watcher<W> {
    fn event(&self, origin: Origin, event: &Event) {
        self.events(origin, slice::from_ref(event));
    }

    fn events(&self, origin: Origin, events: &[Event]) {
        let is_found = |event: &Event| !matches!(event, Event::Removed { .. } | Event::Warned { .. });
        self.has_seen.fetch_or(events.iter().any(is_found), Ordering::Relaxed);
        self.console.events(origin, events);
        self.listeners.iter().for_each(|listener| listener.events(origin, events));
    }

    fn verdict(&self, origin: Origin, verdict: &'static str) {
        self.listeners.iter().for_each(|listener| listener.verdict(origin, verdict));
    }

    fn verified(&self, bytes: u64, time: Duration) {
        self.listeners.iter().for_each(|listener| listener.verified(bytes, time));
    }

    fn audit(&self, entry: NewAuditEntry) {
        self.recorder.add(entry);
    }
}
