//! Links to a heading lead to one that is there.

use std::collections::BTreeSet;

use crate::tidy::links;
use crate::tidy::problem::Problem;
use crate::tidy::tree::{File, Tree};

pub(super) fn check(file: &File, tree: &Tree) -> Vec<Problem> {
    if !file.has_extension("md") {
        return Vec::new();
    }
    let mut problems = Vec::new();
    for (line, target) in links::targets(&file.text) {
        let Some((path, anchor)) = target.split_once('#').filter(|_| links::is_relative(&target)) else {
            continue;
        };
        let page = if path.is_empty() { Some(file.text.as_str()) } else { page(file, path, tree) };
        // That a page is there is another rule.
        if page.is_some_and(|page| !anchors(page).contains(anchor)) {
            problems.push(Problem::new(&file.path, line, format!("the link `{target}` leads to no heading")));
        }
    }
    problems
}

fn page<'t>(file: &File, path: &str, tree: &'t Tree) -> Option<&'t str> {
    let path = links::resolve(links::folder(file), path)?;
    tree.text(&path)
}

/// What headings are called in links: small letters, hyphens for spaces, no punctuation; a number behind what comes again.
fn anchors(page: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut in_code = false;
    for line in page.lines() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        let heading = line.trim_start_matches('#');
        let depth = line.len() - heading.len();
        if in_code || !(1..=6).contains(&depth) || !heading.starts_with(' ') {
            continue;
        }
        let name: String = heading
            .trim()
            .to_lowercase()
            .chars()
            .filter(|letter| letter.is_alphanumeric() || "-_ ".contains(*letter))
            .map(|letter| if letter == ' ' { '-' } else { letter })
            .collect();
        let numbered = (1..).map(|number| format!("{name}-{number}"));
        let free = std::iter::once(name.clone()).chain(numbered).find(|name| !found.contains(name));
        found.extend(free);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::problem::printed;

    #[test]
    fn headings_are_found_as_pages_show_them() {
        let page = "# The `one`, and: *more*\n## Again\n```sh\n# no heading\n```\n## Again\n#no heading\n### `x [--y] Z`, É\n";
        let expected = ["again", "again-1", "the-one-and-more", "x---y-z-é"];
        assert_eq!(anchors(page), expected.map(str::to_owned).into());
    }

    #[test]
    fn links_to_headings_that_are_not_there_are_reported() {
        let tree = Tree::of(&[("docs/a.md", "# One\n"), ("docs/b.md", "")]);
        let text =
            "# Two\n[a](a.md#one) [b](a.md#two) [c](#two) [d](#one) [e](https://example.org/#x) [f](c.md#x)";
        let file = File { path: "docs/b.md".into(), text: text.into() };
        assert_eq!(
            printed(check(&file, &tree)),
            [
                "docs/b.md:2: the link `a.md#two` leads to no heading",
                "docs/b.md:2: the link `#one` leads to no heading"
            ]
        );
    }
}
