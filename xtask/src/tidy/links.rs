//! Relative links in Markdown lead to a file or folder of the repository.

use crate::tidy::problem::Problem;
use crate::tidy::tree::{File, Tree};

pub(super) fn check(file: &File, tree: &Tree) -> Vec<Problem> {
    if !file.has_extension("md") {
        return Vec::new();
    }
    let mut problems = Vec::new();
    for (line, target) in targets(&file.text) {
        if !is_relative(&target) {
            continue;
        }
        let path = target.split(['#', '?']).next().unwrap_or_default();
        let found = resolve(folder(file), path).is_some_and(|path| tree.contains(&path));
        if !path.is_empty() && !found {
            problems.push(Problem::new(&file.path, line, format!("the link `{target}` leads nowhere")));
        }
    }
    problems
}

/// Where a file lies.
pub(super) fn folder(file: &File) -> &str {
    file.path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Web addresses have a scheme; links to Rust items have `::` or, in rustdoc's own form, `@`.
pub(super) fn is_relative(target: &str) -> bool {
    !target.contains([':', '@'])
}

/// The path from the root, or nothing when it leaves the repository.
pub(super) fn resolve(folder: &str, path: &str) -> Option<String> {
    let mut components: Vec<&str> = folder.split('/').filter(|component| !component.is_empty()).collect();
    if path.starts_with('/') {
        return None;
    }
    for component in path.split('/') {
        match component {
            "" | "." => {}
            ".." => {
                components.pop()?;
            }
            name => components.push(name),
        }
    }
    Some(components.join("/"))
}

/// Where each link leads, with its line: `[text](target)` and `[label]: target`, outside code.
pub(super) fn targets(markdown: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut fence: Option<&str> = None;
    for (index, line) in markdown.lines().enumerate() {
        let trimmed = line.trim_start();
        if let Some(open) = fence {
            if trimmed.starts_with(open) {
                fence = None;
            }
            continue;
        }
        fence = ["```", "~~~"].into_iter().find(|mark| trimmed.starts_with(mark));
        if fence.is_some() {
            continue;
        }
        let line = without_code(line);
        let definition = line.trim_start().strip_prefix('[').and_then(|rest| rest.split_once("]:"));
        let texts = line.split("](").skip(1).chain(definition.map(|(_, target)| target));
        found.extend(texts.filter_map(destination).map(|target| (index + 1, target)));
    }
    found
}

/// The destination at the beginning of `text`: up to the closing bracket or the title.
fn destination(text: &str) -> Option<String> {
    let text = text.trim_start();
    let target = match text.strip_prefix('<') {
        Some(rest) => rest.split('>').next(),
        None => text.split([' ', ')']).next(),
    }?;
    (!target.is_empty()).then(|| target.to_owned())
}

/// The line without its code spans. A run of backticks that nothing closes is text.
fn without_code(line: &str) -> String {
    let mut kept = String::new();
    let mut rest = line;
    while let Some((before, from_tick)) = rest.split_once('`') {
        kept.push_str(before);
        let extra = from_tick.len() - from_tick.trim_start_matches('`').len();
        let mark = "`".repeat(extra + 1);
        let after_mark = from_tick.get(extra..).unwrap_or_default();
        match after_mark.split_once(&mark) {
            Some((_, after_code)) => rest = after_code,
            None => rest = after_mark,
        }
    }
    kept + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::problem::printed;

    fn tree() -> Tree {
        Tree::of(&[
            ("README.md", ""),
            ("docs/format.md", ""),
            ("docs/img/a.png", ""),
            ("crates/a/README.md", ""),
        ])
    }

    fn problems(path: &str, text: &str) -> Vec<String> {
        printed(check(&File { path: path.to_owned(), text: text.to_owned() }, &tree()))
    }

    #[test]
    fn follows_links_that_lead_somewhere() {
        for text in [
            "[format](docs/format.md), [there](docs/format.md#header) and ![a](docs/img/a.png \"title\")",
            "[docs](docs/) [here](#section) [web](https://example.org/x.md) [item](crate::Reader) [root](./)",
            "[format]: docs/format.md\n[spaces]: <docs/format.md>",
            "`[code](missing.md)` and ``[code](`missing.md)``",
            "```\n[code](missing.md)\n```\n~~~text\n[code](missing.md)\n~~~",
        ] {
            assert_eq!(problems("README.md", text), [""; 0], "{text}");
        }
        assert_eq!(problems("crates/a/README.md", "[up](../../docs/format.md)"), [""; 0]);
    }

    #[test]
    fn reports_links_that_lead_nowhere() {
        assert_eq!(
            problems("README.md", "# amps\n\n[a](docs/missing.md) [b](docs/format.md)"),
            ["README.md:3: the link `docs/missing.md` leads nowhere"]
        );
        for text in [
            "[a]: missing.md",
            "![a](img/a.png)",
            "[root](/docs/format.md)",
            "[out](../README.md)",
            "[`code`](missing.md)",
            "an open ` and [a](missing.md)",
        ] {
            assert_eq!(problems("README.md", text).len(), 1, "{text}");
        }
        assert_eq!(problems("crates/a/README.md", "[wrong](docs/format.md)").len(), 1);
    }
}
