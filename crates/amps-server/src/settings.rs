//! What can be set of a server.

use std::path::PathBuf;

use amps_core::{ReleasesKept, RetentionPolicy, audit::AuditRetention};
use ipnet::IpNet;

use crate::{
    access::AnonymousAccess, deployment_server::DeploymentSettings, health::HealthPages,
    limits::ServerLimits, listen_address::ListenAddress, management::ManagementSettings,
    project_id::ProjectId, tls_settings::TlsSettings,
};

/// How a server behaves.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// What clients must know to be spoken to. Default `PROJECT`.
    pub project_id: ProjectId,
    /// How much of anything its clients may have, and for how long.
    pub limits: ServerLimits,
    /// What somebody may do who does not say who they are. Not set: everything where only this machine can come, reading
    /// elsewhere ([`AnonymousAccess::default_at`]).
    pub anonymous_access: Option<AnonymousAccess>,
    /// Which releases are kept. Default all.
    pub retention: RetentionPolicy,
    /// Whom `X-Forwarded-For` is believed. Default nobody.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether the native API is there.
    pub native_api: NativeApi,
    /// Whether the web interface is there; never without the native API.
    pub web_interface: WebInterface,
    /// How the deployment-server interface behaves; without it, it is not there.
    pub deployment: Option<DeploymentSettings>,
    /// With what TLS is spoken; without it, it is not.
    pub tls: Option<TlsSettings>,
    /// Where metrics and health are; without it, there is no such listener.
    pub management: Option<ManagementSettings>,
    /// Whether `/healthz` and `/readyz` are also where the packages are. Default: they are.
    pub health_pages: HealthPages,
    /// How long entries of the audit trail are kept, and how many.
    pub audit: AuditRetention,
}

impl Settings {
    /// Which releases of a package stand beside each other: a deployment server shows each device the one that fits it best.
    pub(crate) fn releases_kept(&self) -> ReleasesKept {
        match self.deployment {
            Some(_) => ReleasesKept::All,
            None => ReleasesKept::Latest,
        }
    }
}

/// Whether the native API is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum NativeApi {
    /// It is, below `/api/v1`.
    #[default]
    On,
    /// It is not: nothing is found there.
    Off,
}

/// Whether the web interface is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum WebInterface {
    /// It is, below `/ui`.
    #[default]
    On,
    /// It is not: nothing is found there.
    Off,
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
