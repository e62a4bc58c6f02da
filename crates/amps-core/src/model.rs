//! What a store knows: releases and blobs.

use std::{collections::BTreeMap, fmt, str::FromStr, sync::Arc};

use ampkg::{Digest, DigestFit, InvalidDigest, Package, PackageId};
use amps_arch::{DeploymentServerToken, PackageServerToken};
use amps_splice::Recipe;
use amps_tags::TagList;

use crate::{accounts::StoreEntry, clock::Timestamp};

/// The name of a blob: the SHA-256 of its bytes. A blob is never changed, so two with the same name are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobId(pub Digest);

impl fmt::Display for BlobId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

impl FromStr for BlobId {
    type Err = InvalidDigest;

    fn from_str(text: &str) -> Result<Self, InvalidDigest> {
        text.parse().map(Self)
    }
}

/// A blob and its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlobRef {
    /// Its name.
    pub id: BlobId,
    /// Its size in bytes.
    pub size_bytes: u64,
}

/// The icon of a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IconRef {
    /// Its bytes.
    pub blob: BlobRef,
    /// Its media type, like `image/png`; told from the file's name, never from its bytes.
    pub media_type: String,
}

/// Numbers releases in the order in which they were published. Grows, is never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sequence(pub u64);

/// A release as the catalog has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// Its number.
    pub sequence: Sequence,
    /// What is known about it. Shared: lists of a hundred thousand are copied whenever one of them changes.
    pub facts: Arc<ReleaseFacts>,
}

impl Release {
    /// Whether both are releases of one package, as a package server sees it: of the same id and architecture.
    pub fn is_of_same_package(&self, other: &Self) -> bool {
        self.facts.id == other.facts.id && self.facts.architecture == other.facts.architecture
    }
}

/// What is known about a release: the part that lists and look-ups need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseFacts {
    /// The package's id.
    pub id: PackageId,
    /// The version as the manifest has it; may be empty.
    pub version: String,
    /// The architecture for devices that speak the package-server's language; `all` for every one.
    pub architecture: PackageServerToken,
    /// The architecture for devices that speak the deployment-server's; none for a universal binary.
    pub deployment_architecture: Option<DeploymentServerToken>,
    /// What it is made for, as the header states it; empty if that is malformed.
    pub tags: TagList,
    /// What it does not go together with, likewise.
    pub conflicts: TagList,
    /// Why nobody can say what the header states about either: then no deployment server offers it.
    pub malformed_tags: Option<String>,
    /// Names by language.
    pub names: BTreeMap<String, String>,
    /// Descriptions by language.
    pub descriptions: BTreeMap<String, String>,
    /// The manifest's categories, in its order.
    pub categories: Vec<String>,
    /// The generation of header and footer, 1 or 2.
    pub format_version: i32,
    /// The digest that signatures are made over.
    pub digest: Digest,
    /// Which generations of devices compute that digest.
    pub digest_fit: DigestFit,
    /// Who signed as developer, as the signature itself says; nobody has verified that.
    pub developer: Option<Signer>,
    /// Whether it was uploaded with a store signature.
    pub has_store_signature: bool,
    /// The package.
    pub package: BlobRef,
    /// Its icon.
    pub icon: Option<IconRef>,
    /// When it was published.
    pub uploaded_at: Timestamp,
    /// Who uploaded it, or how it came in, as text for people.
    pub uploaded_by: String,
}

/// Who made a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signer {
    /// The certificate's subject (RFC 4514).
    pub subject: String,
    /// The certificate's serial number in hexadecimal.
    pub serial: String,
    /// From when on the certificate is valid.
    pub not_before: Timestamp,
    /// Until when the certificate is valid.
    pub not_after: Timestamp,
    /// SHA-256 of the certificate.
    pub fingerprint: Digest,
}

/// The texts of a release that are kept, but not looked at for every request. All are JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Documents {
    /// The manifest.
    pub manifest: String,
    /// The header's `extra`.
    pub extra: String,
    /// The header's `extraSigned`, if it has one.
    pub extra_signed: Option<String>,
}

impl Documents {
    /// The documents of a package.
    pub(crate) fn of(package: &Package) -> Self {
        // A map of strings and numbers always has a JSON form; `null` would be read back as "nothing is known".
        let json = |value: Result<String, serde_json::Error>| value.unwrap_or_else(|_| "null".into());
        let header = &package.header;
        Self {
            manifest: json(serde_json::to_string(&package.manifest)),
            extra: json(serde_json::to_string(&header.extra)),
            extra_signed: header.extra_signed.as_ref().map(|extra| json(serde_json::to_string(extra))),
        }
    }
}

/// A release that is about to be published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseDraft {
    /// What is known about it.
    pub facts: ReleaseFacts,
    /// The texts that come with it.
    pub documents: Documents,
    /// How its package is signed without packing it again, if that was worked out.
    pub recipe: Option<Recipe>,
    /// What the store says about it; none for what was said about the one that it replaces, if there is one.
    pub entry: Option<StoreEntry>,
}

/// By what a file is recognised without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileStamp {
    /// The file's identity: device and inode, both 0 where the system has none.
    pub device: u64,
    /// See `device`.
    pub inode: u64,
    /// Its size.
    pub size_bytes: u64,
    /// When it was modified, in nanoseconds since 1970.
    pub modified_ns: i64,
}

/// Whether the file in `.packages` that stands for a release is there. Of several releases of one id and architecture, the last one
/// has the file; the links of the others say nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkState {
    /// It is to be made; what may still lie there is the file of the release that was replaced.
    Pending {
        /// That file.
        replaces: Option<FileStamp>,
    },
    /// It was made and looked like this. If it is gone, somebody deleted it; if it looks otherwise, somebody changed it.
    Made(FileStamp),
}
