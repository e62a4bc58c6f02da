//! Letting releases go that the settings do not keep: after uploads, and every hour.

use std::{path::Path, sync::Arc, time::Duration};

use amps_catalog::SqliteCatalog;
use amps_core::{
    Because, Catalog as _, CatalogError, Clock as _, DataDir, Error, Event, EventSink, FolderBlobStore,
    Origin, PackagesFolder, Parts, RetentionPlan, RetentionPolicy, Store, SystemClock, TrustAnchors,
    accounts::{AccountError, Accounts, Purchases},
    audit::{AtOnce, AuditLog, Cause},
    chain, plan_retention,
};
use tokio::{
    sync::Notify,
    time::{Instant, sleep, timeout},
};

use crate::settings::Settings;

/// How often it is looked although nothing was uploaded: releases become old by themselves.
const INTERVAL: Duration = Duration::from_hours(1);
/// How long it is not looked again at least.
const PAUSE: Duration = Duration::from_secs(1);
/// How many times as long as a look takes: a look through 100,000 releases takes a fifth of a second, and many uploads must not make
/// that a burden.
const REST: u32 = 20;

/// Notes that something was uploaded.
#[derive(Default)]
pub(crate) struct Uploads(Notify);

impl EventSink for Uploads {
    fn event(&self, _: Origin, event: &Event) {
        if matches!(event, Event::Added { .. } | Event::Updated { .. }) {
            self.0.notify_one();
        }
    }
}

/// Looks again and again; never, if everything is kept.
pub(crate) async fn keep_looking(
    store: Arc<Store>,
    accounts: Arc<dyn Accounts>,
    policy: RetentionPolicy,
    uploads: Arc<Uploads>,
) {
    while !policy.is_everything() {
        let (store, accounts) = (Arc::clone(&store), Arc::clone(&accounts));
        let begin = Instant::now();
        let looked = tokio::task::spawn_blocking(move || {
            retain(&store, &*accounts, &policy, &Origin::Retention.into())
        })
        .await;
        if let Ok(Err(error)) = looked {
            tracing::error!(error = chain(&error), "cannot remove releases that are not to be kept");
        }
        sleep((begin.elapsed() * REST).max(PAUSE)).await;
        let _ = timeout(INTERVAL, uploads.0.notified()).await;
    }
}

/// What to know about a policy if some of it does nothing.
pub(crate) fn without_effect(settings: &Settings) -> Option<String> {
    let rules = settings.retention.without_effect(settings.releases_kept());
    let names = rules.iter().map(|rule| match rule {
        Because::Versions => "`versions`",
        Because::Age => "`ageDays`",
        _ => "`totalBytes`",
    });
    let names = names.collect::<Vec<_>>().join(", ");
    (!rules.is_empty()).then(|| {
        let how = "where there is no deployment server, an upload takes the place of the release before";
        match rules.as_slice() {
            [Because::Versions] => format!("{names} has no effect: {how}"),
            _ => format!("{names} has no effect: {how}; `newest: remove` lets age and size end packages"),
        }
    })
}

/// Why releases could not be let go.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RetentionError {
    /// The catalog cannot be opened or asked.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// Nobody can say what was purchased.
    #[error(transparent)]
    Purchases(#[from] AccountError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] Error),
}

fn retain<P: Purchases + ?Sized>(
    store: &Store,
    accounts: &P,
    policy: &RetentionPolicy,
    cause: &Cause,
) -> Result<RetentionPlan, RetentionError> {
    let purchased = accounts.purchased(SystemClock.now())?;
    Ok(store.retain_because(policy, &purchased, cause)?)
}

/// What a policy would do to the store of a data directory, also beside a server; that alone knows what is being downloaded.
pub fn plan_for_store(
    data_directory: &Path,
    policy: &RetentionPolicy,
) -> Result<RetentionPlan, RetentionError> {
    let catalog = SqliteCatalog::open(&DataDir::shared_catalog(data_directory))?;
    let now = SystemClock.now();
    let purchased = catalog.purchased(now)?;
    let hold = |release: &amps_core::Release| {
        purchased.contains(&release.sequence).then_some(amps_core::Hold::Purchased)
    };
    Ok(plan_retention(&catalog.releases()?, policy, hold, now))
}

/// Does it in a data directory that no server has. The store is opened as at the start of a server, which says to `events` what has
/// changed in `.packages` meanwhile; `cause` is who wants it, for the audit trail.
pub fn retain_in_store(
    data: DataDir,
    settings: &Settings,
    developers: Option<TrustAnchors>,
    events: Arc<dyn EventSink>,
    cause: &Cause,
) -> Result<RetentionPlan, RetentionError> {
    let catalog = Arc::new(SqliteCatalog::open(&data.catalog())?);
    let events = Arc::new(AtOnce::new(Arc::clone(&catalog) as Arc<dyn AuditLog>, events));
    let store = Store::open(Parts {
        catalog: Arc::clone(&catalog) as _,
        blobs: Arc::new(FolderBlobStore::open(&data.amps()).map_err(Error::from)?),
        packages: PackagesFolder::open(data.packages()).map_err(Error::from)?,
        clock: Arc::new(SystemClock),
        events,
        limits: settings.limits.package.clone(),
        developers,
        signing: None,
        keep: settings.releases_kept(),
    })?;
    let plan = retain(&store, &*catalog, &settings.retention, cause);
    drop((store, catalog));
    drop(data);
    plan
}
