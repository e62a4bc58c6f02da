//! Crates of the workspace depend on each other one way only: leaves, core, catalog, server, programs.
//!
//! What a crate's tests depend on is free.

use crate::metadata::{DependencyKind, Package};
use crate::tidy::problem::Problem;
use crate::tidy::tree::Tree;

/// What a member may depend on. A leaf is usable alone, and stays so only as long as its row is empty.
const ALLOWED: &[(&str, &[&str])] = &[
    ("ampkg", &[]),
    ("amps-arch", &[]),
    ("amps-cli", &[]),
    ("amps-pki", &[]),
    ("amps-splice", &[]),
    ("amps-tags", &[]),
    ("amps-ui", &[]),
    // A builder of hostile packages that used the reader's crate could not make what that crate refuses.
    ("amps-testkit", &[]),
    ("amps-core", &["ampkg", "amps-arch", "amps-pki", "amps-splice", "amps-tags"]),
    ("amps-catalog", &["ampkg", "amps-arch", "amps-core"]),
    // It is given the catalog and the store; how they are kept is not its business.
    ("amps-import", &["ampkg", "amps-core"]),
    ("amps-server", LIBRARIES),
    ("amps-commands", &["amps-cli", "amps-core"]),
    // Programs; the test kit ships with none of them.
    ("amps", PROGRAM),
    ("amps-packager", PROGRAM),
    // For a host that has no server.
    ("amps-store-sign", &["amps-cli", "amps-commands", "amps-core"]),
    ("xtask", &[]),
];

const LIBRARIES: &[&str] =
    &["ampkg", "amps-arch", "amps-catalog", "amps-core", "amps-pki", "amps-splice", "amps-tags", "amps-ui"];

const PROGRAM: &[&str] = &[
    "ampkg",
    "amps-arch",
    "amps-catalog",
    "amps-cli",
    "amps-commands",
    "amps-core",
    "amps-import",
    "amps-pki",
    "amps-server",
    "amps-tags",
];

pub(super) fn check(tree: &Tree, members: &[Package]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for member in members {
        let Some((_, allowed)) = ALLOWED.iter().find(|(name, _)| *name == member.name) else {
            let message = format!("`{}` has no row in the table of allowed directions", member.name);
            problems.push(Problem::new("xtask/src/tidy/direction.rs", 1, message));
            continue;
        };
        for dependency in &member.dependencies {
            let is_member = members.iter().any(|other| other.name == dependency.key);
            let is_free = dependency.kind == DependencyKind::Development;
            if is_member && !is_free && !allowed.contains(&dependency.key.as_str()) {
                let message = format!("`{}` must not depend on `{}`", member.name, dependency.key);
                problems.push(Problem::new(
                    &member.manifest,
                    line_of(tree, member, &dependency.key),
                    message,
                ));
            }
        }
    }
    problems
}

/// The line of the manifest that begins with the dependency's key; the first where none does.
fn line_of(tree: &Tree, member: &Package, key: &str) -> usize {
    let manifest = tree.text(&member.manifest).unwrap_or_default();
    let is_entry = |line: &str| line.strip_prefix(key).is_some_and(|rest| rest.starts_with(['.', ' ', '=']));
    manifest.lines().position(is_entry).map_or(1, |index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metadata::Dependency;
    use crate::tidy::problem::printed;

    fn member(name: &str, dependencies: &[(&str, DependencyKind)]) -> Package {
        Package {
            name: name.to_owned(),
            version: "0.1.0".to_owned(),
            license: None,
            source: None,
            manifest: "crates/a/Cargo.toml".to_owned(),
            dependencies: dependencies
                .iter()
                .map(|(key, kind)| Dependency { key: (*key).to_owned(), kind: *kind })
                .collect(),
        }
    }

    #[test]
    fn passes_the_drawn_direction() {
        let members = [
            member("ampkg", &[("serde", DependencyKind::Normal), ("amps-core", DependencyKind::Development)]),
            member("amps-core", &[("ampkg", DependencyKind::Normal)]),
            member("amps-server", &[("amps-core", DependencyKind::Normal)]),
        ];
        assert_eq!(check(&Tree::default(), &members), []);
    }

    #[test]
    fn refuses_a_step_back() {
        for kind in [DependencyKind::Normal, DependencyKind::Build] {
            let members = [member("ampkg", &[("amps-core", kind)]), member("amps-core", &[])];
            let tree = Tree::of(&[("crates/a/Cargo.toml", "[dependencies]\namps-core.workspace = true\n")]);
            assert_eq!(
                printed(check(&tree, &members)),
                ["crates/a/Cargo.toml:2: `ampkg` must not depend on `amps-core`"]
            );
        }
    }

    #[test]
    fn the_test_kit_is_for_tests() {
        let members =
            [member("amps", &[("amps-testkit", DependencyKind::Normal)]), member("amps-testkit", &[])];
        assert_eq!(check(&Tree::default(), &members).len(), 1);
    }

    #[test]
    fn a_new_crate_needs_a_row() {
        assert_eq!(check(&Tree::default(), &[member("amps-new", &[])]).len(), 1);
    }
}
