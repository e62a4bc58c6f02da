//! `backup.json`: what a backup says of itself. It names no files, so that nothing in it can lead out of the backup.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::CareError;

/// The name of the file. It is written last: a folder without it is no backup.
pub const STATEMENT_FILE: &str = "backup.json";

/// The largest one that is read, in bytes, inclusive. A real one has a few hundred.
pub(super) const MAX_STATEMENT_BYTES: u64 = 64 * 1024;

/// What `formatType` says.
pub(super) const FORMAT: &str = "amps-backup";
/// What `formatVersion` says.
pub(super) const VERSION: u64 = 1;

/// What a backup says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Statement {
    pub(super) format_type: String,
    pub(super) format_version: u64,
    /// Which version of which program made it.
    pub made_by: String,
    /// When, in seconds since 1970.
    pub made_at: i64,
    /// The data directory that it is a copy of.
    pub data_directory: String,
    /// How often the backup was updated, and one: the number in the names of its files.
    pub number: u32,
    /// The generation of the catalog.
    pub generation: u64,
    /// The schema version of the catalog.
    pub schema_version: i64,
    /// The file `catalog-NUMBER.db`.
    pub catalog: FileStatement,
    /// The file `amps-config-NUMBER.yaml`, if the data directory had a configuration.
    pub configuration: Option<FileStatement>,
    /// How many blobs there are: packages and icons.
    pub blobs: u64,
    /// How many bytes they have together.
    pub blob_bytes: u64,
}

/// What a backup says of one of its files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FileStatement {
    /// Its SHA-256, in hexadecimal digits.
    pub sha256: String,
    /// Its size.
    pub size_bytes: u64,
}

/// What is looked at first, whatever else a later version says.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Format {
    format_type: String,
    format_version: u64,
}

impl Statement {
    /// Reads the text of such a file; `path` is for messages.
    pub(super) fn parse(text: &[u8], path: PathBuf) -> Result<Self, CareError> {
        let format: Format = match serde_json::from_slice(text) {
            Ok(format) => format,
            Err(error) => return Err(CareError::Unusable { path, problem: error.to_string() }),
        };
        if format.format_type != FORMAT {
            let problem = format!("found type {}: expected `{FORMAT}`", ampkg::quoted(&format.format_type));
            return Err(CareError::Unusable { path, problem });
        }
        match format.format_version {
            VERSION => {}
            found if found > VERSION => return Err(CareError::TooNew { path, found, known: VERSION }),
            found => {
                let problem = format!("found format version {found}: expected {VERSION}");
                return Err(CareError::Unusable { path, problem });
            }
        }
        serde_json::from_slice(text).map_err(|error| CareError::Unusable { path, problem: error.to_string() })
    }
}
