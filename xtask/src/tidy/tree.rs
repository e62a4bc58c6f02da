//! The files of the repository, read once.

use crate::error::Error;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Folders that hold what tools made, by their path from the root.
const LEFT_OUT: &[&str] =
    &[".git", "target", "amps-data", "xtask/fuzz/target", "xtask/fuzz/corpus", "xtask/fuzz/artifacts"];

/// A text file.
#[derive(Debug)]
pub(super) struct File {
    /// From the root, with `/` between components.
    pub(super) path: String,
    pub(super) text: String,
}

impl File {
    /// Whether its name ends in `.extension`.
    pub(super) fn has_extension(&self, extension: &str) -> bool {
        Path::new(&self.path).extension().is_some_and(|found| found == extension)
    }
}

/// The text files to check, and the paths of everything there is.
#[derive(Debug, Default)]
pub(super) struct Tree {
    files: Vec<File>,
    paths: BTreeSet<String>,
}

impl Tree {
    /// Reads the tree below `root`. Symbolic links are not followed.
    pub(super) fn read(root: &Path) -> Result<Self, Error> {
        let mut tree = Self::default();
        tree.read_folder(root, "")?;
        tree.files.sort_by(|left, right| left.path.cmp(&right.path));
        Ok(tree)
    }

    /// A tree of these files, for tests.
    #[cfg(test)]
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        let mut tree = Self::default();
        for (path, text) in files {
            for (end, _) in path.match_indices('/') {
                tree.paths.insert(path[..end].to_owned());
            }
            tree.add(path, Some((*text).to_owned()));
        }
        tree
    }

    /// The text files that the rules are for.
    pub(super) fn files(&self) -> &[File] {
        &self.files
    }

    /// The text of a file, if it is there.
    pub(super) fn text(&self, path: &str) -> Option<&str> {
        self.files.iter().find(|file| file.path == path).map(|file| file.text.as_str())
    }

    /// Whether the repository has a file or folder of this path.
    pub(super) fn contains(&self, path: &str) -> bool {
        path.is_empty() || self.paths.contains(path)
    }

    /// The names of the folders in `folder`.
    pub(super) fn folders_in(&self, folder: &str) -> BTreeSet<&str> {
        let inside = |path: &'_ String| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        self.paths
            .iter()
            .filter(|path| inside(path))
            .filter_map(|path| path.get(folder.len() + 1..)?.split_once('/').map(|(name, _)| name))
            .collect()
    }

    fn read_folder(&mut self, folder: &Path, relative: &str) -> Result<(), Error> {
        for entry in fs::read_dir(folder).map_err(|error| Error::io(folder, &error))? {
            let entry = entry.map_err(|error| Error::io(folder, &error))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if relative.is_empty() { name } else { format!("{relative}/{name}") };
            if LEFT_OUT.contains(&path.as_str()) {
                continue;
            }
            let kind = entry.file_type().map_err(|error| Error::io(entry.path(), &error))?;
            if kind.is_dir() {
                self.paths.insert(path.clone());
                self.read_folder(&entry.path(), &path)?;
            } else if kind.is_file() {
                let bytes = fs::read(entry.path()).map_err(|error| Error::io(entry.path(), &error))?;
                self.add(&path, String::from_utf8(bytes).ok().filter(|text| !text.contains('\0')));
            } else {
                self.add(&path, None);
            }
        }
        Ok(())
    }

    /// Everything can be linked to; only text, and of the test data only its descriptions, is checked.
    fn add(&mut self, path: &str, text: Option<String>) {
        self.paths.insert(path.to_owned());
        let Some(text) = text else { return };
        let file = File { path: path.to_owned(), text };
        if !path.starts_with("fixtures/") || file.has_extension("md") {
            self.files.push(file);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_data_can_be_linked_to_but_is_not_checked() {
        let tree =
            Tree::of(&[("fixtures/header.yaml", "\t"), ("fixtures/README.md", ""), ("src/lib.rs", "")]);
        let checked: Vec<&str> = tree.files().iter().map(|file| file.path.as_str()).collect();
        assert_eq!(checked, ["fixtures/README.md", "src/lib.rs"]);
        assert!(tree.contains("fixtures/header.yaml"));
        assert!(tree.contains("fixtures"));
        assert!(!tree.contains("fixture"));
    }

    #[test]
    fn lists_the_folders_in_a_folder() {
        let tree = Tree::of(&[("crates/a/src/lib.rs", ""), ("crates/b/Cargo.toml", ""), ("crates.md", "")]);
        assert_eq!(tree.folders_in("crates"), BTreeSet::from(["a", "b"]));
    }
}
