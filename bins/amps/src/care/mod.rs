//! The commands that look after a data directory, also while a server runs in it.

mod backup;
mod check;
mod data_directory;
mod doctor;
mod findings;
mod hello;
mod named_files;
mod progress;
mod restore;
mod retention;

pub(crate) use backup::Backup;
pub(crate) use check::Check;
pub(crate) use doctor::Doctor;
pub(crate) use restore::Restore;
pub(crate) use retention::Retention;
