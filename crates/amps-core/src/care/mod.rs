//! Looking after a store, also while a server runs in its data directory: copies of it, and whether it is whole.

mod backup;
mod backup_folder;
mod catalog_care;
mod check;
mod copy;
pub mod doctor;
mod error;
mod finding;
mod restore;
mod statement;
mod workspace;

pub use backup::{Backup, BackupSource, Existing, Linking, Verify, back_up};
pub use catalog_care::{CatalogCare, CatalogFiles, SchemaVersion};
pub use check::{CheckSource, Checked, Depth, check, damaged};
pub use error::CareError;
pub use finding::{Finding, Level};
pub use restore::{Restored, restore};
pub use statement::{FileStatement, STATEMENT_FILE, Statement};
