//! The software bill of materials, as `CycloneDX` 1.6 in JSON (<https://cyclonedx.org/docs/1.6/json/>).

use crate::dist::components::{self, Component};
use crate::dist::files;
use crate::dist::release::{PROGRAMS, Release, TARGET};
use crate::error::Error;
use crate::root::output;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::process::Command;

/// Writes `amps-VERSION.cdx.json`.
pub(super) fn write(release: &Release) -> Result<(), Error> {
    let components = components::of(release)?;
    let lock_file = files::read(&release.root.join("Cargo.lock"))?;
    let mut rustc = Command::new("rustc");
    let rustc = output(rustc.current_dir(&release.root).arg("--version"))?;
    let compiler = rustc.split_whitespace().nth(1).unwrap_or_default();
    let sbom = document(&release.version, &components, &checksums(&lock_file), compiler);
    let path = release.dist.join(format!("amps-{}.cdx.json", release.version));
    std::fs::create_dir_all(&release.dist).map_err(|error| Error::io(&release.dist, &error))?;
    std::fs::write(&path, format!("{sbom:#}\n")).map_err(|error| Error::io(&path, &error))?;
    println!("{}: {} components", path.display(), components.len());
    Ok(())
}

fn document(
    version: &str,
    components: &BTreeMap<String, Component>,
    checksums: &BTreeMap<(String, String), String>,
    compiler: &str,
) -> Value {
    let whole = format!("pkg:generic/amps@{version}?target={TARGET}");
    let mut listed = Vec::new();
    let mut edges = Vec::new();
    for component in components.values() {
        let is_program = PROGRAMS.contains(&component.name.as_str());
        let reference = purl(component);
        let mut entry = json!({
            "type": if is_program { "application" } else { "library" },
            "bom-ref": reference,
            "name": component.name,
            "version": component.version,
            "purl": reference,
        });
        if let Some(license) = &component.license {
            // Manifests of old crates separate licences with a slash, which is no SPDX expression.
            entry["licenses"] = json!([{ "expression": license.replace('/', " OR ") }]);
        }
        if let Some(sum) = checksums.get(&(component.name.clone(), component.version.clone())) {
            entry["hashes"] = json!([{ "alg": "SHA-256", "content": sum }]);
        }
        listed.push(entry);
        let mut on: Vec<String> =
            component.dependencies.iter().filter_map(|id| components.get(id)).map(purl).collect();
        if is_program {
            on.push(STANDARD_LIBRARY.to_owned());
        }
        edges.push(json!({ "ref": reference, "dependsOn": on }));
    }
    listed.push(json!({
        "type": "library", "bom-ref": STANDARD_LIBRARY, "name": "rust-std", "version": compiler,
        "licenses": [{ "expression": "MIT OR Apache-2.0" }],
    }));
    listed.push(json!({
        "type": "library", "bom-ref": MUSL, "name": "musl",
        "description": format!("the C library that comes with rust-std {compiler} for {TARGET}"),
        "licenses": [{ "expression": "MIT" }],
    }));
    edges.push(json!({ "ref": STANDARD_LIBRARY, "dependsOn": [MUSL] }));
    let programs: Vec<String> = components
        .values()
        .filter(|component| PROGRAMS.contains(&component.name.as_str()))
        .map(purl)
        .collect();
    edges.push(json!({ "ref": whole, "dependsOn": programs }));
    json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application", "bom-ref": whole, "name": "amps", "version": version,
                "licenses": [{ "expression": "MIT OR Apache-2.0" }],
            },
        },
        "components": listed,
        "dependencies": edges,
    })
}

const STANDARD_LIBRARY: &str = "rust-std";
const MUSL: &str = "musl";

/// What names a package everywhere (<https://github.com/package-url/purl-spec>); those of this repository are on no registry.
fn purl(component: &Component) -> String {
    let kind = if component.is_member { "generic" } else { "cargo" };
    // `+` of a version's build metadata means a blank in a query, and is escaped to be safe.
    format!("pkg:{kind}/{}@{}", component.name, component.version.replace('+', "%2B"))
}

/// The SHA-256 of packages, by name and version, as the lock file has them.
fn checksums(lock_file: &str) -> BTreeMap<(String, String), String> {
    let value = |block: &str, key: &str| {
        block.lines().find_map(|line| {
            line.strip_prefix(key)?.strip_prefix(" = \"")?.strip_suffix('"').map(ToOwned::to_owned)
        })
    };
    lock_file
        .split("[[package]]")
        .filter_map(|block| {
            Some(((value(block, "name")?, value(block, "version")?), value(block, "checksum")?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn component(name: &str, is_member: bool, dependencies: &[&str]) -> Component {
        Component {
            name: name.to_owned(),
            version: "1.0.0+5".to_owned(),
            license: Some("MIT/Apache-2.0".to_owned()),
            authors: Vec::new(),
            folder: "/a".into(),
            is_member,
            dependencies: dependencies.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn every_reference_leads_somewhere_and_is_there_once() {
        let components = BTreeMap::from([
            ("1".to_owned(), component("amps", true, &["2"])),
            ("2".to_owned(), component("axum", false, &[])),
        ]);
        let lock_file = "version = 4\n\n[[package]]\nname = \"axum\"\nversion = \"1.0.0+5\"\nchecksum = \"ab\"\n\n[[package]]\nname = \
                         \"amps\"\nversion = \"1.0.0+5\"\n";
        let sbom = document("1.0.0", &components, &checksums(lock_file), "1.95.0");
        let array = |key: &str| sbom[key].as_array().unwrap().clone();
        let mut known: Vec<Value> =
            array("components").iter().map(|entry| entry["bom-ref"].clone()).collect();
        known.push(sbom["metadata"]["component"]["bom-ref"].clone());
        for edge in array("dependencies") {
            assert_eq!(known.iter().filter(|reference| **reference == edge["ref"]).count(), 1, "{edge}");
            assert!(edge["dependsOn"].as_array().unwrap().iter().all(|on| known.contains(on)), "{edge}");
        }
        let axum = &sbom["components"][1];
        assert_eq!(axum["purl"], "pkg:cargo/axum@1.0.0%2B5");
        assert_eq!(axum["licenses"][0]["expression"], "MIT OR Apache-2.0");
        assert_eq!(axum["hashes"][0]["content"], "ab");
        assert_eq!(sbom["components"][0]["type"], "application");
        assert!(sbom["components"][0].get("hashes").is_none());
    }
}
