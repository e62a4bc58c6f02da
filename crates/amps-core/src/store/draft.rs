//! From a verified package to what the catalog keeps of it.

use ampkg::{Digest, Icon, VerifiedPackage};
use amps_pki::Signature;
use amps_splice::Recipe;

use crate::{
    clock::Timestamp,
    error::chain,
    examine::Verified,
    model::{BlobId, BlobRef, Documents, IconRef, ReleaseDraft, ReleaseFacts, Signer},
    stated_tags::StatedTags,
};

/// What the catalog will say of a package; `icon` is the name of the blob that holds its icon.
pub(crate) fn draft(
    verified: &Verified,
    icon: Option<BlobId>,
    recipe: Option<Recipe>,
    now: Timestamp,
    by: &str,
) -> ReleaseDraft {
    let package: &VerifiedPackage = &verified.package;
    let documents = Documents::of(package);
    // A package server has no use for tags, and takes what its predecessor took.
    let (stated, malformed_tags) = match StatedTags::of(&documents) {
        Ok(stated) => (stated, None),
        Err(error) => (StatedTags::default(), Some(chain(&error))),
    };
    let facts = ReleaseFacts {
        id: package.manifest.id.clone(),
        version: package.manifest.version.clone(),
        architecture: verified.architecture.package_server_token(),
        deployment_architecture: verified.architecture.deployment_server_token().ok(),
        tags: stated.tags,
        conflicts: stated.conflicts,
        malformed_tags,
        names: package.manifest.name.clone(),
        descriptions: package.manifest.description.clone(),
        categories: package.manifest.categories.clone(),
        format_version: package.header.version.number(),
        digest: package.footer.digest,
        digest_fit: package.digest_fit(),
        developer: verified.developer.as_ref().and_then(signer),
        has_store_signature: verified.store.is_some(),
        package: BlobRef { id: BlobId(package.sha256), size_bytes: package.size_bytes },
        icon: package.icon.as_ref().zip(icon).map(|(icon, id)| IconRef {
            blob: BlobRef { id, size_bytes: icon.bytes.len() as u64 },
            media_type: media_type(icon).into(),
        }),
        uploaded_at: now,
        uploaded_by: by.into(),
    };
    ReleaseDraft { facts, documents, recipe, entry: None }
}

/// The first signer whose certificate comes with the signature.
pub(super) fn signer(signature: &Signature) -> Option<Signer> {
    let certificate = signature.signers().iter().find_map(|signer| signer.certificate())?;
    let timestamp =
        |time: amps_pki::Timestamp| Timestamp(i64::try_from(time.unix_seconds()).unwrap_or(i64::MAX));
    Some(Signer {
        subject: certificate.subject().into(),
        serial: certificate.serial().into(),
        not_before: timestamp(certificate.not_before()),
        not_after: timestamp(certificate.not_after()),
        fingerprint: Digest(*certificate.fingerprint().as_bytes()),
    })
}

/// The media type that a file's name stands for. The bytes are not asked: a device shows what it was told to show.
fn media_type(icon: &Icon) -> &'static str {
    let name = icon.path.as_written().to_ascii_lowercase();
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "gif" => "image/gif",
        "bmp" => "image/bmp",
        _ => "application/octet-stream",
    }
}
