//! The licences of everything that is linked into the programs, in one text: most of them ask for that.

use crate::dist::components::{self, Component};
use crate::dist::files;
use crate::dist::release::Release;
use crate::error::Error;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

/// How the names of files with licences begin, in capitals.
const NAMES: &[&str] = &["LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE", "UNLICENSE"];

pub(super) fn text(release: &Release) -> Result<String, Error> {
    let components = components::of(release)?;
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut index = String::new();
    for component in components.values().filter(|component| !component.is_member) {
        let license = component.license.as_deref().unwrap_or("no expression");
        let name = format!("{} {}", component.name, component.version);
        let found = licenses_in(&component.folder)?;
        let _ = write!(index, "{name}: {license}");
        if found.is_empty() {
            let _ = write!(index, " (no text in the crate; by {})", authors(component));
        }
        index.push('\n');
        for text in found {
            let owners = texts.entry(text).or_default();
            if !owners.contains(&name) {
                owners.push(name.clone());
            }
        }
    }
    let toolchain = files::read(&release.packaging("TOOLCHAIN-NOTICES"))?;
    let line = "=".repeat(78);
    let mut all = format!("The programs of amps contain the crates below.\n\n{index}\n{line}\n{toolchain}");
    for (text, owners) in &texts {
        let _ = write!(all, "\n{line}\n{}:\n\n{text}\n", owners.join(", "));
    }
    Ok(all)
}

fn authors(component: &Component) -> String {
    match component.authors.as_slice() {
        [] => format!("the authors of {}", component.name),
        authors => authors.join(", "),
    }
}

/// The texts in a crate's folder and, for what it has bundled, one folder further down.
fn licenses_in(folder: &Path) -> Result<Vec<String>, Error> {
    let mut texts = Vec::new();
    for path in files::list(folder)? {
        let candidates = if path.is_dir() { files::list(&path)? } else { vec![path] };
        for file in candidates.iter().filter(|file| file.is_file() && is_license(file)) {
            // Not every file of that name is text.
            if let Ok(text) = files::read(file) {
                let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
                texts.push(lines.join("\n").trim_matches('\n').to_owned());
            }
        }
    }
    Ok(texts)
}

fn is_license(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy().to_uppercase();
    let is_source = [".RS", ".C", ".H", ".PY", ".GO"].iter().any(|end| name.ends_with(end));
    !is_source && NAMES.iter().any(|beginning| name.starts_with(beginning))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_names_that_crates_give_their_licences() {
        for name in ["LICENSE", "LICENSE-MIT", "license-apache-2.0", "COPYING.txt", "UNLICENSE", "LICENCE.md"]
        {
            assert!(is_license(Path::new(name)), "{name}");
        }
        for name in ["license.rs", "README.md", "src", "relicense"] {
            assert!(!is_license(Path::new(name)), "{name}");
        }
    }
}
