//! A release in columns.

use std::sync::Arc;

use ampkg::DigestFit;
use amps_core::{BlobId, BlobRef, IconRef, Release, ReleaseFacts, Sequence, Signer, Timestamp};
use rusqlite::{Connection, Row, params};

use crate::{
    columns::{Columns, required, to_integer},
    error::Fault,
    query::one,
};

/// The columns, in the order of [`read`].
pub(crate) const COLUMNS: &str = "sequence, id, version, architecture, deployment_architecture, tags, conflicts, \
    malformed_tags, names, \
    descriptions, categories, format_version, digest, digest_fit, developer_subject, developer_serial, \
    developer_not_before, developer_not_after, developer_fingerprint, has_store_signature, package_blob, \
    package_size_bytes, icon_blob, icon_size_bytes, icon_media_type, uploaded_at, uploaded_by";

const INSERT: &str = "INSERT INTO releases (id, version, architecture, deployment_architecture, tags, conflicts, \
    malformed_tags, names, \
    descriptions, categories, format_version, digest, digest_fit, developer_subject, developer_serial, \
    developer_not_before, developer_not_after, developer_fingerprint, has_store_signature, package_blob, \
    package_size_bytes, icon_blob, icon_size_bytes, icon_media_type, uploaded_at, uploaded_by, link) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, \
    ?22, ?23, ?24, ?25, ?26, 'pending')";

const FITS: &[(&str, DigestFit)] = &[
    (word(DigestFit::Both), DigestFit::Both),
    (word(DigestFit::Qt6), DigestFit::Qt6),
    (word(DigestFit::Qt5), DigestFit::Qt5),
];

const fn word(fit: DigestFit) -> &'static str {
    match fit {
        DigestFit::Both => "both",
        DigestFit::Qt6 => "qt6",
        DigestFit::Qt5 => "qt5",
    }
}

/// Reads [`COLUMNS`].
pub(crate) fn read(row: &Row<'_>) -> Result<Release, Fault> {
    let columns = &mut Columns::new(row);
    // The fields are evaluated as they are written here: in the order of the columns.
    Ok(Release {
        sequence: Sequence(columns.number("releases.sequence")?),
        facts: Arc::new(ReleaseFacts {
            id: columns.parsed("releases.id")?,
            version: columns.text("releases.version")?,
            architecture: columns.parsed("releases.architecture")?,
            deployment_architecture: columns.optional_parsed("releases.deployment_architecture")?,
            tags: columns.parsed("releases.tags")?,
            conflicts: columns.parsed("releases.conflicts")?,
            malformed_tags: columns.optional_text("releases.malformed_tags")?,
            names: columns.json("releases.names")?,
            descriptions: columns.json("releases.descriptions")?,
            categories: columns.json("releases.categories")?,
            format_version: columns.number("releases.format_version")?,
            digest: columns.digest("releases.digest")?,
            digest_fit: columns.word("releases.digest_fit", FITS)?,
            developer: signer(columns)?,
            has_store_signature: columns.flag("releases.has_store_signature")?,
            package: BlobRef {
                id: columns.blob("releases.package_blob")?,
                size_bytes: columns.number("releases.package_size_bytes")?,
            },
            icon: icon(columns)?,
            uploaded_at: Timestamp(columns.integer("releases.uploaded_at")?),
            uploaded_by: columns.text("releases.uploaded_by")?,
        }),
    })
}

fn signer(columns: &mut Columns<'_>) -> Result<Option<Signer>, Fault> {
    let subject = columns.optional_text("releases.developer_subject")?;
    let serial = columns.optional_text("releases.developer_serial")?;
    let not_before = columns.optional_integer("releases.developer_not_before")?;
    let not_after = columns.optional_integer("releases.developer_not_after")?;
    let fingerprint = columns.optional_digest("releases.developer_fingerprint")?;
    let Some(subject) = subject else { return Ok(None) };
    Ok(Some(Signer {
        subject,
        serial: required("releases.developer_serial", serial)?,
        not_before: Timestamp(required("releases.developer_not_before", not_before)?),
        not_after: Timestamp(required("releases.developer_not_after", not_after)?),
        fingerprint: required("releases.developer_fingerprint", fingerprint)?,
    }))
}

fn icon(columns: &mut Columns<'_>) -> Result<Option<IconRef>, Fault> {
    let blob = columns.optional_digest("releases.icon_blob")?;
    let size_bytes = columns.optional_number("releases.icon_size_bytes")?;
    let media_type = columns.optional_text("releases.icon_media_type")?;
    let Some(blob) = blob else { return Ok(None) };
    Ok(Some(IconRef {
        blob: BlobRef { id: BlobId(blob), size_bytes: required("releases.icon_size_bytes", size_bytes)? },
        media_type: required("releases.icon_media_type", media_type)?,
    }))
}

/// The release with the same identity, if there is one.
pub(crate) fn same(connection: &Connection, facts: &ReleaseFacts) -> Result<Option<Sequence>, Fault> {
    let sql =
        "SELECT sequence FROM releases WHERE id = ?1 AND version = ?2 AND architecture = ?3 AND tags = ?4";
    let identity =
        [facts.id.as_str(), facts.version.as_str(), facts.architecture.as_str(), facts.tags.as_str()];
    one(connection, sql, identity, |row| Columns::new(row).number("releases.sequence").map(Sequence))
}

/// Adds a release, with a link that is to be made; returns its number.
pub(crate) fn insert(connection: &Connection, facts: &ReleaseFacts) -> Result<i64, Fault> {
    let (developer, icon) = (facts.developer.as_ref(), facts.icon.as_ref());
    let icon_size = icon.map(|icon| to_integer("the size of the icon", icon.blob.size_bytes)).transpose()?;
    connection
        .prepare_cached(INSERT)?
        .insert(params![
            facts.id.as_str(),
            facts.version,
            facts.architecture.as_str(),
            facts.deployment_architecture.as_ref().map(AsRef::<str>::as_ref),
            facts.tags.as_str(),
            facts.conflicts.as_str(),
            facts.malformed_tags,
            serde_json::to_string(&facts.names)?,
            serde_json::to_string(&facts.descriptions)?,
            serde_json::to_string(&facts.categories)?,
            facts.format_version,
            facts.digest.0,
            word(facts.digest_fit),
            developer.map(|signer| &signer.subject),
            developer.map(|signer| &signer.serial),
            developer.map(|signer| signer.not_before.0),
            developer.map(|signer| signer.not_after.0),
            developer.map(|signer| signer.fingerprint.0),
            facts.has_store_signature,
            facts.package.id.0.0,
            to_integer("the size of the package", facts.package.size_bytes)?,
            icon.map(|icon| icon.blob.id.0.0),
            icon_size,
            icon.map(|icon| &icon.media_type),
            facts.uploaded_at.0,
            facts.uploaded_by,
        ])
        .map_err(Fault::from)
}
