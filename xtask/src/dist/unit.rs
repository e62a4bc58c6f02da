//! The systemd unit, as systemd itself judges it.

use crate::dist::files;
use crate::error::Error;
use crate::root::{Root, run};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What it may be exposed to, in tenths of what `systemd-analyze security` says. A service that talks to the network and lives in
/// the host's root cannot get much lower.
const HIGHEST_EXPOSURE_TENTHS: u32 = 12;

pub(super) fn check(root: &Root) -> Result<(), Error> {
    super::tools::require(&[super::tools::UNIT])?;
    let unit = root.join("xtask/packaging/systemd/amps.service");
    let stand_in = stand_in(root, &unit)?;
    run(Command::new("systemd-analyze").args(["--man=no", "verify"]).arg(&stand_in))?;
    run(Command::new("systemd-analyze")
        .args(["security", "--offline=true", "--no-pager"])
        .arg(format!("--threshold={HIGHEST_EXPOSURE_TENTHS}"))
        .arg(&unit))
}

/// The unit with a program that is there: the check looks for it.
fn stand_in(root: &Root, unit: &Path) -> Result<PathBuf, Error> {
    let folder = root.join("target/dist-work/unit");
    files::empty(&folder)?;
    let text = files::read(unit)?.replace("ExecStart=/usr/bin/amps ", "ExecStart=/bin/sh ");
    let copy = folder.join("amps.service");
    std::fs::write(&copy, text).map_err(|error| Error::io(&copy, &error))?;
    Ok(copy)
}
