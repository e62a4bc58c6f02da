//! Everything that can be told of a package without keys, for people and scripts.

use std::io::Read;

use ampkg::{Digest, DigestFit, EntryKind, Limits, Manifest, yaml::Map};
use amps_pki::Signature;
use serde::Serialize;

use crate::{
    error::{Refusal, chain},
    examine::{Examination, examine},
    inspect_signatures::{SignatureFacts, signatures},
};

/// What a package holds and says of itself; `problems` tells what of that is not true. The fields serialise in camelCase.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Inspection {
    /// The file.
    pub package: FileFacts,
    /// The header.
    pub header: HeaderFacts,
    /// The manifest.
    pub manifest: Manifest,
    /// The digest.
    pub digest: DigestFacts,
    /// The architecture.
    pub architecture: ArchitectureFacts,
    /// The signatures, if there are any.
    pub signatures: Vec<SignatureFacts>,
    /// The entries between header and footer, in the order of the archive.
    pub entries: Vec<EntryFacts>,
    /// What is legal, but not as it should be.
    pub warnings: Vec<String>,
    /// Why a store would refuse it.
    pub problems: Vec<String>,
}

/// The file itself.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FileFacts {
    /// Its size.
    pub size_bytes: u64,
    /// What it unpacks to, tar headers and padding included.
    pub unpacked_bytes: u64,
    /// SHA-256 of the file.
    pub sha256: Digest,
}

/// The header.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HeaderFacts {
    /// 1 or 2.
    pub format_version: i32,
    /// The package's id.
    pub package_id: String,
    /// What the package takes on a device, in bytes.
    pub disk_space_used: u64,
    /// Metadata that the digest does not cover.
    pub extra: Map,
    /// Metadata that it covers.
    pub extra_signed: Option<Map>,
}

/// The digest.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DigestFacts {
    /// What the footer states.
    pub stated: Digest,
    /// What the content gives on a Qt 6 device.
    pub qt6: Digest,
    /// What the content gives on a Qt 5 device.
    pub qt5: Digest,
    /// `both`, `qt6` or `qt5`: on which devices the stated one is right. None: on none.
    pub fits: Option<&'static str>,
}

/// The architecture in the words of both kinds of server.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ArchitectureFacts {
    /// The package server's word; none if the binaries are for several architectures.
    pub package_server: Option<String>,
    /// The deployment server's word; none also for universal binaries.
    pub deployment_server: Option<String>,
}

/// An entry.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EntryFacts {
    /// Its name.
    pub path: String,
    /// `file` or `directory`.
    pub kind: &'static str,
    /// Bytes of a file.
    pub size_bytes: u64,
    /// Whether the owner may run it.
    pub executable: bool,
}

/// Reads a package and tells what is in it, also if it is not what it says. Fails if it is not well-formed.
///
/// ```
/// # let file = &include_bytes!("../../../fixtures/packages/qt6/hello-dev1.ampkg")[..];
/// let package = amps_core::inspect(file, &Default::default())?;
/// assert_eq!(package.architecture.package_server.as_deref(), Some("all"));
/// let signature = &package.signatures[0];
/// assert_eq!((signature.kind, signature.form.as_deref()), ("developer", Some("base64")));
/// assert_eq!(signature.signers[0].digest_algorithm, "SHA-256");
/// # Ok::<(), ampkg::Error>(())
/// ```
pub fn inspect(source: impl Read, limits: &Limits) -> Result<Inspection, ampkg::Error> {
    let examination = examine(source, limits)?;
    let package = examination.package.as_unverified();
    let architecture = examination.architecture.as_ref().ok();
    let mut inspection = Inspection {
        package: FileFacts {
            size_bytes: package.size_bytes,
            unpacked_bytes: package.unpacked_bytes,
            sha256: package.sha256,
        },
        header: HeaderFacts {
            format_version: package.header.version.number(),
            package_id: package.header.package_id.to_string(),
            disk_space_used: package.header.disk_space_used_bytes,
            extra: package.header.extra.clone(),
            extra_signed: package.header.extra_signed.clone(),
        },
        manifest: package.manifest.clone(),
        digest: DigestFacts {
            stated: package.footer.digest,
            qt6: package.digests.qt6,
            qt5: package.digests.qt5,
            fits: package.digests.fit(&package.footer.digest).map(|fit| match fit {
                DigestFit::Both => "both",
                DigestFit::Qt6 => "qt6",
                DigestFit::Qt5 => "qt5",
            }),
        },
        architecture: ArchitectureFacts {
            package_server: architecture.map(|found| found.package_server_token().to_string()),
            deployment_server: architecture
                .and_then(|found| found.deployment_server_token().ok())
                .map(|token| token.to_string()),
        },
        signatures: signatures(&examination),
        entries: package.entries.iter().map(entry).collect(),
        warnings: package.warnings.iter().map(ToString::to_string).collect(),
        problems: Vec::new(),
    };
    inspection.problems = problems(examination);
    Ok(inspection)
}

fn entry(entry: &ampkg::Entry) -> EntryFacts {
    EntryFacts {
        path: entry.path.as_written().into(),
        kind: match entry.kind {
            EntryKind::File => "file",
            EntryKind::Directory => "directory",
        },
        size_bytes: entry.size_bytes,
        executable: entry.executable,
    }
}

/// Every reason to refuse the package, not just the first.
fn problems(examination: Examination) -> Vec<String> {
    let Examination { package, architecture, developer, store } = examination;
    let broken = |signature, found: Option<Result<Signature, amps_pki::Error>>| {
        let source = found?.err()?;
        Some(Refusal::Signature { signature, source })
    };
    let reasons = [
        package.verify().err().map(Refusal::Package),
        architecture.err().map(Refusal::Architecture),
        broken("developer", developer),
        broken("store", store),
    ];
    reasons.iter().flatten().map(|reason| chain(reason)).collect()
}
