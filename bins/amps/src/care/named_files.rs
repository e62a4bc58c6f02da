//! The files that a configuration names.

use std::path::{Path, PathBuf};

use amps_server::Config;

/// A file that a configuration names.
pub(super) struct NamedFile<'c> {
    /// The field that names it.
    pub(super) field: &'static str,
    /// The file; relative to the current directory unless it lies beside the configuration.
    pub(super) path: &'c PathBuf,
}

/// All of them. They are no part of a backup.
pub(super) fn named_files(config: &Config) -> Vec<NamedFile<'_>> {
    let certificates = &config.certificates;
    let named = |field| move |path| NamedFile { field, path };
    let store = certificates.store.iter().map(named("storeSignCertificate"));
    let cas = certificates.developer_cas.iter().map(named("developerVerificationCaCertificates"));
    let crls = certificates.developer_crls.iter().map(named("developerVerificationCrls"));
    store.chain(cas).chain(crls).collect()
}

/// A number of bytes for people.
pub(super) fn bytes(count: u64) -> String {
    let units = ["kB", "MB", "GB", "TB"];
    if count < 1000 {
        return format!("{count} bytes");
    }
    let (mut whole, mut tenths, mut unit) = (count, 0, "");
    for name in units {
        if whole < 1000 {
            break;
        }
        (whole, tenths, unit) = (whole / 1000, whole % 1000 / 100, name);
    }
    format!("{whole}.{tenths} {unit}")
}

/// A path as a text.
pub(super) fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
