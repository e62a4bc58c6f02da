//! Rules for Rust files: the opening line, leftover macros, length.

use crate::tidy::problem::Problem;
use crate::tidy::tree::File;

/// A longer file holds more than one concept.
const MAX_LINES: usize = 450;

/// Macros that are for the time of writing only. Written apart, so that this file passes its own check.
const MACROS: &[&str] = &[concat!("to", "do!"), concat!("d", "bg!"), concat!("unimple", "mented!")];

pub(super) fn check(file: &File) -> Vec<Problem> {
    if !file.has_extension("rs") {
        return Vec::new();
    }
    let mut problems = Vec::new();
    if !begins_with_its_purpose(&file.text) {
        problems.push(Problem::new(
            &file.path,
            1,
            "the file does not begin with a `//!` line that says what it is for",
        ));
    }
    for (index, line) in file.text.lines().enumerate() {
        if let Some(found) = MACROS.iter().find(|name| line.contains(**name)) {
            problems.push(Problem::new(
                &file.path,
                index + 1,
                format!("`{found}` is for the time of writing only"),
            ));
        }
    }
    let lines = file.text.lines().count();
    if lines > MAX_LINES {
        let message = format!("{lines} lines, expected at most {MAX_LINES}: one concept per file");
        problems.push(Problem::new(&file.path, MAX_LINES + 1, message));
    }
    problems
}

/// A `//!` line comes first, but for inner attributes; a README as the crate's documentation is one, too.
fn begins_with_its_purpose(text: &str) -> bool {
    let mut rest = text.trim_start();
    while let Some(attribute) = rest.strip_prefix("#![") {
        if attribute.starts_with("doc = include_str!(") {
            return true;
        }
        let Some((_, after)) = attribute.split_once("]\n") else {
            return false;
        };
        rest = after.trim_start();
    }
    rest.strip_prefix("//!").and_then(|rest| rest.lines().next()).is_some_and(|line| !line.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<Problem> {
        check(&File { path: "src/lib.rs".to_owned(), text: text.to_owned() })
    }

    #[test]
    fn passes_files_that_say_their_purpose() {
        for text in [
            "//! Reads headers.\n",
            "#![no_main]\n\n//! Feeds bytes to the reader.\n",
            "#![allow(\n    missing_docs,\n    reason = \"tests\"\n)]\n//! Tests.\n",
            "#![doc = include_str!(\"../README.md\")]\n",
        ] {
            assert_eq!(problems(text), [], "{text:?}");
        }
    }

    #[test]
    fn refuses_files_that_do_not() {
        for text in [
            "",
            "use std::io;\n//! Late.\n",
            "//!\n",
            "// Not documentation.\n",
            "/// Of an item.\n",
            "#![no_main]\n",
        ] {
            assert_eq!(problems(text).len(), 1, "{text:?}");
        }
    }

    #[test]
    fn refuses_leftover_macros() {
        for name in MACROS {
            assert_eq!(problems(&format!("//! Purpose.\nfn a() {{ {name}() }}\n")).len(), 1, "{name}");
        }
    }

    #[test]
    fn the_length_limit_is_inclusive() {
        let of_lines = |lines: usize| format!("//! Purpose.\n{}", "\n".repeat(lines - 1));
        assert_eq!(problems(&of_lines(MAX_LINES)), []);
        assert_eq!(problems(&of_lines(MAX_LINES + 1)).len(), 1);
    }

    #[test]
    fn other_files_are_not_rust() {
        assert_eq!(check(&File { path: "notes.md".to_owned(), text: "no purpose".to_owned() }), []);
    }
}
