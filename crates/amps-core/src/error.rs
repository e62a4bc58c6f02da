//! Why the store did not do what it was asked.

use std::{io, path::PathBuf};

use crate::{blob::BlobError, catalog::CatalogError, deployment_rules::DeploymentRuleError};

/// Why the store did not do what it was asked. Whatever it was, the store is as it was before.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The package is not one that the store takes.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The bytes of an upload stopped coming.
    #[error("the package did not arrive")]
    Source(#[source] io::Error),
    /// The bytes of an upload could not be kept.
    #[error("cannot stage the package")]
    Stage(#[source] io::Error),
    /// The catalog failed.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The blob store failed.
    #[error(transparent)]
    Blob(#[from] BlobError),
    /// The file system failed.
    #[error("cannot {action} {}", ampkg::quoted(&.path.to_string_lossy()))]
    Io {
        /// What was to be done, like `create`.
        action: &'static str,
        /// With which file.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// Another server has the data directory.
    #[error("the data directory {} is in use by the server with process id {pid}", ampkg::quoted(&.path.to_string_lossy()))]
    Locked {
        /// The data directory.
        path: PathBuf,
        /// What the lock says; `unknown` if it says nothing.
        pid: String,
    },
    /// A backup is being put into the data directory, or was not put there to the end.
    #[error(
        "the data directory {} is half of a backup: run `amps restore` again, to its end",
        ampkg::quoted(&.path.to_string_lossy())
    )]
    Restoring {
        /// The data directory.
        path: PathBuf,
    },
    /// A package cannot be signed.
    #[error("cannot sign the package")]
    Signing(#[from] crate::signing::SigningError),
    /// A package cannot be made.
    #[error(transparent)]
    Tree(#[from] ampkg::TreeError),
}

/// Why a package is not one that the store takes.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// It is not well-formed, or not what it says.
    #[error(transparent)]
    Package(#[from] ampkg::Error),
    /// It is for no single architecture.
    #[error(transparent)]
    Architecture(#[from] amps_arch::Error),
    /// It has no developer signature, and must have one.
    #[error("no developer signature")]
    NoDeveloperSignature,
    /// Its developer signature does not hold.
    #[error("invalid developer signature")]
    DeveloperSignature(#[source] amps_pki::VerifyError),
    /// Its developer is not the vendor that it is uploaded for.
    #[error("the developer who signed is {}: expected the vendor's certificate, of {}", ampkg::quoted(.found), ampkg::quoted(.expected))]
    OtherVendor {
        /// Whose certificate signed.
        found: String,
        /// Whose should have.
        expected: String,
    },
    /// The deployment server demands more of a package.
    #[error(transparent)]
    Deployment(#[from] DeploymentRuleError),
    /// Whoever brings it may bring others only.
    #[error("the token is not for the package {}", ampkg::quoted(.id.as_str()))]
    OutOfScope {
        /// Its id.
        id: ampkg::PackageId,
    },
    /// It carries a signature that is not one.
    #[error("the {signature} signature is not one")]
    Signature {
        /// `developer` or `store`.
        signature: &'static str,
        /// What is wrong with it.
        source: amps_pki::Error,
    },
}

impl Refusal {
    /// The kind of refusal as a stable word for machines.
    pub fn class(&self) -> &'static str {
        match self {
            Self::Package(error) => error.class().as_str(),
            Self::Architecture(_) => "architecture",
            Self::Deployment(_) => "deployment",
            Self::OutOfScope { .. } => "scope",
            Self::OtherVendor { .. }
            | Self::Signature { .. }
            | Self::NoDeveloperSignature
            | Self::DeveloperSignature(_) => "signature",
        }
    }
}

impl Error {
    /// The kind of error as a stable word for machines.
    pub fn class(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.class(),
            Self::Source(_) => "not-arrived",
            error if error.is_disk_full() => "disk-full",
            Self::Stage(_) | Self::Blob(_) | Self::Io { .. } => "storage",
            Self::Catalog(CatalogError::Gone { .. }) => "gone",
            Self::Catalog(_) => "catalog",
            Self::Locked { .. } | Self::Restoring { .. } => "in-use",
            Self::Signing(_) => "signing",
            Self::Tree(_) => "tree",
        }
    }

    /// Whether there was no room left, on the disk or in the share of it that the server may have.
    pub fn is_disk_full(&self) -> bool {
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(self);
        while let Some(error) = cause {
            let kind = error.downcast_ref().map(io::Error::kind);
            if matches!(kind, Some(io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)) {
                return true;
            }
            cause = error.source();
        }
        false
    }

    /// How an upload that failed with this error has ended, as a stable word for machines.
    pub fn verdict(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.class(),
            Self::Source(_) => "incomplete",
            error if error.is_disk_full() => "disk-full",
            _ => "internal",
        }
    }

    /// The error and all its causes on one line, each said once.
    pub fn chain(&self) -> String {
        chain(self)
    }
}

/// An error and all its causes on one line, each said once.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        // Some errors of other crates show their source themselves.
        if !text.ends_with(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}
