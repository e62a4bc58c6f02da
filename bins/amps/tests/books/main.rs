//! The books in docs/books: every command in them is run, and says what the book says that it says.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod chapter;
mod expected;
mod shell;

use std::{
    fs,
    path::{Path, PathBuf},
};

use chapter::Chapter;

/// Blocks with commands that are not run, each with the reason that it gives. What is not here and not run fails.
const NOT_RUN: &[(&str, &str)] = &[
    ("device-integrators/1-server.md", "needs podman"),
    ("operators/1-start.md", "needs Debian and root"),
    ("operators/6-routine.md", "needs systemd"),
    ("operators/8-broken.md", "needs Debian and root"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// The chapters of a book, by name.
fn chapters(book: &str) -> Vec<Chapter> {
    let folder = root().join("docs/books").join(book);
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.file_name().is_some_and(|name| name != "README.md"));
    files.sort();
    files.iter().map(|file| Chapter::read(&root(), file)).collect()
}

/// Runs all chapters; tells of all that do not hold.
#[track_caller]
fn holds(book: &str) {
    let chapters = chapters(book);
    assert!((4..=12).contains(&chapters.len()), "{} chapters", chapters.len());
    let keys = tempfile::tempdir().unwrap();
    shell::make_keys(keys.path());
    let problems: Vec<String> =
        chapters.iter().filter_map(|chapter| shell::run(chapter, keys.path()).err()).collect();
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n\n"));
    assert!(chapters.iter().any(|chapter| chapter.commands().next().is_some()), "nothing was run");
}

#[test]
fn the_book_for_operators_holds() {
    holds("operators");
}

#[test]
fn the_book_for_app_developers_holds() {
    holds("app-developers");
}

#[test]
fn the_book_for_device_integrators_holds() {
    holds("device-integrators");
}

#[test]
fn the_book_for_embedders_holds() {
    holds("embedders");
}

#[test]
fn what_is_not_run_is_known() {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> =
        fs::read_dir(root().join("docs/books")).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    let names = folders.iter().map(|folder| folder.file_name().unwrap().to_str().unwrap());
    assert_eq!(
        names.clone().collect::<Vec<_>>(),
        ["app-developers", "device-integrators", "embedders", "operators"],
        "each book has a test of its own"
    );
    for chapter in names.flat_map(chapters) {
        found.extend(chapter.not_run.iter().map(|reason| (chapter.name.clone(), reason.clone())));
    }
    let known = NOT_RUN.iter().map(|(chapter, reason)| ((*chapter).to_owned(), (*reason).to_owned()));
    assert_eq!(found, known.collect::<Vec<_>>());
}
