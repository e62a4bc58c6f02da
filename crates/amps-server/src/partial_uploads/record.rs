//! What is known of an upload that comes in pieces, as it lies on the disk.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    net::IpAddr,
    path::Path,
};

use amps_core::{Check, Verdict};
use serde::{Deserialize, Serialize};

/// Bytes of such a file, inclusive: patterns of a token are the most of it.
const RECORD_BYTES: u64 = 256 * 1024;

/// What is known of an upload.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Record {
    /// How large it will be.
    pub(crate) length_bytes: u64,
    /// Whose it is.
    pub(crate) owner: Owner,
    /// What the catalog is to say about who brought it.
    pub(crate) by: String,
    /// What the audit trail is to say about from where it was begun, which may be behind a proxy.
    #[serde(default)]
    pub(crate) client: Option<IpAddr>,
    /// The same about the request.
    #[serde(default)]
    pub(crate) request: Option<String>,
    /// Patterns of the packages that it may be; none for all.
    pub(crate) scope: Vec<String>,
    /// What the client has said of it.
    pub(crate) metadata: Option<String>,
    /// When it is forgotten, in seconds since 1970.
    pub(crate) expires_at: i64,
    /// How far it is.
    pub(crate) state: State,
    /// What came of the checks, when it has ended. Those that ended before this was kept have none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) checks: Vec<(Check, Verdict)>,
}

/// Whose an upload is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Owner {
    /// The name of the token, if there was one.
    pub(crate) token: Option<String>,
    /// The name of the user, if one was signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) user: Option<String>,
    /// From where it was begun.
    pub(crate) address: String,
}

/// How far an upload is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub(crate) enum State {
    /// More is to come, or all has come and nobody has looked at it.
    Receiving,
    /// It is about to become a release: after a crash it may be one, or not.
    Publishing,
    /// It is a release.
    Published {
        /// The release's number.
        sequence: u64,
    },
    /// It was not taken in.
    Refused {
        /// What the client was told: status, code and words.
        status: u16,
        code: String,
        detail: String,
    },
}

impl State {
    pub(crate) fn has_ended(&self) -> bool {
        matches!(self, Self::Published { .. } | Self::Refused { .. })
    }
}

impl Owner {
    /// Whether it is the same. Of those who do not say who they are, whoever knows the name goes on with it from anywhere.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.token == other.token && self.user == other.user
    }

    /// Whether uploads of both count together.
    pub(super) fn counts_with(&self, other: &Self) -> bool {
        let is_named = self.token.is_some() || self.user.is_some();
        self.is(other) && (is_named || self.address == other.address)
    }
}

impl Record {
    pub(super) fn read(path: &Path) -> io::Result<Self> {
        if fs::metadata(path)?.len() > RECORD_BYTES {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("more than {RECORD_BYTES} bytes"),
            ));
        }
        serde_json::from_slice(&fs::read(path)?).map_err(io::Error::from)
    }

    /// Writes it in one step.
    pub(super) fn write(&self, path: &Path) -> io::Result<()> {
        let folder = path.parent().unwrap_or(Path::new("."));
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(&serde_json::to_vec(self)?)?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        File::open(folder)?.sync_all()
    }
}
