//! What came of each check of an upload, as it is sent.

use amps_core::{Check, Verdict};
use serde::Serialize;
use utoipa::ToSchema;

/// What came of a check of an upload.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct UploadCheck {
    /// What is checked.
    check: CheckName,
    /// What came of it.
    verdict: CheckVerdict,
    /// What was found, what is wrong, or why it was not looked at, for people.
    detail: Option<String>,
}

/// Something that is checked of an upload.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
enum CheckName {
    /// It is a gzip-compressed tar archive, whole, and within the limits. Known when all was read.
    Format,
    /// Header, files and footer are there, in their order, with names and kinds that a device can unpack. Known when all was read.
    Structure,
    /// The manifest can be read, and names the package that the header names. Known as soon as it was read.
    Manifest,
    /// The content is what the footer says.
    Digest,
    /// Its binaries are for one architecture, or there are none.
    Architecture,
    /// The store's signature, if it has one, is one.
    StoreSignature,
    /// Whoever brings it may bring this package.
    Scope,
    /// The developer's signature holds. Skipped if this server does not verify developers.
    DeveloperSignature,
    /// It is a release.
    Publication,
}

/// What came of a check.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum CheckVerdict {
    /// It is not known yet.
    Waiting,
    /// It is so.
    Passed,
    /// It is not so: the package is refused.
    Failed,
    /// It was not asked for, or there was nothing to check.
    Skipped,
    /// The package was refused before.
    NotReached,
}

/// All checks in the order of the store. Those of which nothing has come are `rest`.
pub(super) fn list(verdicts: &[(Check, Verdict)], rest: CheckVerdict) -> Vec<UploadCheck> {
    let of = |check: &Check| {
        let found = verdicts.iter().find(|(other, _)| other == check).map(|(_, verdict)| verdict.clone());
        let (verdict, detail) = match found {
            Some(Verdict::Passed { detail }) => (CheckVerdict::Passed, detail),
            Some(Verdict::Failed { reason }) => (CheckVerdict::Failed, Some(reason)),
            Some(Verdict::Skipped { reason }) => (CheckVerdict::Skipped, Some(reason)),
            None => (rest, None),
        };
        Some(UploadCheck { check: name(*check)?, verdict, detail })
    };
    Check::OF_EVERY_UPLOAD.iter().filter_map(of).collect()
}

/// The checks of an upload that has ended; none if nothing is known of them.
pub(super) fn ended(verdicts: &[(Check, Verdict)]) -> Vec<UploadCheck> {
    if verdicts.is_empty() { Vec::new() } else { list(verdicts, CheckVerdict::NotReached) }
}

fn name(check: Check) -> Option<CheckName> {
    Some(match check {
        Check::Format => CheckName::Format,
        Check::Structure => CheckName::Structure,
        Check::Manifest => CheckName::Manifest,
        Check::Digest => CheckName::Digest,
        Check::Architecture => CheckName::Architecture,
        Check::StoreSignature => CheckName::StoreSignature,
        Check::Scope => CheckName::Scope,
        Check::DeveloperSignature => CheckName::DeveloperSignature,
        Check::Publication => CheckName::Publication,
        // What comes over this API is not asked for them.
        Check::DeploymentRules | Check::Vendor => return None,
    })
}
