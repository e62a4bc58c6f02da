#![doc = include_str!("../README.md")]

mod access;
mod answer;
mod api;
mod audit;
mod busy;
mod client_device;
mod client_network;
mod config;
mod config_audit;
mod config_deployment;
mod config_edit;
mod config_limits;
mod config_management;
mod config_retention;
mod config_tls;
mod console;
mod content;
mod create_config;
mod deployment_server;
mod disk_space;
mod drain;
mod folders;
mod foreign_origin;
mod form;
mod hand_over;
mod health;
mod limits;
mod listen_address;
mod management;
mod metrics;
mod open_downloads;
mod pace;
mod package_server;
mod partial_uploads;
mod prepared;
mod project_id;
mod rate;
mod reached;
mod retention;
mod serve;
mod settings;
mod silent_uploads;
mod site;
mod tls_settings;
mod trusted_proxies;
mod ui;
mod upload_body;
mod upload_checks;
mod upload_places;

pub use access::{Access, AnonymousAccess, InvalidAnonymousAccess};
pub use config::{CONFIG_FILE, Config, ConfigError, ConfigProblem};
pub use console::{Console, Lines};
pub use create_config::{ConfigChanges, CreateConfigError, Readable};
pub use deployment_server::{
    DeploymentParts, DeploymentSettings, InvalidDeploymentSetting, InvalidUrlPrefix, UrlPrefix,
    router as deployment_server,
};
#[doc(hidden)]
pub use deployment_server::{ReadParts, read_upload_parts};
pub use hand_over::{HandOverError, StoreUpload, StoreUploadError, Verdict, hand_over, store_upload};
pub use health::HealthPages;
pub use limits::{CreditLimits, InvalidLimit, ServerLimits};
pub use listen_address::{InvalidListenAddress, ListenAddress};
pub use management::ManagementSettings;
pub use package_server::{guarded_router as guarded_package_server, router as package_server};
pub use project_id::{InvalidProjectId, ProjectId};
pub use retention::{RetentionError, plan_for_store, retain_in_store};
pub use serve::{OpenFiles, ServeError, TlsError, serve};
pub use settings::{NativeApi, ServeOptions, Settings, WebInterface};
pub use tls_settings::{
    ClientCertificates, HardwareIdFrom, InvalidTlsWord, TlsExamination, TlsFields, TlsSettings,
    TlsSettingsError,
};
