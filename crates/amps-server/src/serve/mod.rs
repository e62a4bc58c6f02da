//! Running a server: open the store, listen, answer, end.

mod accept;
mod connection;
mod descriptors;
mod exchange;
mod metered_stream;
mod opened_stream;
mod registry;
mod request_id;
mod tls;
mod turn_away;
mod watch;

pub use descriptors::OpenFiles;

use std::{
    future::Future,
    io,
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime},
};

use amps_catalog::SqliteCatalog;
use amps_core::{
    Certificates, Clock as _, DataDir, Event, EventSink, FolderBlobStore, Origin, PackagesFolder, Parts,
    ReleasesKept, Store, StoreSigning, SystemClock,
    accounts::{AccessTokens, Accounts},
    chain,
};
use tokio::{net::TcpListener, sync::watch::channel as watch_channel};

use crate::{
    access::{Access, AnonymousAccess},
    console::Console,
    deployment_server::{self, DeploymentParts, Intake},
    folders::Folders,
    hand_over::{Door, HandOvers},
    limits::ServerLimits,
    listen_address::ListenAddress,
    package_server,
    settings::ServeOptions,
    site::Site,
    tls_settings::TlsSettings,
    upload_places::UploadPlaces,
};
use accept::accept;
pub(crate) use tls::Tls;
pub use tls::TlsError;

/// How often blobs that nothing refers to are looked for.
const SWEEP_INTERVAL: Duration = Duration::from_mins(10);

/// How often sessions and purchases that have expired are removed.
const EXPIRY_INTERVAL: Duration = Duration::from_mins(5);

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
    check_security(&options, &certificates)?;
    let (tls, warnings) = open_tls(options.settings.tls.clone()).await?;
    let Opened { door, store, accounts } = tokio::select! {
        opened = open(options.clone(), certificates, title.to_owned(), Arc::clone(&console)) => opened?,
        () = &mut shutdown => return Ok(()),
    };
    let (listener, address) = listen(&options.listen_address).await?;
    let second = match options.settings.deployment.clone() {
        Some(settings) => Some((listen(&settings.listen_address).await?, settings)),
        None => None,
    };
    for message in warnings {
        console.event(Origin::Start, &Event::Warned { name: "tls".into(), message });
    }
    if let Some(tls) = &tls {
        console.extra_heading(&format!("TLS: {}", tls.describe()));
    }
    if let Some(((_, address), settings)) = &second {
        console.extra_heading(&format!("Deployment server listening on: {address}{}", settings.url_prefix));
    }
    console.heading(&format!("HTTP server listening on: {address}"));
    let scanning = Arc::clone(&console);
    let folders = Folders::start(Arc::clone(&store), &options.data_directory, move || scanning.begin_scan())
        .map_err(ServeError::Folders)?;
    let sweeping = tokio::spawn(sweep(Arc::clone(&store)));
    let limits = options.settings.limits.clone();
    descriptors::provide(&limits, 1 + u64::from(second.is_some()));
    let uploads = UploadPlaces::new(&limits);
    let anonymous = options.settings.anonymous_access;
    let anonymous_at =
        |address: &ListenAddress| anonymous.unwrap_or_else(|| AnonymousAccess::default_at(address));
    let tokens = Arc::clone(&accounts) as Arc<dyn AccessTokens>;
    let access = Access::new(tokens, Arc::new(SystemClock), anonymous_at(&options.listen_address));
    let second = match second {
        Some(((listener, _), settings)) => {
            let parts = DeploymentParts {
                store: Arc::clone(&store),
                accounts: Arc::clone(&accounts),
                access: access.with_anonymous(anonymous_at(&settings.listen_address)),
                clock: Arc::new(SystemClock),
            };
            let router = deployment_server::router_sharing(uploads.clone(), parts, settings, limits.clone())?;
            Some((listener, Site::from(router)))
        }
        None => None,
    };
    let intake = options.settings.deployment.as_ref().map(|settings| Intake {
        store: Arc::clone(&store),
        accounts: Arc::clone(&accounts),
        security: settings.security(),
    });
    let hand_overs = door
        .map(|door| HandOvers::start(door, intake, uploads.clone(), limits.upload_idle))
        .transpose()
        .map_err(ServeError::HandOver)?;
    let refreshing = tls.as_ref().map(Tls::keep_fresh);
    let expiring = second.is_some().then(|| tokio::spawn(expire(accounts)));
    let site = package_server::site(uploads, access, store, options.settings);
    accept_both((listener, site), second, &limits, tls, &mut shutdown).await;
    if let Some(refreshing) = refreshing {
        refreshing.abort();
    }
    if let Some(expiring) = expiring {
        expiring.abort();
        let _ = expiring.await; // it has the catalog
    }
    if let Some(hand_overs) = hand_overs {
        hand_overs.stop().await;
    }
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
        console.heading("Scanning .packages");
        let (catalog, blobs, packages) = (data.catalog(), data.amps(), data.packages());
        let (catalog, damaged) = SqliteCatalog::open_or_set_aside(&catalog)?;
        if let Some(damaged) = damaged {
            let message = damaged.to_string();
            console.event(Origin::Start, &Event::Warned { name: "catalog.db".into(), message });
        }
        let catalog = Arc::new(catalog);
        let accounts: Arc<dyn Accounts> = Arc::clone(&catalog) as Arc<dyn Accounts>;
        let events = Arc::new(Watcher { console, has_seen: AtomicBool::new(false), _data: data });
        let store = Store::open(Parts {
            catalog,
            blobs: Arc::new(FolderBlobStore::open(&blobs)?),
            packages: PackagesFolder::open(packages)?,
            clock: Arc::new(SystemClock),
            events: Arc::clone(&events) as Arc<dyn EventSink>,
            limits: options.settings.limits.package,
            developers,
            signing: store.map(StoreSigning::new),
            keep: match options.settings.deployment {
                Some(_) => ReleasesKept::All,
                None => ReleasesKept::Latest,
            },
        })?;
        if !events.has_seen.load(Ordering::Relaxed) {
            events.console.none_found();
        }
        Ok(Opened { door, store: Arc::new(store), accounts })
    });
    Ok(opening.await.map_err(|error| ServeError::Panicked(error.to_string()))??)
}

/// What to know if nobody has decided what strangers may do, and they can come.
fn undecided(options: &ServeOptions) -> Option<String> {
    if options.settings.anonymous_access.is_some() {
        return None;
    }
    let deployment = options.settings.deployment.as_ref().map(|settings| settings.listen_address);
    let address = [Some(options.listen_address), deployment]
        .into_iter()
        .flatten()
        .find(|address| !address.is_loopback())?;
    Some(format!(
        "whoever reaches {address} may read all packages without a token, and do nothing else: set anonymousAccess to none, read \
         or all to say what is wanted"
    ))
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

/// Whether the deployment server has what it needs to verify and to sign.
fn check_security(options: &ServeOptions, certificates: &Certificates) -> Result<(), ServeError> {
    let is_secure = options.settings.deployment.as_ref().is_some_and(|settings| !settings.no_security);
    let missing = match (&certificates.store, &certificates.developers) {
        (None, _) => "storeSignCertificate",
        (_, None) => "developerVerificationCaCertificates",
        _ => return Ok(()),
    };
    if is_secure { Err(ServeError::Insecure { missing }) } else { Ok(()) }
}

/// Reads the files for TLS, and says what will make trouble.
async fn open_tls(settings: Option<TlsSettings>) -> Result<(Option<Arc<Tls>>, Vec<String>), ServeError> {
    let Some(settings) = settings else { return Ok((None, Vec::new())) };
    let opening = tokio::task::spawn_blocking(move || Tls::open(settings)).await;
    let (tls, warnings) = opening.map_err(|error| ServeError::Panicked(error.to_string()))??;
    Ok((Some(Arc::new(tls)), warnings))
}

/// What was opened in a data directory.
struct Opened {
    /// Goes before the lock of the directory, which the store has.
    door: Option<Door>,
    store: Arc<Store>,
    accounts: Arc<dyn Accounts>,
}

/// Answers what comes to either listener until `shutdown`.
async fn accept_both(
    first: (TcpListener, Site),
    second: Option<(TcpListener, Site)>,
    limits: &ServerLimits,
    tls: Option<Arc<Tls>>,
    shutdown: impl Future<Output = ()>,
) {
    let (tell, mut told) = watch_channel(());
    let accept_first = accept(first.0, first.1, limits, tls.clone(), async move {
        shutdown.await;
        drop(tell);
    });
    match second {
        None => accept_first.await,
        Some((listener, site)) => {
            // Nothing is ever sent: it ends when the sender is dropped.
            let accept_second =
                accept(listener, site, limits, tls, async move { drop(told.changed().await) });
            tokio::join!(accept_first, accept_second);
        }
    }
}

/// Listens on the first of the addresses that can be had, and says which it is.
async fn listen(wanted: &ListenAddress) -> Result<(TcpListener, SocketAddr), ServeError> {
    let mut failure = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in wanted.candidates() {
        match TcpListener::bind(address).await {
            Ok(listener) => {
                let address = listener.local_addr().map_err(|source| listening(wanted, source))?;
                return Ok((listener, address));
            }
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
    Err(listening(wanted, failure))
}

fn listening(wanted: &ListenAddress, source: io::Error) -> ServeError {
    ServeError::Listen { address: wanted.to_string(), source }
}

/// Removes sessions and purchases whose time is over.
async fn expire(accounts: Arc<dyn Accounts>) {
    loop {
        let accounts = Arc::clone(&accounts);
        let expired = tokio::task::spawn_blocking(move || accounts.remove_expired(SystemClock.now())).await;
        if let Ok(Err(error)) = expired {
            tracing::error!(error = chain(&error), "cannot remove sessions and purchases that have expired");
        }
        tokio::time::sleep(EXPIRY_INTERVAL).await;
    }
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
    /// The deployment server lacks what it needs for its signatures.
    #[error("the deployment server needs `{missing}`")]
    Insecure {
        /// The setting that is missing.
        missing: &'static str,
    },
    /// TLS cannot be spoken.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// Logins cannot be checked.
    #[error("the deployment server cannot check logins")]
    Accounts(#[from] amps_core::accounts::AccountError),
    /// Nobody can look after the folders.
    #[error("cannot look after the folders `upload` and `remove`")]
    Folders(#[source] io::Error),
    /// Nobody can take packages from commands.
    #[error("cannot take packages from commands")]
    HandOver(#[source] io::Error),
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
