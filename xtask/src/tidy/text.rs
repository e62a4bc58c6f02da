//! Rules for every text file: blanks, leftover notes, paths of one machine.

use crate::tidy::problem::Problem;
use crate::tidy::tree::File;

/// Notes to oneself. Written apart, so that this file passes its own check.
const NOTES: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME"), concat!("X", "XX")];

/// Folders that exist on somebody's machine only.
const MACHINE_FOLDERS: &[&str] = &[concat!("/ho", "me/"), concat!("/ro", "ot/"), concat!("/wo", "rk/")];

pub(super) fn check(file: &File) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut report = |line: usize, message: String| problems.push(Problem::new(&file.path, line, message));
    // A snapshot holds what a program printed, blanks and all.
    let may_end_in_blanks = file.has_extension("snap");
    for (index, line) in file.text.split_terminator('\n').enumerate() {
        let number = index + 1;
        if line.contains('\t') {
            report(number, "a tab, expected spaces".to_owned());
        }
        if line.ends_with('\r') {
            report(number, "a carriage return, expected a line feed alone".to_owned());
        } else if line.ends_with([' ', '\t']) && !may_end_in_blanks {
            report(number, "blanks at the end of the line".to_owned());
        }
        if let Some(note) = NOTES.iter().find(|note| has_word(line, note)) {
            report(number, format!("a note `{note}`: do it, or file an issue"));
        }
        if let Some(folder) = MACHINE_FOLDERS.iter().find(|folder| has_absolute_path(line, folder)) {
            report(number, format!("`{folder}` is a path of one machine"));
        }
    }
    if !file.text.is_empty() && !file.text.ends_with('\n') {
        report(file.text.lines().count(), "no line feed at the end of the file".to_owned());
    }
    problems
}

/// `word` as a whole word: `mktemp`'s row of X is none.
fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(start, _)| {
        let before = line.get(..start).and_then(|text| text.chars().next_back());
        let after = line.get(start + word.len()..).and_then(|text| text.chars().next());
        !before.is_some_and(is_word_character) && !after.is_some_and(is_word_character)
    })
}

/// `folder` at the beginning of a path, not inside a longer one or a web address.
fn has_absolute_path(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(start, _)| {
        let before = line.get(..start).and_then(|text| text.chars().next_back());
        !before.is_some_and(|character| is_word_character(character) || ".-~}".contains(character))
    })
}

fn is_word_character(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::problem::printed;

    fn messages(text: &str) -> Vec<String> {
        printed(check(&File { path: "a.txt".to_owned(), text: text.to_owned() }))
    }

    #[test]
    fn passes_clean_text() {
        for text in ["", "one line\n", "mktemp a.XXXXXX\n", "https://example.org/home/page\n", "a/work/b\n"] {
            assert_eq!(messages(text), [""; 0], "{text:?}");
        }
    }

    #[test]
    fn refuses_blanks() {
        assert_eq!(messages("a\n\tb\n"), ["a.txt:2: a tab, expected spaces"]);
        assert_eq!(messages("a \n"), ["a.txt:1: blanks at the end of the line"]);
        assert_eq!(messages("a\r\n"), ["a.txt:1: a carriage return, expected a line feed alone"]);
        assert_eq!(messages("a\nb"), ["a.txt:2: no line feed at the end of the file"]);
    }

    #[test]
    fn refuses_notes() {
        for note in NOTES {
            assert_eq!(messages(&format!("// {note}: later\n")).len(), 1, "{note}");
        }
    }

    #[test]
    fn refuses_paths_of_one_machine() {
        for folder in MACHINE_FOLDERS {
            for line in
                [format!("{folder}amps\n"), format!("see `{folder}`\n"), format!("open(\"{folder}a\")\n")]
            {
                assert_eq!(messages(&line).len(), 1, "{line}");
            }
        }
    }

    #[test]
    fn a_snapshot_may_end_lines_in_blanks() {
        let file = File { path: "a.snap".to_owned(), text: "a \n".to_owned() };
        assert_eq!(check(&file), []);
    }
}
