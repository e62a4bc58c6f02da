#![doc = include_str!("../README.md")]

mod accounts;
mod audit;
mod changes;
mod columns;
mod connections;
mod downloads;
mod error;
mod fill_tags;
mod integrity;
mod link;
mod look;
mod query;
mod release;
mod removed;
mod schema;
mod set_aside;
mod sqlite;

pub use error::OpenError;
pub use look::SqliteFiles;
pub use schema::APPLICATION_ID;
pub use set_aside::SetAside;
pub use sqlite::SqliteCatalog;
