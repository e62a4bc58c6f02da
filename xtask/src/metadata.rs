//! What `cargo metadata` tells of packages, as far as the checks need it.

use crate::error::Error;
use crate::root::{Root, output};
use serde_json::Value;
use std::path::Path;

/// A package of the workspace or one that it depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    /// The licence expression of its manifest.
    pub(crate) license: Option<String>,
    /// Where it came from; a package in a folder has none.
    pub(crate) source: Option<String>,
    /// The path of its manifest: from the root of the repository, or absolute when it lies outside.
    pub(crate) manifest: String,
    /// What its manifest asks for, whether or not it is used in this build.
    pub(crate) dependencies: Vec<Dependency>,
}

/// One line of a manifest's dependency table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dependency {
    /// The key in the manifest, which is the package's name unless it was renamed.
    pub(crate) key: String,
    pub(crate) kind: DependencyKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DependencyKind {
    Normal,
    Build,
    Development,
}

/// The members of the workspace, without what they depend on.
pub(crate) fn members(root: &Root) -> Result<Vec<Package>, Error> {
    read(&output(root.cargo().args(["metadata", "--format-version=1", "--no-deps"]))?, root.path())
}

/// Every package in the lock file that belongs to the manifest, for all platforms and features.
pub(crate) fn locked(root: &Root, manifest: &str) -> Result<Vec<Package>, Error> {
    let mut command = root.cargo();
    command.args(["metadata", "--format-version=1", "--locked", "--manifest-path", manifest]);
    read(&output(&mut command)?, root.path())
}

fn read(json: &str, root: &Path) -> Result<Vec<Package>, Error> {
    let metadata: Value = serde_json::from_str(json)
        .map_err(|error| Error::unable(format!("cargo metadata printed no JSON: {error}")))?;
    list(&metadata, "packages")?.iter().map(|value| package(value, root)).collect()
}

fn package(value: &Value, root: &Path) -> Result<Package, Error> {
    let manifest = text(value, "manifest_path")?;
    let from_root = Path::new(&manifest).strip_prefix(root).map(|path| path.display().to_string());
    Ok(Package {
        name: text(value, "name")?,
        version: text(value, "version")?,
        license: text(value, "license").ok(),
        source: text(value, "source").ok(),
        manifest: from_root.unwrap_or(manifest),
        dependencies: list(value, "dependencies")?.iter().map(dependency).collect::<Result<_, _>>()?,
    })
}

fn dependency(value: &Value) -> Result<Dependency, Error> {
    let kind = match value.get("kind").and_then(Value::as_str) {
        None => DependencyKind::Normal,
        Some("build") => DependencyKind::Build,
        Some("dev") => DependencyKind::Development,
        Some(other) => {
            return Err(Error::unable(format!("cargo metadata: unknown kind of dependency `{other}`")));
        }
    };
    Ok(Dependency { key: text(value, "rename").or_else(|_| text(value, "name"))?, kind })
}

fn text(value: &Value, key: &str) -> Result<String, Error> {
    value.get(key).and_then(Value::as_str).map(ToOwned::to_owned).ok_or_else(|| missing(key))
}

fn list<'a>(value: &'a Value, key: &str) -> Result<&'a Vec<Value>, Error> {
    value.get(key).and_then(Value::as_array).ok_or_else(|| missing(key))
}

fn missing(key: &str) -> Error {
    Error::unable(format!("cargo metadata: expected `{key}`, found none"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_kinds_and_renamed_dependencies() {
        let packages = read(
            r#"{"packages": [{"name": "a", "version": "1.0.0", "license": null, "source": null,
                "manifest_path": "/amps/crates/a/Cargo.toml", "dependencies": [
                    {"name": "b", "rename": "c", "kind": "dev"}, {"name": "d", "rename": null, "kind": null}]}]}"#,
            Path::new("/amps"),
        )
        .unwrap();
        assert_eq!(packages.len(), 1);
        assert_eq!(packages[0].license, None);
        assert_eq!(packages[0].manifest, "crates/a/Cargo.toml");
        assert_eq!(
            packages[0].dependencies,
            [
                Dependency { key: "c".to_owned(), kind: DependencyKind::Development },
                Dependency { key: "d".to_owned(), kind: DependencyKind::Normal },
            ]
        );
    }

    #[test]
    fn names_a_missing_field() {
        let error =
            read(r#"{"packages": [{"name": "a", "manifest_path": "a"}]}"#, Path::new("/amps")).unwrap_err();
        assert_eq!(error.to_string(), "cargo metadata: expected `version`, found none");
    }
}
