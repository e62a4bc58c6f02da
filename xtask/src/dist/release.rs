//! What is shipped, as which version, and where it is put together.

use crate::error::Error;
use crate::metadata;
use crate::root::{Root, output};
use std::path::PathBuf;
use std::process::Command;

/// The system that the programs are for: any Linux on this processor, whatever its C library.
pub(super) const TARGET: &str = "x86_64-unknown-linux-musl";

/// The same in Debian's words.
pub(super) const DEBIAN_ARCHITECTURE: &str = "amd64";

/// The programs that are shipped, each the only one of the package of its name.
pub(super) const PROGRAMS: &[&str] = &["amps", "amps-packager", "amps-store-sign"];

/// One release of this tree.
#[derive(Debug, Clone)]
pub(super) struct Release {
    pub(super) root: PathBuf,
    pub(super) cargo: PathBuf,
    pub(super) version: String,
    /// Seconds since 1970: the time of every file, so that building later gives the same bytes.
    pub(super) epoch: u64,
    /// What is shipped.
    pub(super) dist: PathBuf,
    /// What it is made of, on the way.
    pub(super) work: PathBuf,
    /// Where cargo builds it: apart from everyday builds, which have other flags.
    pub(super) build: PathBuf,
}

impl Release {
    pub(super) fn of(root: &Root) -> Result<Self, Error> {
        let members = metadata::members(root)?;
        let program = members
            .iter()
            .find(|member| member.name == PROGRAMS[0])
            .ok_or_else(|| Error::unable(format!("the workspace has no `{}`", PROGRAMS[0])))?;
        Ok(Self {
            root: root.path().to_path_buf(),
            cargo: root.cargo().get_program().into(),
            version: program.version.clone(),
            epoch: epoch(root)?,
            dist: root.join("target/dist"),
            work: root.join("target/dist-work"),
            build: root.join("target/dist-build"),
        })
    }

    /// A file that packages are made with.
    pub(super) fn packaging(&self, path: &str) -> PathBuf {
        self.root.join("xtask/packaging").join(path)
    }

    /// The name of the archive, and of the folder in it.
    pub(super) fn name(&self) -> String {
        format!("amps-{}-{TARGET}", self.version)
    }

    pub(super) fn cargo(&self) -> Command {
        let mut command = Command::new(&self.cargo);
        // Nothing in the programs depends on the time of the commit; cargo would build them anew for each.
        command.current_dir(&self.root);
        command
    }
}

/// `SOURCE_DATE_EPOCH`, or the time of the commit.
fn epoch(root: &Root) -> Result<u64, Error> {
    let (text, origin) = if let Ok(text) = std::env::var("SOURCE_DATE_EPOCH") {
        (text, "SOURCE_DATE_EPOCH")
    } else {
        let mut git = Command::new("git");
        git.current_dir(root.path()).args(["log", "-1", "--format=%ct"]);
        let hint = "outside a clone of the repository, set SOURCE_DATE_EPOCH";
        (output(&mut git).map_err(|error| error.with_hint(hint))?, "git")
    };
    parse_epoch(text.trim()).ok_or_else(|| {
        Error::unable(format!("{origin}: found `{}`, expected seconds since 1970", text.trim()))
    })
}

fn parse_epoch(text: &str) -> Option<u64> {
    // `u64::from_str` takes a sign.
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_is_digits_only() {
        assert_eq!(parse_epoch("1700000000"), Some(1_700_000_000));
        for text in ["", "+1", "-1", "1.5", "yesterday", "99999999999999999999"] {
            assert_eq!(parse_epoch(text), None, "{text}");
        }
    }
}
