//! How a running server is: what `/server` tells those who run it.

use std::{
    path::PathBuf,
    sync::{Arc, OnceLock},
};

use amps_core::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    disk_space::DiskSpace,
    health::{Check as Checked, Health},
    metrics::{Expiries, ListenerMetrics, database_bytes},
};

/// Where that is found out.
pub(crate) struct Live {
    pub(crate) started: Timestamp,
    pub(crate) health: Arc<Health>,
    pub(crate) data_directory: PathBuf,
    /// The certificates of TLS, which may be others tomorrow.
    pub(crate) tls: Option<Expiries>,
    /// There as soon as anybody can ask.
    pub(crate) listeners: Arc<OnceLock<Vec<Arc<ListenerMetrics>>>>,
}

/// How the server is.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ServerState {
    /// The disk that has the data directory; null if it does not tell.
    disk: Option<Disk>,
    /// Bytes of the catalog's files; null if they cannot be had.
    database_bytes: Option<u64>,
    /// Connections that are open.
    connections: u64,
    /// Requests that are being answered, this one included.
    requests: u64,
    /// Uploads that have begun and not ended.
    open_uploads: u64,
    /// What must be in order for the server to be ready.
    checks: Vec<Check>,
}

/// A disk.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Disk {
    /// How large it is.
    size_bytes: u64,
    /// What this server may still have of it.
    free_bytes: u64,
}

/// Something that must be in order.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Check {
    /// What it is.
    name: String,
    /// What is not in order; null if all is well.
    problem: Option<String>,
}

impl Live {
    /// How the server is; waits for the disk.
    pub(super) fn state(&self, checks: &[Checked], open_uploads: usize) -> ServerState {
        let listeners = self.listeners.get().map(Vec::as_slice).unwrap_or_default();
        let sum = |count: fn(&ListenerMetrics) -> u64| listeners.iter().map(|listener| count(listener)).sum();
        let disk = DiskSpace::of(&self.data_directory).ok();
        ServerState {
            disk: disk.map(|DiskSpace { size_bytes, free_bytes, .. }| Disk { size_bytes, free_bytes }),
            database_bytes: database_bytes(&self.data_directory).ok(),
            connections: sum(ListenerMetrics::open_connections),
            requests: sum(|listener| listener.running() as u64),
            open_uploads: open_uploads as u64,
            checks: checks
                .iter()
                .map(|check| Check { name: check.name.to_owned(), problem: check.problem.clone() })
                .collect(),
        }
    }
}
