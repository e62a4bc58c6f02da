//! Each entry of `[workspace.dependencies]` is used by a member and has its reason in ARCHITECTURE.md.

use crate::metadata::Package;
use crate::tidy::problem::Problem;
use crate::tidy::tree::Tree;

const MANIFEST: &str = "Cargo.toml";
const ARCHITECTURE: &str = "ARCHITECTURE.md";

pub(super) fn check(tree: &Tree, members: &[Package]) -> Vec<Problem> {
    let manifest = tree.text(MANIFEST).unwrap_or_default();
    let architecture = tree.text(ARCHITECTURE);
    let mut problems = Vec::new();
    for (line, key) in entries(manifest) {
        let is_used = |member: &Package| member.dependencies.iter().any(|dependency| dependency.key == key);
        if !members.iter().any(is_used) {
            problems.push(Problem::new(MANIFEST, line, format!("no member of the workspace uses `{key}`")));
        }
        // A crate of the workspace is listed by its folder, which `members.rs` looks for.
        let is_member = members.iter().any(|member| member.name == key);
        if !is_member && architecture.is_some_and(|text| !text.contains(&format!("`{key}`"))) {
            let message = format!("`{key}` is not named in {ARCHITECTURE}: every dependency has a reason");
            problems.push(Problem::new(MANIFEST, line, message));
        }
    }
    problems
}

/// The keys of the table, each with its line. Reads the TOML that this manifest is written in: keys at the
/// beginning of a line, values of one line or with brackets that close on a later one.
fn entries(manifest: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut in_table = false;
    let mut open_brackets = 0_i32;
    for (index, line) in manifest.lines().enumerate() {
        let line = line.trim();
        let was_open = open_brackets > 0;
        if !was_open && line.starts_with('[') {
            in_table = line.starts_with("[workspace.dependencies]");
            if let Some(key) = line.strip_prefix("[workspace.dependencies.") {
                found.push((index + 1, key.split(']').next().unwrap_or_default().to_owned()));
            }
            continue;
        }
        if !in_table || line.starts_with('#') {
            continue;
        }
        open_brackets += line
            .chars()
            .map(|character| match character {
                '[' | '{' => 1,
                ']' | '}' => -1,
                _ => 0,
            })
            .sum::<i32>();
        if let Some((key, _)) = line.split_once('=').filter(|_| !was_open) {
            let key = key.trim().split('.').next().unwrap_or_default();
            found.push((index + 1, key.trim_matches('"').to_owned()));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metadata::{Dependency, DependencyKind};
    use crate::tidy::problem::printed;

    const MANIFEST_TEXT: &str = "[workspace]\nmembers = []\n\n[workspace.dependencies]\n# Why\nbytes = \"1\"\n\
        serde = { version = \"1\", features = [\n    \"derive\",\n] }\ntar.version = \"1\"\n\n[profile.dev]\ndebug = 1\n\
        [workspace.dependencies.hyper]\nversion = \"1\"\n";

    fn member(keys: &[&str]) -> Package {
        let dependency =
            |key: &&str| Dependency { key: (*key).to_owned(), kind: DependencyKind::Development };
        Package {
            name: "a".to_owned(),
            version: "0.1.0".to_owned(),
            license: None,
            source: None,
            manifest: "crates/a/Cargo.toml".to_owned(),
            dependencies: keys.iter().map(dependency).collect(),
        }
    }

    #[test]
    fn reads_the_table_only() {
        let keys: Vec<_> = entries(MANIFEST_TEXT).into_iter().collect();
        let expected = [(6, "bytes"), (7, "serde"), (10, "tar"), (14, "hyper")];
        assert_eq!(keys, expected.map(|(line, key)| (line, key.to_owned())));
    }

    #[test]
    fn reports_entries_without_use_or_reason() {
        let tree =
            Tree::of(&[("Cargo.toml", MANIFEST_TEXT), ("ARCHITECTURE.md", "`bytes`, `serde`, `tar`, hyper")]);
        assert_eq!(
            printed(check(&tree, &[member(&["bytes", "serde"]), member(&["hyper"])])),
            [
                "Cargo.toml:10: no member of the workspace uses `tar`",
                "Cargo.toml:14: `hyper` is not named in ARCHITECTURE.md: every dependency has a reason",
            ]
        );
    }
}
