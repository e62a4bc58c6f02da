//! Releases as they are sent.

use std::collections::BTreeMap;

use ampkg::DigestFit;
use amps_core::{Documents, Release as Known, Signer as KnownSigner, Timestamp, accounts::StoreEntry};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::representation::time;
use crate::deployment_server::Words;

/// A release in a list.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReleaseSummary {
    /// Its number; grows with each release, is never used twice.
    sequence: u64,
    /// The package's id.
    id: String,
    /// The version as the manifest has it; may be empty.
    version: String,
    /// The architecture in the words of a package server; `all` for every one.
    architecture: String,
    /// The architecture in the words of a deployment server; null for several at once, which it does not offer.
    deployment_architecture: Option<String>,
    /// What it is made for.
    tags: Vec<String>,
    /// What it does not go together with.
    conflicts: Vec<String>,
    /// Names by language.
    names: BTreeMap<String, String>,
    /// The manifest's categories.
    categories: Vec<String>,
    /// The category into which the store has put it.
    store_category: Option<String>,
    /// The vendor in whose name the store offers it.
    vendor: Option<String>,
    /// Bytes of the package as it was uploaded.
    size_bytes: u64,
    /// SHA-256 of the package as it was uploaded.
    sha256: String,
    /// Whether it has an icon.
    has_icon: bool,
    /// Who signed as developer, as the signature itself says; null if nobody did.
    developer: Option<Signer>,
    /// When it was uploaded.
    #[schema(format = DateTime)]
    uploaded_at: String,
}

/// A release.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Release {
    /// Its number; grows with each release, is never used twice.
    sequence: u64,
    /// The package's id.
    id: String,
    /// The version as the manifest has it; may be empty.
    version: String,
    /// The architecture in the words of a package server; `all` for every one.
    architecture: String,
    /// The architecture in the words of a deployment server; null for several at once, which it does not offer.
    deployment_architecture: Option<String>,
    /// What it is made for.
    tags: Vec<String>,
    /// What it does not go together with.
    conflicts: Vec<String>,
    /// Why nobody can say what the package states about either; then no deployment server offers it.
    malformed_tags: Option<String>,
    /// Names by language.
    names: BTreeMap<String, String>,
    /// Descriptions by language.
    descriptions: BTreeMap<String, String>,
    /// The manifest's categories.
    categories: Vec<String>,
    /// The generation of the format, 1 or 2.
    format_version: i32,
    /// The digest that signatures are made over, in hexadecimal.
    digest: String,
    /// Which devices compute that digest.
    digest_fits: DigestFits,
    /// Who signed as developer, as the signature itself says; null if nobody did.
    developer: Option<Signer>,
    /// Whether it was uploaded with a store signature.
    has_store_signature: bool,
    /// Bytes of the package as it was uploaded.
    size_bytes: u64,
    /// SHA-256 of the package as it was uploaded.
    sha256: String,
    /// Its icon.
    icon: Option<Icon>,
    /// When it was uploaded.
    #[schema(format = DateTime)]
    uploaded_at: String,
    /// Who uploaded it, or how it came in; only for those who may upload.
    uploaded_by: Option<String>,
    /// The manifest.
    #[schema(value_type = Value)]
    manifest: Value,
    /// The header's `extra`.
    #[schema(value_type = Value)]
    extra: Value,
    /// The header's `extraSigned`, if it has one.
    #[schema(value_type = Value)]
    extra_signed: Value,
    /// What the store says about it.
    store: Option<StoreWords>,
}

/// Which devices compute a digest.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum DigestFits {
    Both,
    Qt5,
    Qt6,
}

/// Who made a signature.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Signer {
    /// The certificate's subject (RFC 4514).
    subject: String,
    /// The certificate's serial number in hexadecimal.
    serial: String,
    /// From when on the certificate is valid.
    #[schema(format = DateTime)]
    not_before: String,
    /// Until when.
    #[schema(format = DateTime)]
    not_after: String,
    /// SHA-256 of the certificate.
    sha256: String,
    /// Whether the certificate is valid at the moment, by its dates.
    validity: Validity,
    /// Whether this store verifies what developers have signed, before it takes a package.
    verified: bool,
}

/// Whether a certificate is valid at a moment, by its dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum Validity {
    Valid,
    Expired,
    NotYetValid,
}

/// What is needed to describe releases: what the store says about them, and when somebody asks.
#[derive(Clone, Copy)]
pub(super) struct AsOf<'w> {
    pub(super) words: &'w Words,
    pub(super) now: Timestamp,
    /// Whether this store verifies developers.
    pub(super) verifies: bool,
}

impl Validity {
    pub(super) fn of(signer: &KnownSigner, now: Timestamp) -> Self {
        if now < signer.not_before {
            Self::NotYetValid
        } else if now > signer.not_after {
            Self::Expired
        } else {
            Self::Valid
        }
    }
}

/// An icon.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Icon {
    /// Its media type.
    media_type: String,
    /// Its bytes.
    size_bytes: u64,
    /// Their SHA-256.
    sha256: String,
}

/// What the store says about a release.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct StoreWords {
    /// The category.
    category: Option<String>,
    /// The vendor.
    vendor: Option<String>,
    /// One line or two, for lists.
    brief_description: String,
    /// The description; may be HTML.
    description: String,
}

/// Category and vendor, as the store has them.
fn placed(release: &Known, words: &Words) -> (Option<String>, Option<String>) {
    let said = words.about(release);
    let vendor = Some(said.vendor.to_owned()).filter(|vendor| !vendor.is_empty());
    (said.category.map(|category| category.name.to_string()), vendor)
}

impl ReleaseSummary {
    pub(super) fn new(release: &Known, as_of: AsOf<'_>) -> Self {
        let facts = &release.facts;
        let (store_category, vendor) = placed(release, as_of.words);
        Self {
            sequence: release.sequence.0,
            id: facts.id.to_string(),
            version: facts.version.clone(),
            architecture: facts.architecture.to_string(),
            deployment_architecture: facts.deployment_architecture.as_ref().map(ToString::to_string),
            tags: facts.tags.texts().map(str::to_owned).collect(),
            conflicts: facts.conflicts.texts().map(str::to_owned).collect(),
            names: facts.names.clone(),
            categories: facts.categories.clone(),
            store_category,
            vendor,
            size_bytes: facts.package.size_bytes,
            sha256: facts.package.id.to_string(),
            has_icon: facts.icon.is_some(),
            developer: facts.developer.as_ref().map(|signer| Signer::new(signer, as_of)),
            uploaded_at: time(facts.uploaded_at),
        }
    }
}

/// Whether whoever asks may know who uploaded a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Uploader {
    Shown,
    Hidden,
}

impl Release {
    pub(super) fn new(
        release: &Known,
        documents: &Documents,
        entry: Option<StoreEntry>,
        as_of: AsOf<'_>,
        uploader: Uploader,
    ) -> Self {
        // What the catalog keeps was written by this program.
        let json = |text: &str| serde_json::from_str(text).unwrap_or(Value::Null);
        let summary = ReleaseSummary::new(release, as_of);
        let facts = &release.facts;
        Self {
            sequence: summary.sequence,
            id: summary.id,
            version: summary.version,
            architecture: summary.architecture,
            deployment_architecture: summary.deployment_architecture,
            tags: summary.tags,
            conflicts: summary.conflicts,
            malformed_tags: facts.malformed_tags.clone(),
            names: summary.names,
            descriptions: facts.descriptions.clone(),
            categories: summary.categories,
            format_version: facts.format_version,
            digest: facts.digest.to_string(),
            digest_fits: match facts.digest_fit {
                DigestFit::Both => DigestFits::Both,
                DigestFit::Qt5 => DigestFits::Qt5,
                DigestFit::Qt6 => DigestFits::Qt6,
            },
            developer: summary.developer,
            has_store_signature: facts.has_store_signature,
            size_bytes: summary.size_bytes,
            sha256: summary.sha256,
            icon: facts.icon.as_ref().map(|icon| Icon {
                media_type: icon.media_type.clone(),
                size_bytes: icon.blob.size_bytes,
                sha256: icon.blob.id.to_string(),
            }),
            uploaded_at: summary.uploaded_at,
            uploaded_by: (uploader == Uploader::Shown).then(|| facts.uploaded_by.clone()),
            manifest: json(&documents.manifest),
            extra: json(&documents.extra),
            extra_signed: documents.extra_signed.as_deref().map_or(Value::Null, json),
            store: entry.map(|entry| StoreWords {
                category: summary.store_category,
                vendor: summary.vendor,
                brief_description: entry.brief_description,
                description: entry.description,
            }),
        }
    }
}

impl Signer {
    fn new(signer: &KnownSigner, as_of: AsOf<'_>) -> Self {
        Self {
            subject: signer.subject.clone(),
            serial: signer.serial.clone(),
            not_before: time(signer.not_before),
            not_after: time(signer.not_after),
            sha256: signer.fingerprint.to_string(),
            validity: Validity::of(signer, as_of.now),
            verified: as_of.verifies,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_valid_from_its_first_second_to_its_last() {
        let signer = KnownSigner {
            subject: "CN=a".into(),
            serial: "1".into(),
            not_before: Timestamp(100),
            not_after: Timestamp(200),
            fingerprint: ampkg::Digest([0; 32]),
        };
        for (now, expected) in [
            (99, Validity::NotYetValid),
            (100, Validity::Valid),
            (200, Validity::Valid),
            (201, Validity::Expired),
        ] {
            assert_eq!(Validity::of(&signer, Timestamp(now)), expected, "{now}");
        }
    }
}
