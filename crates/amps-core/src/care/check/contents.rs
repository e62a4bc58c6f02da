//! Every package unpacked: against what the catalog says of it, and signed as it would be for a device.

use std::{
    io::{Cursor, Read as _},
    sync::Arc,
};

use ampkg::{Digest, FormatVersion, Icon};
use amps_splice::TailPacker;
use sha2::{Digest as _, Sha256};

use super::{
    super::{CareError, CatalogCare, Finding},
    CheckSource, is_there, name,
};
use crate::{
    blob::{Blob, BlobError},
    blob_reader::BlobReader,
    error::{Refusal, chain},
    examine::{Examination, examine},
    model::{BlobId, Release, ReleaseFacts},
    signing::{SigningError, end_of},
    store::draft,
};

const ADVICE: &str = "remove the package and upload it again";

/// Unpacks all packages.
pub(super) fn check(
    source: &CheckSource<'_>,
    catalog: &dyn CatalogCare,
    releases: &[Release],
    findings: &mut Vec<Finding>,
    progress: &mut dyn FnMut(u64),
) -> Result<(), CareError> {
    let mut packer = TailPacker::new();
    for release in releases {
        // What is missing or cannot be read was found before.
        let Ok(blob) = source.blobs.open(&release.facts.package.id) else { continue };
        let finding = match wrong_facts(source, release, &blob) {
            Some(message) => Some(Finding::problem("release-wrong", name(release), message, ADVICE)),
            None => wrong_recipe(source, catalog, release, &blob, &mut packer)?
                .map(|message| Finding::problem("recipe-wrong", name(release), message, ADVICE)),
        };
        progress(blob.size_bytes());
        if let Some(finding) = finding
            && is_there(catalog, release)?
            && !matches!(source.blobs.open(&release.facts.package.id), Err(BlobError::NotFound { .. }))
        {
            findings.push(finding);
        }
    }
    Ok(())
}

/// What the catalog says of a package that its bytes do not.
fn wrong_facts(source: &CheckSource<'_>, release: &Release, blob: &Arc<dyn Blob>) -> Option<String> {
    let examined = examine(BlobReader::new(Arc::clone(blob)), &source.limits).map_err(Refusal::from);
    let verified = match examined.and_then(Examination::verify) {
        Ok(verified) => verified,
        Err(error) => return Some(format!("its package is not valid: {}", chain(&error))),
    };
    let icon = verified.package.icon.as_ref().map(icon_id);
    let known = &*release.facts;
    let found = draft(&verified, icon, None, known.uploaded_at, &known.uploaded_by).facts;
    differing(&found, known).map(|what| format!("the catalog has another {what} than its package"))
}

fn icon_id(icon: &Icon) -> BlobId {
    BlobId(Digest(Sha256::digest(&icon.bytes).into()))
}

/// The first thing in which the two differ.
fn differing(found: &ReleaseFacts, known: &ReleaseFacts) -> Option<&'static str> {
    let parts = [
        ("id", found.id == known.id),
        ("version", found.version == known.version),
        ("architecture", found.architecture == known.architecture),
        ("digest", found.digest == known.digest && found.digest_fit == known.digest_fit),
        ("icon", found.icon == known.icon),
        ("developer", found.developer == known.developer),
        ("header or manifest", found == known),
    ];
    parts.into_iter().find(|(_, is_same)| !is_same).map(|(what, _)| what)
}

/// What is wrong with the way in which a package is signed; nothing if it was not worked out yet.
fn wrong_recipe(
    source: &CheckSource<'_>,
    catalog: &dyn CatalogCare,
    release: &Release,
    blob: &Arc<dyn Blob>,
    packer: &mut TailPacker,
) -> Result<Option<String>, CareError> {
    let Some(recipe) = catalog.recipe(release.sequence)? else { return Ok(None) };
    let version = if release.facts.format_version == 1 { FormatVersion::V1 } else { FormatVersion::V2 };
    let signed = end_of(&recipe, &[], version, packer).and_then(|end| {
        let kept = BlobReader::new(Arc::clone(blob)).take(recipe.keep_bytes);
        examine(kept.chain(Cursor::new(end)), &source.limits).map_err(SigningError::from)
    });
    Ok(match signed {
        Err(error) => Some(format!("its signed downloads are not valid: {}", chain(&error))),
        Ok(signed) if signed.package.as_unverified().footer.digest != release.facts.digest => {
            Some("its signed downloads have another digest than its package".into())
        }
        Ok(_) => None,
    })
}
