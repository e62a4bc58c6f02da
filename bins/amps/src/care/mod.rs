//! The commands that look after a data directory, also while a server runs in it.

mod backup;
mod check;
mod data_directory;
mod findings;
mod named_files;
mod progress;
mod restore;

pub(crate) use backup::Backup;
pub(crate) use check::Check;
pub(crate) use restore::Restore;
