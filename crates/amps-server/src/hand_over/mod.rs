//! Taking a package in for whoever gives the command `store-upload-package` (docs/deployment-server.md, "Commands").
//!
//! A server that has the data directory listens on a socket in it. The command sends a line of JSON, [`Head`], and the package; the
//! server answers with another line, [`Verdict`]. Nothing lies anywhere that somebody would have to clean: a command that ends early
//! leaves half a package, which is none, and a server that ends early leaves a command without an answer. While no server has the
//! directory, the command takes it for itself.

mod address;
mod by_hand;
mod connection;
mod door;
mod sender;
mod take;

use serde::{Deserialize, Serialize};

use amps_core::UploadResult;

pub use by_hand::{StoreUploadError, store_upload};
pub(crate) use door::{Door, HandOvers};
pub use sender::{HandOverError, hand_over};

/// The socket, in the folder `.amps` of the data directory.
const SOCKET: &str = "store.sock";
/// Bytes in the line before a package. A description has 256 KiB, and JSON makes six bytes of one at worst.
const MAX_HEAD_BYTES: u64 = 2 * 1024 * 1024;
/// Bytes in the line that answers.
const MAX_VERDICT_BYTES: u64 = 1024 * 1024;

/// What is said about a package that is to be taken in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StoreUpload {
    /// What stands for the package in messages: the file's name.
    pub name: String,
    /// The name of the vendor.
    pub vendor: String,
    /// The name of the category.
    pub category: String,
    /// A line for lists; without it, the first one of the description.
    pub short_description: Option<String>,
    /// The description; without it, what the manifest says.
    pub description: Option<String>,
}

/// What comes before a package.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Head<U> {
    size_bytes: u64,
    upload: U,
}

/// What became of a package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "camelCase")]
pub enum Verdict {
    /// It is in the store.
    Taken {
        /// Its id.
        id: String,
        /// Its version.
        version: String,
        /// Its architecture, in a package server's words.
        architecture: String,
        /// How the store has changed.
        result: UploadResult,
        /// What is legal, but not as it should be.
        warnings: Vec<String>,
    },
    /// There is no such vendor or category, or a text is too long. The package was not looked at in the first two cases.
    NoPlace {
        /// What is wrong.
        reason: String,
    },
    /// The package is not one that is taken.
    Refused {
        /// Why not.
        reason: String,
    },
    /// Nobody can tell: something else failed.
    Failed {
        /// What.
        reason: String,
    },
}

impl Verdict {
    fn failed(reason: impl Into<String>) -> Self {
        Self::Failed { reason: reason.into() }
    }
}
