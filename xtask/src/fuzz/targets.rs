//! The fuzz targets and what each starts from.

use crate::error::Error;
use crate::root::Root;
use std::collections::BTreeSet;
use std::fs;

/// A program in `xtask/fuzz/src/bin`.
#[derive(Debug)]
pub(super) struct Target {
    /// The name of its file, without `.rs`.
    pub(super) name: &'static str,
    /// Folders of inputs to start from, from the root of the repository, read with what is below them.
    pub(super) seeds: &'static [&'static str],
    /// Whether it reads with the server, which takes minutes to build with coverage.
    pub(super) needs_server: bool,
}

pub(super) const TARGETS: &[Target] = &[
    Target { name: "architecture", seeds: &["fixtures/binaries"], needs_server: false },
    Target { name: "certificates", seeds: &["xtask/fuzz/seeds/certificates"], needs_server: false },
    Target { name: "manifest", seeds: &["xtask/fuzz/seeds/yaml"], needs_server: false },
    Target { name: "pkcs12", seeds: &["xtask/fuzz/seeds/pkcs12", "fixtures/pki"], needs_server: false },
    Target { name: "reader", seeds: &["fixtures/packages"], needs_server: false },
    Target { name: "signature", seeds: &["fixtures/pki/signatures"], needs_server: false },
    Target { name: "splice", seeds: &["fixtures/splice"], needs_server: false },
    Target { name: "tags", seeds: &[], needs_server: false },
    Target { name: "upload_form", seeds: &["xtask/fuzz/seeds/upload_form"], needs_server: true },
    Target { name: "yaml", seeds: &["xtask/fuzz/seeds/yaml"], needs_server: false },
];

/// The target of this name.
pub(super) fn named(name: &str) -> Result<&'static Target, Error> {
    TARGETS.iter().find(|target| target.name == name).ok_or_else(|| {
        let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
        Error::unable(format!("unknown fuzz target `{name}`, expected one of: {}", names.join(", ")))
    })
}

/// A file that has no row would never run, and nobody would notice.
pub(super) fn check_against_files(root: &Root) -> Result<(), Error> {
    let folder = root.join("xtask/fuzz/src/bin");
    let mut files = BTreeSet::new();
    for entry in fs::read_dir(&folder).map_err(|error| Error::io(&folder, &error))? {
        let entry = entry.map_err(|error| Error::io(&folder, &error))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        files.extend(name.strip_suffix(".rs").map(ToOwned::to_owned));
    }
    match without_row(&files, TARGETS) {
        None => Ok(()),
        Some(name) => Err(Error::failed(format!(
            "xtask/fuzz/src/bin/{name}.rs has no row in xtask/src/fuzz/targets.rs, so it would never run"
        ))),
    }
}

fn without_row<'a>(files: &'a BTreeSet<String>, targets: &[Target]) -> Option<&'a String> {
    files.iter().find(|file| !targets.iter().any(|target| target.name == file.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_a_row_is_found() {
        let targets = [Target { name: "reader", seeds: &[], needs_server: false }];
        let files = |names: &[&str]| names.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
        assert_eq!(without_row(&files(&["reader"]), &targets), None);
        assert_eq!(without_row(&files(&["reader", "yaml"]), &targets), Some(&"yaml".to_owned()));
    }

    #[test]
    fn an_unknown_target_is_refused_with_the_known_ones() {
        let error = named("no-such-target").unwrap_err().to_string();
        assert!(error.contains(TARGETS[0].name), "{error}");
    }
}
