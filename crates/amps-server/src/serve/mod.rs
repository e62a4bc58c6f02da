//! Running a server: open the store, listen, answer, end.

mod accept;
mod connection;
mod descriptors;
mod exchange;
mod metered_stream;
mod registry;
mod request_id;
mod turn_away;
mod watch;

use std::{
    future::Future,
    io,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime},
};

use amps_catalog::SqliteCatalog;
use amps_core::{
    Certificates, DataDir, Event, EventSink, FolderBlobStore, Origin, PackagesFolder, Parts, ReleasesKept,
    Store, StoreSigning, SystemClock,
};
use tokio::net::TcpListener;

use crate::{console::Console, folders::Folders, package_server::router, settings::ServeOptions};
use accept::accept;

/// How often blobs that nothing refers to are looked for.
const SWEEP_INTERVAL: Duration = Duration::from_mins(10);

/// Runs a server until `shutdown` completes, then lets running answers finish, for so long as `ServerLimits::shutdown` says.
///
/// The store is opened before anybody can connect; if `shutdown` completes while it is, that goes on in the background until
/// it is done or the process ends, which harms nothing. `certificates` says whether developers are verified and downloads
/// signed. `title` is the first line on the console.
pub async fn serve<W: io::Write + Send + 'static>(
    options: ServeOptions,
    certificates: Certificates,
    title: &str,
    console: Arc<Console<W>>,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    options.settings.limits.check()?;
    tokio::pin!(shutdown);
    let store = tokio::select! {
        opened = open(options.clone(), certificates, title.to_owned(), Arc::clone(&console)) => opened?,
        () = &mut shutdown => return Ok(()),
    };
    let listener = listen(&options).await?;
    let address = listener.local_addr().map_err(|source| listening(&options, source))?;
    console.heading(&format!("HTTP server listening on: {address}"));
    let scanning = Arc::clone(&console);
    let folders = Folders::start(Arc::clone(&store), &options.data_directory, move || scanning.begin_scan())
        .map_err(ServeError::Folders)?;
    let sweeping = tokio::spawn(sweep(Arc::clone(&store)));
    let limits = options.settings.limits.clone();
    descriptors::provide(&limits);
    accept(listener, router(store, options.settings), &limits, &mut shutdown).await;
    folders.stop().await;
    sweeping.abort();
    let _ = sweeping.await; // it has the store
    Ok(())
}

/// Opens the data directory and the store; reads every file that is new, so it happens where it may block.
async fn open<W: io::Write + Send + 'static>(
    options: ServeOptions,
    certificates: Certificates,
    title: String,
    console: Arc<Console<W>>,
) -> Result<Arc<Store>, ServeError> {
    let opening = tokio::task::spawn_blocking(move || -> Result<_, amps_core::Error> {
        let data = DataDir::open(&options.data_directory)?;
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
        console.heading("Scanning .packages");
        let (catalog, blobs, packages) = (data.catalog(), data.amps(), data.packages());
        let (catalog, damaged) = SqliteCatalog::open_or_set_aside(&catalog)?;
        if let Some(damaged) = damaged {
            let message = damaged.to_string();
            console.event(Origin::Start, &Event::Warned { name: "catalog.db".into(), message });
        }
        let events = Arc::new(Watcher { console, has_seen: AtomicBool::new(false), _data: data });
        let store = Store::open(Parts {
            catalog: Arc::new(catalog),
            blobs: Arc::new(FolderBlobStore::open(&blobs)?),
            packages: PackagesFolder::open(packages)?,
            clock: Arc::new(SystemClock),
            events: Arc::clone(&events) as Arc<dyn EventSink>,
            limits: options.settings.limits.package,
            developers,
            signing: store.map(StoreSigning::new),
            keep: ReleasesKept::Latest,
        })?;
        if !events.has_seen.load(Ordering::Relaxed) {
            events.console.none_found();
        }
        Ok(Arc::new(store))
    });
    Ok(opening.await.map_err(|error| ServeError::Panicked(error.to_string()))??)
}

/// Shows what happens to the store, and notes whether there is anything.
struct Watcher<W> {
    console: Arc<Console<W>>,
    has_seen: AtomicBool,
    /// The lock goes with the store, and so after the last upload: one whose client went away may still be at work when all
    /// connections have ended.
    _data: DataDir,
}

impl<W: io::Write + Send> EventSink for Watcher<W> {
    fn event(&self, origin: Origin, event: &Event) {
        self.events(origin, std::slice::from_ref(event));
    }

    fn events(&self, origin: Origin, events: &[Event]) {
        let is_found = |event: &Event| !matches!(event, Event::Removed { .. } | Event::Warned { .. });
        self.has_seen.fetch_or(events.iter().any(is_found), Ordering::Relaxed);
        self.console.events(origin, events);
    }
}

async fn listen(options: &ServeOptions) -> Result<TcpListener, ServeError> {
    let mut failure = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in options.listen_address.candidates() {
        match TcpListener::bind(address).await {
            Ok(listener) => return Ok(listener),
            Err(error) => {
                let is_taken = error.kind() == io::ErrorKind::AddrInUse;
                failure = error;
                if is_taken {
                    // Clients would find whoever has this address, and not us at the next one.
                    break;
                }
            }
        }
    }
    Err(listening(options, failure))
}

fn listening(options: &ServeOptions, source: io::Error) -> ServeError {
    ServeError::Listen { address: options.listen_address.to_string(), source }
}

async fn sweep(store: Arc<Store>) {
    loop {
        tokio::time::sleep(SWEEP_INTERVAL).await;
        let store = Arc::clone(&store);
        let swept = tokio::task::spawn_blocking(move || store.sweep(SystemTime::now())).await;
        if let Ok(Err(error)) = swept {
            tracing::error!(error = error.chain(), "cannot remove blobs that nothing refers to");
        }
    }
}

/// Why a server cannot run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The data directory or what is in it cannot be used.
    #[error(transparent)]
    Store(#[from] amps_core::Error),
    /// The address cannot be had.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: String,
        /// Why not.
        source: io::Error,
    },
    /// Nobody can look after the folders.
    #[error("cannot look after the folders `upload` and `remove`")]
    Folders(#[source] io::Error),
    /// A programming error.
    #[error("opening the store ended unexpectedly ({0})")]
    Panicked(String),
    /// A limit makes no sense.
    #[error(transparent)]
    Limit(#[from] crate::limits::InvalidLimit),
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] crate::config::ConfigError),
    /// There is no data directory to take.
    #[error("{} has no amps-config.yaml: name the data directory with --dd", ampkg::quoted(&.0.to_string_lossy()))]
    NoDataDirectory(PathBuf),
}
