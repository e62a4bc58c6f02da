//! The tests that SECURITY.md names exist: a link with a name in code, to a Rust file, leads to a test of that name in it.

use crate::tidy::problem::Problem;
use crate::tidy::tree::{File, Tree};

const FILE: &str = "SECURITY.md";
/// Fewer would mean that the links are not found any more.
const AT_LEAST: usize = 20;

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let Some(page) = tree.files().iter().find(|file| file.path == FILE) else {
        return vec![Problem::new(FILE, 1, "it does not exist".to_owned())];
    };
    let named = named(&page.text);
    let mut problems = Vec::new();
    if named.len() < AT_LEAST {
        let message = format!("it names {} tests, expected {AT_LEAST} at least", named.len());
        problems.push(Problem::new(FILE, 1, message));
    }
    for (line, name, path) in named {
        let file = tree.files().iter().find(|file| file.path == path);
        if !file.is_some_and(|file| has_test(file, name)) {
            problems.push(Problem::new(FILE, line, format!("there is no test `{name}` in {path}")));
        }
    }
    problems.extend(claims(&page.text));
    problems
}

/// What is said to be stopped by the server has a test that shows it.
fn claims(text: &str) -> impl Iterator<Item = Problem> {
    let rows = text.lines().enumerate().filter(|(_, row)| row.contains("| server |"));
    let unproven = rows.filter(|(_, row)| named(row).is_empty());
    unproven.map(|(index, _)| {
        Problem::new(FILE, index + 1, "an attack that is stopped, and no test that shows it".to_owned())
    })
}

/// Line, name and file of each test.
fn named(text: &str) -> Vec<(usize, &str, &str)> {
    let mut found = Vec::new();
    for (index, line) in text.lines().enumerate() {
        for link in line.split("[`").skip(1) {
            let Some((name, rest)) = link.split_once("`](") else { continue };
            let Some((path, _)) = rest.split_once(')') else { continue };
            if path.strip_suffix(".rs").is_some() {
                found.push((index + 1, name, path));
            }
        }
    }
    found
}

/// Whether a file has a function of that name that is a test: an attribute, or a macro around it, says so.
fn has_test(file: &File, name: &str) -> bool {
    let mut lines: Vec<&str> = Vec::new();
    for line in file.text.lines().map(str::trim_start) {
        let is_it = line
            .strip_prefix("async ")
            .unwrap_or(line)
            .strip_prefix("fn ")
            .is_some_and(|rest| rest.strip_prefix(name).is_some_and(|rest| rest.starts_with('(')));
        if is_it {
            return lines
                .iter()
                .rev()
                .take(4)
                .take_while(|line| line.starts_with("#["))
                .any(|line| is_test(line));
        }
        lines.push(line);
    }
    false
}

fn is_test(attribute: &str) -> bool {
    attribute.starts_with("#[test]") || attribute.starts_with("#[tokio::test")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_tests_are_links_to_rust_files() {
        let text = "a [`one`](a/b.rs), [`two`](b.rs) [docs](c.md)\n[`no`](d.md)\n[`three`](e.rs)";
        assert_eq!(named(text), [(1, "one", "a/b.rs"), (1, "two", "b.rs"), (3, "three", "e.rs")]);
    }

    #[test]
    fn what_is_no_test_of_that_name_is_not_taken_for_one() {
        let text = "#[test]\nfn one() {}\nfn two() {}\n#[tokio::test]\n#[allow(x)]\nasync fn three() {}\n    #[test]\n    fn four(a in 1) {}\n";
        let file = File { path: "a.rs".into(), text: text.into() };
        for (name, expected) in
            [("one", true), ("two", false), ("three", true), ("four", true), ("on", false), ("x", false)]
        {
            assert_eq!(has_test(&file, name), expected, "{name}");
        }
    }

    #[test]
    fn a_claim_needs_a_test() {
        assert_eq!(claims("| freeze | TLS | how |\n| a | server | [`b`](c.rs) |").count(), 0);
        assert_eq!(claims("| a | server | by magic |").count(), 1);
    }
}
