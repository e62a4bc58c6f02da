//! What the deployment server demands of a package besides being one (docs/deployment-server.md, "Packages").

use ampkg::{EntryKind, FormatVersion, ManifestForm, Package};

use crate::{error::chain, examine::Verified, model::Documents, stated_tags::StatedTags};

/// The names of the first files, in their order.
const FIRST_FILES: [(&str, &str); 2] = [("second", "info.yaml"), ("third", "icon.png")];

/// Why a package is not one that the deployment server takes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeploymentRuleError {
    /// The files that devices look for first are not where they look.
    #[error("the {place} entry is {}: expected {expected}", found.as_deref().map_or_else(|| "missing".to_owned(), ampkg::quoted))]
    Order {
        /// `second` or `third`.
        place: &'static str,
        /// What stands there, if anything does.
        found: Option<String>,
        /// What must.
        expected: &'static str,
    },
    /// There is nothing to show it as.
    #[error("the manifest has no name: expected `name` with at least one language")]
    NoName,
    /// Header and manifest are not of the same generation.
    #[error("a header of version 1 goes with a manifest of type `am-application`: found `am-package`")]
    Generations,
    /// It is for several architectures at once.
    #[error("{architecture} are several architectures at once: expected a package for one, or for all")]
    SeveralArchitectures {
        /// Which.
        architecture: String,
    },
    /// Nobody can say which devices it fits.
    #[error("{reason}")]
    MalformedTags {
        /// Why not.
        reason: String,
    },
    /// It was signed by a store already.
    #[error("the package has a store signature already")]
    StoreSignature,
}

/// Checks what the deployment server demands.
pub fn check_deployment_rules(verified: &Verified) -> Result<(), DeploymentRuleError> {
    if verified.architecture.deployment_server_token().is_err() {
        let architecture = ampkg::quoted(verified.architecture.package_server_token().as_str());
        return Err(DeploymentRuleError::SeveralArchitectures { architecture });
    }
    let package: &Package = &verified.package;
    for (at, (place, expected)) in FIRST_FILES.into_iter().enumerate() {
        let entry = package.entries.get(at);
        let fits =
            |entry: &&ampkg::Entry| entry.kind == EntryKind::File && entry.path.canonical() == expected;
        if !entry.as_ref().is_some_and(fits) {
            let found = entry.map(|entry| entry.path.as_written().to_owned());
            return Err(DeploymentRuleError::Order { place, found, expected });
        }
    }
    if package.manifest.name.is_empty() {
        return Err(DeploymentRuleError::NoName);
    }
    if package.header.version == FormatVersion::V1 && package.manifest.form != ManifestForm::Application {
        return Err(DeploymentRuleError::Generations);
    }
    if package.footer.store_signature.is_some() {
        return Err(DeploymentRuleError::StoreSignature);
    }
    if let Err(error) = StatedTags::of(&Documents::of(package)) {
        return Err(DeploymentRuleError::MalformedTags { reason: chain(&error) });
    }
    Ok(())
}
