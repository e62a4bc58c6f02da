//! Whoever reads finds everything: docs/README.md leads to each page and each book, and the first page of a book to each chapter.

use crate::tidy::links;
use crate::tidy::problem::Problem;
use crate::tidy::tree::{File, Tree};

const DOOR: &str = "docs/README.md";

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    tree.files().iter().filter_map(|file| unreachable(file, tree)).collect()
}

/// What is wrong if no page leads to this one that should.
fn unreachable(file: &File, tree: &Tree) -> Option<Problem> {
    let path = file.path.strip_prefix("docs/")?;
    if !file.has_extension("md") || file.path == DOOR {
        return None;
    }
    let (index, link) = match path.rsplit_once('/') {
        Some((folder, name)) if name != "README.md" => (format!("docs/{folder}/README.md"), name),
        _ => (DOOR.to_owned(), path),
    };
    let links = tree.text(&index).map(links::targets).unwrap_or_default();
    let leads_here = links.iter().any(|(_, target)| target == link);
    (!leads_here).then(|| Problem::new(&file.path, 1, format!("{index} has no link to it")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::problem::printed;

    #[test]
    fn every_page_and_every_chapter_can_be_found() {
        let tree = |door: &str, book: &str| {
            let files = [
                ("docs/README.md", door),
                ("docs/format.md", ""),
                ("docs/grafana/amps.json", ""),
                ("docs/books/users/README.md", book),
                ("docs/books/users/1-start.md", ""),
                ("README.md", ""),
            ];
            printed(check(&Tree::of(&files)))
        };
        let door = "[format](format.md) [users](books/users/README.md)";
        assert_eq!(tree(door, "1. [Start](1-start.md)"), [""; 0]);
        assert_eq!(
            tree("[format](format.md)", "`[Start](1-start.md)`"),
            [
                "docs/books/users/README.md:1: docs/README.md has no link to it",
                "docs/books/users/1-start.md:1: docs/books/users/README.md has no link to it"
            ]
        );
    }
}
