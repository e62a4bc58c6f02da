//! Running a server: open the store, listen, answer, end.

mod accept;
mod began;
mod chores;
mod connection;
mod descriptors;
mod error;
mod exchange;
mod listening;
mod metered_stream;
mod native_api;
mod open;
mod opened_stream;
mod registry;
mod request_id;
mod tls;
mod turn_away;
mod watch;

pub use descriptors::OpenFiles;
pub(crate) use exchange::without_token;

use std::{
    future::Future,
    io, mem,
    sync::{Arc, OnceLock},
    time::Duration,
};

use amps_core::{
    Certificates, Clock as _, Event, EventSink, Origin, Store, SystemClock,
    accounts::{AccessTokens, Accounts},
    audit::{Action, AuditResult, Cause},
};
use tokio::{
    net::TcpListener,
    sync::watch::{Receiver, channel as watch_channel},
};

use crate::{
    access::{Access, AnonymousAccess},
    api::{Live, ServerFacts},
    console::Console,
    deployment_server::{self, DeploymentParts, DeploymentSettings, Intake},
    folders::Folders,
    hand_over::{Door, HandOvers},
    health::{self, Health, HealthPages, Reader},
    limits::ServerLimits,
    listen_address::ListenAddress,
    management,
    metrics::{self, Expiries, Expiry, ListenerMetrics, Metrics, StoreEvents},
    package_server,
    rate::Rates,
    retention,
    settings::{NativeApi, ServeOptions, Settings, WebInterface},
    site::Site,
    tls_settings::TlsSettings,
    ui,
    upload_places::UploadPlaces,
};
use accept::accept;
use chores::Chores;
pub use error::ServeError;
use listening::{Listening, Sockets, accept_both};
use open::{Opened, open};
pub(crate) use tls::Tls;
pub use tls::TlsError;

/// How long pages for those who run the server may take when it ends.
const MANAGEMENT_FAREWELL: Duration = Duration::from_secs(1);

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
    let (started, events) = (SystemClock.now(), Arc::<StoreEvents>::default());
    let expiries = metrics::of_certificates(&certificates);
    let uploaded = Arc::<retention::Uploads>::default();
    let listeners: Vec<Arc<dyn EventSink>> = vec![events.clone(), uploaded.clone()];
    let facts = ServerFacts::of(&certificates);
    let opening = open(options.clone(), certificates, title.to_owned(), Arc::clone(&console), listeners);
    let Opened { door, store, accounts, audit, recorder } = tokio::select! {
        opened = opening => opened?,
        () = &mut shutdown => return Ok(()),
    };
    let sockets = Sockets::open(&options).await?;
    announce_tls(tls.as_deref(), warnings, &console);
    sockets.announce(&options, &console);
    let scanning = Arc::clone(&console);
    let folders = Folders::start(Arc::clone(&store), &options.data_directory, move || scanning.begin_scan())
        .map_err(ServeError::Folders)?;
    let mut chores = begin_chores(&options.settings, &store, &accounts, uploaded, tls.as_ref());
    let limits = options.settings.limits.clone();
    descriptors::provide(&limits, sockets.count());
    let uploads = UploadPlaces::new(&limits);
    let rates = Rates::new(&limits.credit, &options.settings.trusted_proxies);
    let anonymous_at = anonymous_at(options.settings.anonymous_access);
    let tokens = Arc::clone(&accounts) as Arc<dyn AccessTokens>;
    let access = Access::new(tokens, Arc::new(SystemClock), anonymous_at(&options.listen_address))
        .with_audit(Arc::clone(&recorder));
    let second = match sockets.deployment.zip(options.settings.deployment.clone()) {
        Some(((listener, _), settings)) => {
            let access = access.with_anonymous(anonymous_at(&settings.listen_address));
            let (store, accounts) = (Arc::clone(&store), Arc::clone(&accounts));
            let parts = DeploymentParts { store, accounts, access, clock: Arc::new(SystemClock) };
            Some((listener, deployment_site(settings, &options, parts, uploads.clone(), &rates)?))
        }
        None => None,
    };
    let hand_overs = open_door(door, &options.settings, (&store, &accounts), &uploads)?;
    let health = Health::new(Arc::clone(&store), options.data_directory.clone(), limits.ready_free_bytes);
    let (health, health_pages) = (Arc::new(health), options.settings.health_pages);
    let shared = (&uploads, &rates, &access);
    let login = second.as_ref().and_then(|(_, site)| site.logins.clone());
    let open_listeners = Arc::<OnceLock<_>>::default();
    let (data_directory, listeners) = (options.data_directory.clone(), Arc::clone(&open_listeners));
    let live =
        Live { started, health: Arc::clone(&health), data_directory, tls: of_tls(tls.clone()), listeners };
    let kept = (&store, accounts, recorder.log());
    let api = native_api::open(&options, shared, kept, login, (facts, live), &mut chores).await?;
    let shows_interface = api.is_some() && options.settings.web_interface == WebInterface::On;
    let interface = shows_interface.then(|| ui::site(access.clone()));
    let mut site = package_server::site(uploads, &rates, access, Arc::clone(&store), options.settings);
    for other in api.into_iter().chain(interface) {
        site = site.with(other);
    }
    if health_pages == HealthPages::Shown {
        show_health(&mut site, &health);
    }
    let first = Listening::new(sockets.packages.0, site, "package-server");
    let second = second.map(|(listener, site)| Listening::new(listener, site, "deployment-server"));
    // Nobody has come yet.
    let _ =
        open_listeners.set([&first].into_iter().chain(&second).map(|site| Arc::clone(&site.seen)).collect());
    let (tell, told) = watch_channel(());
    let downloaded = Arc::clone(&store);
    let managing = sockets.management.map(|(listener, _)| {
        let sites: Vec<&Listening> = [&first].into_iter().chain(&second).collect();
        let metrics = Metrics {
            listeners: sites.iter().map(|site| Arc::clone(&site.seen)).collect(),
            caches: sites.iter().flat_map(|site| site.site.caches.clone()).collect(),
            logins: sites.iter().find_map(|site| site.site.logins.clone()),
            events,
            store,
            health: Arc::clone(&health),
            expiries: all_expiries(expiries, tls.clone()),
            data_directory: options.data_directory,
            clock: Arc::new(SystemClock),
            started,
            collector: metrics::Collector::default(),
        };
        tokio::spawn(manage(listener, metrics, Arc::clone(&health), limits.clone(), told))
    });
    let ending = async {
        (&mut shutdown).await;
        health.end();
    };
    accept_both(first, second, &limits, tls, ending).await;
    // The last to go: whoever watches sees the server end.
    drop(tell);
    if let Some(managing) = managing {
        let _ = managing.await; // it has the store
    }
    stop(hand_overs, folders, chores, &downloaded).await;
    recorder.add(recorder.entry(Action::ServerStop, &Cause::server(), AuditResult::Done));
    audit.stop().await;
    Ok(())
}

/// Ends what is done beside answering, when nobody is answered any more.
async fn stop(hand_overs: Option<HandOvers>, folders: Folders, chores: Chores, store: &Arc<Store>) {
    if let Some(hand_overs) = hand_overs {
        hand_overs.stop().await;
    }
    folders.stop().await;
    chores.stop().await;
    chores::keep_downloads_since(store, SystemClock.now()).await;
}

/// Lets commands hand packages over.
fn open_door(
    door: Option<Door>,
    settings: &Settings,
    (store, accounts): (&Arc<Store>, &Arc<dyn Accounts>),
    uploads: &UploadPlaces,
) -> Result<Option<HandOvers>, ServeError> {
    let intake = settings.deployment.as_ref().map(|settings| intake(settings, store, accounts));
    let open = door.map(|door| HandOvers::start(door, intake, uploads.clone(), settings.limits.upload_idle));
    open.transpose().map_err(ServeError::HandOver)
}

/// What strangers may do at an address.
fn anonymous_at(setting: Option<AnonymousAccess>) -> impl Fn(&ListenAddress) -> AnonymousAccess {
    move |address| setting.unwrap_or_else(|| AnonymousAccess::default_at(address))
}

/// Where packages go that commands bring.
fn intake(settings: &DeploymentSettings, store: &Arc<Store>, accounts: &Arc<dyn Accounts>) -> Intake {
    Intake {
        store: Arc::clone(store),
        accounts: Arc::clone(accounts),
        security: settings.security(),
        clock: Arc::new(SystemClock),
    }
}

/// What is done beside answering.
fn begin_chores(
    settings: &Settings,
    store: &Arc<Store>,
    accounts: &Arc<dyn Accounts>,
    uploaded: Arc<retention::Uploads>,
    tls: Option<&Arc<Tls>>,
) -> Chores {
    let (mut chores, policy) = (Chores::default(), settings.retention);
    chores.go_on(chores::sweep(Arc::clone(store)));
    chores.go_on(chores::keep_downloads(Arc::clone(store)));
    chores.go_on(retention::keep_looking(Arc::clone(store), Arc::clone(accounts), policy, uploaded));
    if let Some(tls) = tls {
        chores.go_on(Arc::clone(tls).keep_fresh());
    }
    if settings.deployment.is_some() || settings.native_api == NativeApi::On {
        chores.go_on(chores::expire(Arc::clone(accounts)));
    }
    chores
}

/// The deployment server beside a package server: it believes the proxies of both.
fn deployment_site(
    mut settings: DeploymentSettings,
    options: &ServeOptions,
    parts: DeploymentParts,
    uploads: UploadPlaces,
    rates: &Rates,
) -> Result<Site, ServeError> {
    settings.trusted_proxies.extend(&options.settings.trusted_proxies);
    let rates = rates.behind(&settings.trusted_proxies);
    let limits = options.settings.limits.clone();
    Ok(deployment_server::site(uploads, &rates, parts, settings, limits)?)
}

fn show_health(site: &mut Site, health: &Arc<Health>) {
    site.router = mem::take(&mut site.router).merge(health::pages(health, Reader::Anybody));
    site.routes.extend(health::routes("package-server"));
}

/// Answers those who run the server, until the other end of `told` is dropped.
async fn manage(
    listener: TcpListener,
    mut metrics: Metrics,
    health: Arc<Health>,
    mut limits: ServerLimits,
    mut told: Receiver<()>,
) {
    let own = Arc::new(ListenerMetrics::new("management", management::routes()));
    metrics.listeners.push(Arc::clone(&own));
    let site = management::site(Arc::new(metrics), &health);
    limits.shutdown = limits.shutdown.min(MANAGEMENT_FAREWELL);
    accept(listener, site, own, &limits, None, async move { drop(told.changed().await) }).await;
}

/// Says how TLS is spoken.
/// Of the certificates that the server was started with, and of those that it reads again.
fn all_expiries(started_with: Vec<Expiry>, tls: Option<Arc<Tls>>) -> Vec<Expiries> {
    let started_with: Expiries = Arc::new(move || started_with.clone());
    [started_with].into_iter().chain(of_tls(tls)).collect()
}

/// The certificates of TLS as they are now.
fn of_tls(tls: Option<Arc<Tls>>) -> Option<Expiries> {
    tls.map(|tls| Arc::new(move || tls.expiries()) as Expiries)
}

fn announce_tls<W: io::Write + Send>(tls: Option<&Tls>, warnings: Vec<String>, console: &Console<W>) {
    for message in warnings {
        console.event(Origin::Start, &Event::Warned { name: "tls".into(), message });
    }
    if let Some(tls) = tls {
        console.extra_heading(&format!("TLS: {}", tls.describe()));
    }
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
