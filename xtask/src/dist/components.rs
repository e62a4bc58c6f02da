//! What the programs are linked from: the packages that they depend on, for the target, without what only builds or tests them.

use crate::dist::release::{PROGRAMS, Release, TARGET};
use crate::error::Error;
use crate::root::output;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A package that is in a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Component {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) license: Option<String>,
    pub(super) authors: Vec<String>,
    /// The folder with its sources.
    pub(super) folder: PathBuf,
    /// Of this repository.
    pub(super) is_member: bool,
    /// The names that packages have in `cargo metadata`.
    pub(super) dependencies: Vec<String>,
}

/// The packages by their name in `cargo metadata`, the programs among them.
pub(super) fn of(release: &Release) -> Result<BTreeMap<String, Component>, Error> {
    let mut command = release.cargo();
    command.args(["metadata", "--format-version=1", "--locked", "--filter-platform", TARGET]);
    let metadata: Value = serde_json::from_str(&output(&mut command)?)
        .map_err(|error| Error::unable(format!("cargo metadata printed no JSON: {error}")))?;
    linked(&metadata, PROGRAMS).ok_or_else(|| Error::unable("cargo metadata printed something unexpected"))
}

/// Those that `programs` are linked from.
fn linked(metadata: &Value, programs: &[&str]) -> Option<BTreeMap<String, Component>> {
    let packages = by_id(metadata.get("packages")?.as_array()?)?;
    let nodes = by_id(metadata.get("resolve")?.get("nodes")?.as_array()?)?;
    let members = metadata.get("workspace_members")?.as_array()?;
    let is_program = |id: &str| packages.get(id).and_then(|package| text(package, "name"));
    let mut open: Vec<&str> = members
        .iter()
        .filter_map(Value::as_str)
        .filter(|id| is_program(id).is_some_and(|name| programs.contains(&name.as_str())))
        .collect();
    let mut found = BTreeMap::new();
    while let Some(id) = open.pop() {
        if found.contains_key(id) {
            continue;
        }
        let mut dependencies = Vec::new();
        for dependency in nodes.get(id)?.get("deps")?.as_array()? {
            let kinds = dependency.get("dep_kinds")?.as_array()?;
            if kinds.iter().any(|kind| kind.get("kind").is_some_and(Value::is_null)) {
                dependencies.push(dependency.get("pkg")?.as_str()?);
            }
        }
        let package = packages.get(id)?;
        // A macro runs in the compiler, and so does everything that it needs.
        if is_macro(package) {
            continue;
        }
        open.extend(&dependencies);
        found.insert(id.to_owned(), component(package, &dependencies)?);
    }
    let ids: Vec<String> = found.keys().cloned().collect();
    for component in found.values_mut() {
        component.dependencies.retain(|dependency| ids.binary_search(dependency).is_ok());
        component.dependencies.sort();
    }
    Some(found)
}

fn component(package: &Value, dependencies: &[&str]) -> Option<Component> {
    let authors = package.get("authors").and_then(Value::as_array).into_iter().flatten();
    let mut folder = PathBuf::from(text(package, "manifest_path")?);
    folder.pop();
    Some(Component {
        name: text(package, "name")?,
        version: text(package, "version")?,
        license: text(package, "license"),
        authors: authors.filter_map(Value::as_str).map(ToOwned::to_owned).collect(),
        folder,
        is_member: package.get("source").is_none_or(Value::is_null),
        dependencies: dependencies.iter().map(ToString::to_string).collect(),
    })
}

fn is_macro(package: &Value) -> bool {
    let targets = package.get("targets").and_then(Value::as_array).into_iter().flatten();
    let mut kinds = targets.filter_map(|target| target.get("kind").and_then(Value::as_array)).flatten();
    kinds.any(|kind| kind == "proc-macro")
}

fn by_id(list: &[Value]) -> Option<BTreeMap<&str, &Value>> {
    list.iter().map(|value| Some((value.get("id")?.as_str()?, value))).collect()
}

fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key)?.as_str().map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn package(id: &str, kind: &str) -> Value {
        json!({"id": id, "name": id, "version": "1.0.0", "license": "MIT", "authors": [], "manifest_path": "/a/Cargo.toml",
               "source": if id == "program" { Value::Null } else { "registry".into() }, "targets": [{"kind": [kind]}]})
    }

    fn node(id: &str, dependencies: &[(&str, Value)]) -> Value {
        let dependency = |(name, kind): &(&str, Value)| json!({"pkg": name, "dep_kinds": [{"kind": kind}]});
        json!({"id": id, "deps": dependencies.iter().map(dependency).collect::<Vec<_>>()})
    }

    #[test]
    fn only_what_is_linked_counts() {
        let metadata = json!({
            "packages": [package("program", "bin"), package("library", "lib"), package("macro", "proc-macro"),
                         package("parser", "lib"), package("builder", "lib"), package("tester", "lib")],
            "workspace_members": ["program"],
            "resolve": {"nodes": [
                node("program", &[("library", Value::Null), ("tester", "dev".into()), ("macro", Value::Null)]),
                node("library", &[("builder", "build".into())]),
                node("macro", &[("parser", Value::Null)]),
                node("parser", &[]), node("builder", &[]), node("tester", &[]),
            ]},
        });
        let found = linked(&metadata, &["program"]).unwrap();
        assert_eq!(found.keys().collect::<Vec<_>>(), ["library", "program"]);
        assert_eq!(found["program"].dependencies, ["library"]);
        assert!(found["program"].is_member && !found["library"].is_member);
    }
}
