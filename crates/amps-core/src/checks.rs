//! What is checked of a package that is uploaded, and what came of each check, told while it happens.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Refusal};

/// Something that is checked of an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// It is a gzip-compressed tar archive, whole, and within the limits. Known when its last byte was read.
    Format,
    /// Header, files and footers are there, in their order, with names and kinds that a device can unpack. Known with the format.
    Structure,
    /// The manifest can be read, and names the package that the header names. Known as soon as the manifest has come.
    Manifest,
    /// The content is what the footer says.
    Digest,
    /// Its binaries are for one architecture, or there are none.
    Architecture,
    /// The store's signature, if it has one, is one.
    StoreSignature,
    /// Whoever brings it may bring this package.
    Scope,
    /// It is what a deployment server can offer.
    DeploymentRules,
    /// The developer's signature, if it has one, is one, and holds, if the store verifies developers.
    DeveloperSignature,
    /// The vendor for whom it is brought has signed it.
    Vendor,
    /// It is a release.
    Publication,
}

impl Check {
    /// What is checked of every upload, in the order of the store.
    pub const OF_EVERY_UPLOAD: [Self; 9] = [
        Self::Format,
        Self::Structure,
        Self::Manifest,
        Self::Digest,
        Self::Architecture,
        Self::StoreSignature,
        Self::Scope,
        Self::DeveloperSignature,
        Self::Publication,
    ];

    /// The same with what a deployment server asks besides.
    pub const OF_DEPLOYMENT_UPLOAD: [Self; 11] = [
        Self::Format,
        Self::Structure,
        Self::Manifest,
        Self::Digest,
        Self::Architecture,
        Self::StoreSignature,
        Self::DeploymentRules,
        Self::DeveloperSignature,
        Self::Scope,
        Self::Vendor,
        Self::Publication,
    ];
}

/// What came of a check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Verdict {
    /// It is so.
    Passed {
        /// What was found, for people, if there is more to say.
        detail: Option<String>,
    },
    /// It is not so: the package is refused.
    Failed {
        /// Why, for people.
        reason: String,
    },
    /// It was not asked for, or there was nothing to check.
    Skipped {
        /// Why, for people.
        reason: String,
    },
}

/// Who is told of the checks of an upload, each once and as soon as it is known, on the thread that checks: so it must be quick.
#[derive(Clone, Default)]
pub struct Watch(Option<Arc<dyn Fn(Check, Verdict) + Send + Sync>>);

impl Watch {
    /// Nobody: then nothing is put into words.
    pub fn nobody() -> Self {
        Self::default()
    }

    /// Somebody.
    pub fn by(watcher: Arc<dyn Fn(Check, Verdict) + Send + Sync>) -> Self {
        Self(Some(watcher))
    }

    pub(crate) fn passed(&self, check: Check, detail: impl FnOnce() -> Option<String>) {
        self.tell(check, || Verdict::Passed { detail: detail() });
    }

    pub(crate) fn skipped(&self, check: Check, reason: impl FnOnce() -> String) {
        self.tell(check, || Verdict::Skipped { reason: reason() });
    }

    /// A check has failed, if it was a check: what is wrong with the server is no verdict about a package.
    pub(crate) fn refused(&self, error: &Error) {
        if let Error::Refused(refusal) = error {
            self.tell(refusal.check(), || Verdict::Failed { reason: error.chain() });
        }
    }

    fn tell(&self, check: Check, verdict: impl FnOnce() -> Verdict) {
        if let Some(watcher) = &self.0 {
            watcher(check, verdict());
        }
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.0.is_some() { "Watch(somebody)" } else { "Watch(nobody)" })
    }
}

impl Refusal {
    /// The check that the package has not passed.
    pub fn check(&self) -> Check {
        match self {
            Self::Package(error) => of_package(error),
            Self::Architecture(_) => Check::Architecture,
            Self::Signature { signature: "store", .. } => Check::StoreSignature,
            Self::Signature { .. } | Self::NoDeveloperSignature | Self::DeveloperSignature(_) => {
                Check::DeveloperSignature
            }
            Self::OtherVendor { .. } => Check::Vendor,
            Self::Deployment(_) => Check::DeploymentRules,
            Self::OutOfScope { .. } => Check::Scope,
        }
    }
}

fn of_package(error: &ampkg::Error) -> Check {
    use ampkg::{Error, ErrorClass as Class, LimitKind as Kind, MetadataError};
    match error {
        Error::Limit { kind: Kind::ManifestBytes, .. } | Error::IdsDiffer { .. } => Check::Manifest,
        Error::Limit {
            kind:
                Kind::Entries
                | Kind::NameBytes
                | Kind::NamesBytes
                | Kind::HeaderBytes
                | Kind::FooterBytes
                | Kind::IconBytes,
            ..
        } => Check::Structure,
        Error::Footer(MetadataError::Base64 { field: "storeSignature", .. }) => Check::StoreSignature,
        error => match error.class() {
            Class::EntryType | Class::Path | Class::Structure | Class::Metadata => Check::Structure,
            Class::Manifest => Check::Manifest,
            Class::Digest => Check::Digest,
            Class::Signature => Check::DeveloperSignature,
            // What is left is how it is packed, and how much of it.
            _ => Check::Format,
        },
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use ampkg::{Error, LimitKind};

    use super::*;

    #[test]
    fn every_limit_is_of_a_check() {
        for (kind, check) in [
            (LimitKind::PackageBytes, Check::Format),
            (LimitKind::UnpackedBytes, Check::Format),
            (LimitKind::UnpackedRatio, Check::Format),
            (LimitKind::GzipMembers, Check::Format),
            (LimitKind::ExtensionBytes, Check::Format),
            (LimitKind::Entries, Check::Structure),
            (LimitKind::NameBytes, Check::Structure),
            (LimitKind::NamesBytes, Check::Structure),
            (LimitKind::HeaderBytes, Check::Structure),
            (LimitKind::FooterBytes, Check::Structure),
            (LimitKind::IconBytes, Check::Structure),
            (LimitKind::ManifestBytes, Check::Manifest),
        ] {
            assert_eq!(Refusal::Package(Error::Limit { kind, limit: 1 }).check(), check, "{kind:?}");
        }
    }

    #[test]
    fn verdicts_can_be_kept() {
        let verdicts = [
            Verdict::Passed { detail: None },
            Verdict::Failed { reason: "a".into() },
            Verdict::Skipped { reason: "b".into() },
        ];
        let kept = serde_json::to_string(&verdicts).unwrap();
        assert_eq!(
            kept,
            r#"[{"passed":{"detail":null}},{"failed":{"reason":"a"}},{"skipped":{"reason":"b"}}]"#
        );
        assert_eq!(serde_json::from_str::<[Verdict; 3]>(&kept).unwrap(), verdicts);
    }
}
