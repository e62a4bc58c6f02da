//! `cargo xtask licenses`: licence, origin and duplicates of every dependency.

mod duplicates;
mod expression;
mod policy;

use crate::error::Error;
use crate::licenses::expression::Expression;
use crate::metadata::{self, Package};
use crate::root::Root;

pub(crate) const HELP: &str = "\
Licence, origin and duplicates of every dependency in the lock files (the workspace's and the fuzz targets').

Usage: cargo xtask licenses

  licence     its expression is satisfied by the allowed licences
  origin      it comes from the public registry, never from git or a folder outside the repository
  duplicates  no package is there in two versions, but for those listed with a reason

The lists are in xtask/src/licenses/policy.rs. Known vulnerabilities are not looked for: that needs a database
from the network; CONTRIBUTING.md says when and how a person does it.
";

/// The registry as lock files name it, wherever a machine really fetches from.
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

pub(crate) fn run(root: &Root) -> Result<(), Error> {
    let workspace = metadata::locked(root, "Cargo.toml")?;
    let fuzz_targets = metadata::locked(root, "xtask/fuzz/Cargo.toml")?;
    let mut problems: Vec<String> = workspace.iter().chain(&fuzz_targets).filter_map(refusal).collect();
    let duplicates = duplicates::find(&workspace);
    for (name, versions) in &duplicates {
        println!("{name} is there {} times: {}", versions.len(), versions.join(", "));
    }
    problems.extend(duplicates::problems(&duplicates, policy::DUPLICATES));
    problems.sort();
    problems.dedup();
    for problem in &problems {
        println!("{problem}");
    }
    if problems.is_empty() {
        println!(
            "{} packages of the workspace and {} of the fuzz targets are in order",
            workspace.len(),
            fuzz_targets.len()
        );
        return Ok(());
    }
    Err(Error::failed(format!("{} problem(s) with dependencies, listed above", problems.len())))
}

/// Why a package may not be depended on, if so.
fn refusal(package: &Package) -> Option<String> {
    let reason = match &package.source {
        None if package.manifest.starts_with('/') => {
            Some(format!("comes from `{}`, expected a folder of this repository", package.manifest))
        }
        Some(source) if source != REGISTRY => {
            Some(format!("comes from `{source}`, expected the public registry"))
        }
        _ => license_refusal(package.license.as_deref()),
    };
    reason.map(|reason| format!("{} {}: {reason}", package.name, package.version))
}

fn license_refusal(license: Option<&str>) -> Option<String> {
    let Some(license) = license else {
        return Some("has no licence expression".to_owned());
    };
    match Expression::parse(license) {
        Err(error) => Some(format!("licence `{license}`: {error}")),
        Ok(expression) if !expression.is_satisfied(&|name| policy::LICENSES.contains(&name)) => {
            Some(format!("licence `{license}` is not among the allowed ones"))
        }
        Ok(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(license: Option<&str>, source: Option<&str>, manifest: &str) -> Package {
        Package {
            name: "a".to_owned(),
            version: "1.0.0".to_owned(),
            license: license.map(ToOwned::to_owned),
            source: source.map(ToOwned::to_owned),
            manifest: manifest.to_owned(),
            dependencies: Vec::new(),
        }
    }

    #[test]
    fn accepts_members_and_the_registry() {
        assert_eq!(refusal(&package(Some("MIT"), None, "crates/a/Cargo.toml")), None);
        assert_eq!(
            refusal(&package(Some("MIT OR GPL-3.0-only"), Some(REGISTRY), "/cache/a/Cargo.toml")),
            None
        );
    }

    #[test]
    fn refuses_other_origins() {
        for (source, manifest) in [
            (Some("git+https://example.org/a"), "/cache/a/Cargo.toml"),
            (Some("registry+https://example.org/index"), "/cache/a/Cargo.toml"),
            (None, "/elsewhere/a/Cargo.toml"),
        ] {
            let refusal = refusal(&package(Some("MIT"), source, manifest)).unwrap();
            assert!(refusal.starts_with("a 1.0.0: comes from `"), "{refusal}");
        }
    }

    #[test]
    fn refuses_other_licences() {
        for (license, expected) in [
            (None, "a 1.0.0: has no licence expression"),
            (Some("GPL-3.0-only"), "a 1.0.0: licence `GPL-3.0-only` is not among the allowed ones"),
            (
                Some("MIT AND GPL-3.0-only"),
                "a 1.0.0: licence `MIT AND GPL-3.0-only` is not among the allowed ones",
            ),
            (Some("MIT OR"), "a 1.0.0: licence `MIT OR`: expected a licence, found the end"),
        ] {
            assert_eq!(
                refusal(&package(license, Some(REGISTRY), "/cache/a/Cargo.toml")).as_deref(),
                Some(expected)
            );
        }
    }
}
