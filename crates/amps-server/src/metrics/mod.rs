//! What there is to see of a running server (docs/metrics.md).

mod expiry;
mod exposition;
mod families;
mod gauges;
mod histogram;
mod listener;
mod routes;
mod store_events;

use std::{path::PathBuf, sync::Arc, time::Duration};

use amps_core::{CacheCounter, Clock, Store, Timestamp, accounts::Login};
use tokio::{sync::Semaphore, time::timeout};

use crate::health::Health;
pub(crate) use expiry::{Expiries, Expiry, of_certificates};
pub(crate) use gauges::database_bytes;
use gauges::{CatalogSizes, Gauges};
pub(crate) use listener::{ClosedFor, ListenerMetrics, RequestKind};
pub(crate) use routes::Route;
pub(crate) use store_events::StoreEvents;

/// How long catalog and disk may take to say how large they are. Counters are told without them.
const COLLECTING_TIME: Duration = Duration::from_secs(5);

/// A cache under the name that it is counted as.
pub(crate) type NamedCache = (&'static str, Arc<CacheCounter>);

/// Where all that is told comes from.
pub(crate) struct Metrics {
    pub(crate) listeners: Vec<Arc<ListenerMetrics>>,
    pub(crate) caches: Vec<NamedCache>,
    /// Checks passwords, if there is anything to log in to.
    pub(crate) logins: Option<Arc<Login>>,
    pub(crate) events: Arc<StoreEvents>,
    pub(crate) store: Arc<Store>,
    pub(crate) health: Arc<Health>,
    /// Certificates, from whoever has some.
    pub(crate) expiries: Vec<Expiries>,
    pub(crate) data_directory: PathBuf,
    pub(crate) clock: Arc<dyn Clock>,
    /// When the server was started.
    pub(crate) started: Timestamp,
    pub(crate) collector: Collector,
}

/// Looks how large catalog and disk are, for one who asks at a time.
pub(crate) struct Collector {
    free: Arc<Semaphore>,
    sizes: Arc<CatalogSizes>,
}

impl Default for Collector {
    fn default() -> Self {
        Self { free: Arc::new(Semaphore::new(1)), sizes: Arc::default() }
    }
}

impl Metrics {
    /// Everything in the text format of `OpenMetrics`.
    pub(crate) async fn text(self: Arc<Self>) -> Result<String, std::fmt::Error> {
        let gauges = self.gauges().await;
        let checks = self.health.checks().await;
        exposition::write(self, gauges, checks)
    }

    /// The sizes of catalog and disk, as far as they can be had in time. While a disk hangs, one thread waits for it, whoever asks.
    async fn gauges(&self) -> Gauges {
        let collecting = async {
            let free = Arc::clone(&self.collector.free).acquire_owned().await.ok()?;
            let (store, sizes) = (Arc::clone(&self.store), Arc::clone(&self.collector.sizes));
            let data_directory = self.data_directory.clone();
            let collect = move || {
                let gauges = Gauges::collect(&store, &sizes, &data_directory);
                drop(free);
                gauges
            };
            tokio::task::spawn_blocking(collect).await.ok()
        };
        timeout(COLLECTING_TIME, collecting).await.ok().flatten().unwrap_or_default()
    }
}
