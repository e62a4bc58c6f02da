#![doc = include_str!("../README.md")]

mod answer;
mod config;
mod config_edit;
mod console;
mod content;
mod create_config;
mod drain;
mod folders;
mod foreign_origin;
mod listen_address;
mod package_server;
mod project_id;
mod serve;
mod settings;
mod upload_body;

pub use config::{CONFIG_FILE, Config, ConfigError, ConfigProblem};
pub use console::{Console, Lines};
pub use create_config::{ConfigChanges, CreateConfigError, Readable};
pub use listen_address::{InvalidListenAddress, ListenAddress};
pub use package_server::router as package_server;
pub use project_id::{InvalidProjectId, ProjectId};
pub use serve::{ServeError, serve};
pub use settings::{ServeOptions, Settings};
