//! `cargo xtask tidy`: the rules of this tree that no other tool checks.

mod anchors;
mod books;
mod direction;
mod links;
mod members;
mod named_tests;
mod problem;
mod rust_source;
mod text;
mod tree;
mod workspace_dependencies;

use crate::error::Error;
use crate::metadata;
use crate::root::Root;
use crate::tidy::problem::Problem;
use crate::tidy::tree::Tree;

pub(crate) const HELP: &str = "\
The rules of this tree that no other tool checks; every breach is printed as file:line: message.

Usage: cargo xtask tidy

  text          no tabs, trailing blanks, missing final newline, leftover notes, paths of one machine
  Rust source   begins with a `//!` line, no leftover debugging macros, at most 450 lines
  links         relative links in Markdown lead to a file of the repository, and to a heading that is there
  books         docs/README.md leads to each page of docs, the first page of a book to its chapters
  crates        each has a README.md that is its documentation, ARCHITECTURE.md names each
  dependencies  each entry of the root Cargo.toml is used and named in ARCHITECTURE.md
  direction     crates depend on each other one way only (xtask/src/tidy/direction.rs)
  changelog     CHANGELOG.md has an `## Unreleased` section
  named tests   SECURITY.md names tests that exist, one at least for each attack that the server stops

Test data in fixtures/ is left alone but for its Markdown.
";

pub(crate) fn run(root: &Root) -> Result<(), Error> {
    let tree = Tree::read(root.path())?;
    let members = metadata::members(root)?;
    let mut problems: Vec<Problem> = Vec::new();
    for file in tree.files() {
        problems.extend(text::check(file));
        problems.extend(rust_source::check(file));
        problems.extend(links::check(file, &tree));
        problems.extend(anchors::check(file, &tree));
    }
    problems.extend(books::check(&tree));
    problems.extend(members::check(&tree));
    problems.extend(named_tests::check(&tree));
    problems.extend(workspace_dependencies::check(&tree, &members));
    problems.extend(direction::check(&tree, &members));
    problems.sort();
    for problem in &problems {
        println!("{problem}");
    }
    if problems.is_empty() {
        println!("{} files and {} crates are tidy", tree.files().len(), members.len());
        return Ok(());
    }
    Err(Error::failed(format!("{} problem(s) in the tree, listed above", problems.len())))
}
