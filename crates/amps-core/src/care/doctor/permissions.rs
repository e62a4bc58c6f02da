//! Who may read and write the files of a store.

use std::{fs, path::Path};

use super::{super::Finding, text};

/// What a file must not tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secrecy {
    /// Keys or passwords: whoever reads them can sign.
    Keys,
    /// Hashes of passwords.
    Hashes,
}

/// Looks whether this user can write a data directory, whether everybody can, and whether all of it belongs to one user.
#[cfg(target_os = "linux")]
pub fn data_directory(path: &Path) -> Vec<Finding> {
    use rustix::fs::{Access, access};
    use std::os::unix::fs::MetadataExt as _;
    let subject = text(path);
    let Ok(metadata) = fs::metadata(path) else {
        return vec![Finding::problem(
            "directory",
            subject,
            "it is not there",
            "create it, or name another one",
        )];
    };
    let mut findings = Vec::new();
    if access(path, Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK).is_err() {
        findings.push(Finding::problem(
            "directory",
            subject.clone(),
            "this user cannot write to it",
            "run this as the server's user; if that is who you are, give the directory to it (chown)",
        ));
    }
    if metadata.mode() & 0o002 != 0 {
        findings.push(Finding::problem(
            "directory",
            subject.clone(),
            "everybody can write to it, and so add and remove packages",
            "chmod o-w it",
        ));
    }
    for name in [".amps", ".amps/catalog.db", ".amps/blobs", ".packages", "amps-config.yaml"] {
        let file = path.join(name);
        let Ok(other) = fs::symlink_metadata(&file) else { continue };
        if other.uid() != metadata.uid() {
            findings.push(Finding::warning(
                "owner",
                text(&file),
                format!("it belongs to the user {}, and the data directory to {}", other.uid(), metadata.uid()),
                "give all of the data directory to the server's user (chown -R); run amps restore as that user",
            ));
        }
    }
    if findings.is_empty() {
        findings.push(Finding::ok("directory", subject, "this user can write to it, and not everybody"));
    }
    findings
}

/// Elsewhere only whether it is there.
#[cfg(not(target_os = "linux"))]
pub fn data_directory(path: &Path) -> Vec<Finding> {
    let subject = text(path);
    if path.is_dir() {
        return vec![Finding::ok("directory", subject, "it is there")];
    }
    vec![Finding::problem("directory", subject, "it is not there", "create it, or name another one")]
}

/// Looks whether others can read a file with something secret; nothing if it is not there.
#[cfg(unix)]
pub fn private_file(path: &Path, secrecy: Secrecy) -> Option<Finding> {
    use std::os::unix::fs::MetadataExt as _;
    let mode = fs::metadata(path).ok()?.mode();
    let subject = text(path);
    let what = match secrecy {
        Secrecy::Keys => "a key or a password",
        Secrecy::Hashes => "the hashes of passwords",
    };
    Some(if mode & 0o006 != 0 {
        let message = format!("everybody can read it (mode {:o}), and it holds {what}", mode & 0o7777);
        Finding::problem(
            "secret",
            subject,
            message,
            "chmod 600 it; if others use this machine, replace what it holds",
        )
    } else if mode & 0o060 != 0 {
        let message = format!("its group can read it (mode {:o}), and it holds {what}", mode & 0o7777);
        Finding::warning("secret", subject, message, "chmod 600 it, unless that is meant to be")
    } else {
        Finding::ok("secret", subject, "only its owner can read it")
    })
}

/// Elsewhere nobody asks.
#[cfg(not(unix))]
pub fn private_file(_: &Path, _: Secrecy) -> Option<Finding> {
    None
}
