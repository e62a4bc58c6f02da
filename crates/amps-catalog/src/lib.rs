#![doc = include_str!("../README.md")]

mod changes;
mod columns;
mod connections;
mod error;
mod link;
mod query;
mod release;
mod removed;
mod schema;
mod sqlite;

pub use error::OpenError;
pub use schema::APPLICATION_ID;
pub use sqlite::SqliteCatalog;
