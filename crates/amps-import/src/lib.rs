#![doc = include_str!("../README.md")]

mod accounts;
mod database;
mod import;
mod line;
mod media;
mod packages;
mod rows;
mod source;
mod table;

pub use database::DatabaseError;
pub use import::{Import, ImportError};
pub use line::{Count, Line, Subject, Summary};
pub use media::{MediaError, MediaFolder};
pub use source::Source;
