//! Each crate documents itself, ARCHITECTURE.md knows it, and changes have a place to be noted.

use crate::tidy::problem::Problem;
use crate::tidy::tree::Tree;

const ARCHITECTURE: &str = "ARCHITECTURE.md";
const CHANGELOG: &str = "CHANGELOG.md";
const README_AS_DOCUMENTATION: &str = "include_str!(\"../README.md\")";

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    match tree.text(CHANGELOG) {
        None => problems.push(Problem::new(CHANGELOG, 1, "the file is missing")),
        Some(text) if !text.lines().any(|line| line == "## Unreleased") => {
            problems.push(Problem::new(CHANGELOG, 1, "no `## Unreleased` section for the next change"));
        }
        Some(_) => {}
    }
    let architecture = tree.text(ARCHITECTURE);
    if architecture.is_none() {
        problems.push(Problem::new(ARCHITECTURE, 1, "the file is missing"));
    }
    for name in tree.folders_in("crates") {
        let readme = format!("crates/{name}/README.md");
        match tree.text(&readme) {
            None => problems.push(Problem::new(&readme, 1, "the crate has no README.md")),
            Some(text) if text.trim().is_empty() => {
                problems.push(Problem::new(
                    &readme,
                    1,
                    "the file is empty, expected what the crate is and an example",
                ));
            }
            Some(_) => {}
        }
        let library = format!("crates/{name}/src/lib.rs");
        if !tree.text(&library).is_some_and(|text| text.contains(README_AS_DOCUMENTATION)) {
            let message = format!(
                "the crate's documentation is not its README: expected `#![doc = {README_AS_DOCUMENTATION}]`"
            );
            problems.push(Problem::new(&library, 1, message));
        }
        if architecture.is_some_and(|text| !text.contains(&format!("crates/{name}"))) {
            problems.push(Problem::new(ARCHITECTURE, 1, format!("`crates/{name}` is not listed")));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::problem::printed;

    const GOOD: [(&str, &str); 4] = [
        ("CHANGELOG.md", "# Changes\n\n## Unreleased\n"),
        ("ARCHITECTURE.md", "- `crates/a`: one\n"),
        ("crates/a/README.md", "# a\n"),
        ("crates/a/src/lib.rs", "#![doc = include_str!(\"../README.md\")]\n"),
    ];

    #[test]
    fn passes_a_crate_that_documents_itself() {
        assert_eq!(check(&Tree::of(&GOOD)), []);
    }

    #[test]
    fn reports_each_missing_file() {
        for (missing, _) in GOOD {
            let files: Vec<_> = GOOD.into_iter().filter(|(path, _)| *path != missing).collect();
            assert_eq!(check(&Tree::of(&files)).len(), 1, "without {missing}");
        }
    }

    #[test]
    fn reports_each_empty_file() {
        for empty in 0..GOOD.len() {
            let mut files = GOOD;
            files[empty].1 = "";
            assert_eq!(check(&Tree::of(&files)).len(), 1, "empty {}", GOOD[empty].0);
        }
    }

    #[test]
    fn names_a_crate_that_is_not_listed() {
        let mut files = GOOD;
        files[1].1 = "`a` is mentioned by name only\n";
        assert_eq!(printed(check(&Tree::of(&files))), ["ARCHITECTURE.md:1: `crates/a` is not listed"]);
    }
}
