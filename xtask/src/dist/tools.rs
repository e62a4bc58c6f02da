//! Programs that are needed besides cargo, looked for before anything long begins.

use crate::error::Error;
use std::path::Path;

/// A program and the Debian package that brings it.
type Tool = (&'static str, &'static str);

pub(super) const BUILD: &[Tool] = &[("musl-gcc", "musl-tools")];
pub(super) const ARCHIVE: &[Tool] = &[("tar", "tar"), ("gzip", "gzip")];
pub(super) const DEB: &[Tool] =
    &[("dpkg-deb", "dpkg"), ("gzip", "gzip"), ("md5sum", "coreutils"), ("date", "coreutils")];
pub(super) const UNIT: &[Tool] = &[("systemd-analyze", "systemd")];
pub(super) const CHECK: &[Tool] = &[
    ("debootstrap", "debootstrap"),
    ("chroot", "coreutils"),
    ("setpriv", "util-linux"),
    ("mount", "mount"),
    ("umount", "mount"),
    ("curl", "curl"),
    ("lintian", "lintian"),
];
pub(super) const BOOT: &[Tool] =
    &[("systemd-nspawn", "systemd-container"), ("nsenter", "util-linux"), ("kill", "procps")];

/// Refuses to begin without these.
pub(super) fn require(groups: &[&[Tool]]) -> Result<(), Error> {
    let mut missing: Vec<Tool> = groups.concat().into_iter().filter(|(name, _)| !is_there(name)).collect();
    missing.sort_unstable();
    missing.dedup();
    if missing.is_empty() {
        return Ok(());
    }
    let list = |words: Vec<&str>| words.join(" ");
    let names = list(missing.iter().map(|(name, _)| *name).collect());
    let packages = list(missing.iter().map(|(_, package)| *package).collect());
    Err(Error::unable(format!("not there: {names}"))
        .with_hint(&format!("Debian: apt-get install {packages}")))
}

fn is_there(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain([Path::new("/usr/sbin").to_path_buf()])
        .any(|folder| folder.join(name).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_what_is_missing_and_where_it_comes_from() {
        assert!(require(&[&[("cargo-of-no-use", "a"), ("sh", "dash")]]).is_err());
        let error = require(&[&[("no-such-tool", "its-package")]]).unwrap_err();
        assert_eq!(error.to_string(), "not there: no-such-tool\nhint: Debian: apt-get install its-package");
        assert!(require(&[&[("sh", "dash")]]).is_ok());
    }
}
