//! What can be set of a server.

use std::{path::PathBuf, time::Duration};

use amps_core::Limits;

use crate::{listen_address::ListenAddress, project_id::ProjectId};

/// How a server behaves.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What clients must know to be spoken to. Default `PROJECT`.
    pub project_id: ProjectId,
    /// How much of anything a package may have.
    pub limits: Limits,
    /// How many uploads are verified at the same time; more wait. Each takes a thread, about a megabyte, and up to one core.
    /// Default 16.
    pub concurrent_uploads: usize,
    /// How long an upload may send nothing. Default 60 seconds.
    pub upload_idle: Duration,
    /// How long a client may take to send the head of a request, and then to send a form. Default 30 seconds.
    pub head_time: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            project_id: ProjectId::default(),
            limits: Limits::default(),
            concurrent_uploads: 16,
            upload_idle: Duration::from_mins(1),
            head_time: Duration::from_secs(30),
        }
    }
}

/// What a server is started with: the settings, and where it lives.
#[derive(Clone, Debug)]
pub struct ServeOptions {
    /// The data directory; created if it is missing.
    pub data_directory: PathBuf,
    /// Where it listens.
    pub listen_address: ListenAddress,
    /// How it behaves.
    pub settings: Settings,
}
