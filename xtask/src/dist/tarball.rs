//! The archive: programs, man pages, completions, unit and licences below one folder.

use crate::dist::files::Tree;
use crate::dist::release::{PROGRAMS, Release};
use crate::dist::{manual, notices};
use crate::error::Error;
use crate::root::run;
use std::path::Path;
use std::process::Command;

pub(super) fn build(release: &Release, programs: &Path) -> Result<(), Error> {
    let name = release.name();
    let tree = Tree::new(release.work.join("archive").join(&name))?;
    for program in PROGRAMS {
        tree.copy(&programs.join(program), &format!("bin/{program}"), 0o755)?;
    }
    manual::install(release, programs, &tree, "share")?;
    let unit = release.packaging("systemd/amps.service");
    tree.copy(&unit, "share/doc/amps/amps.service", 0o644)?;
    for file in ["README.md", "CHANGELOG.md", "SECURITY.md", "LICENSE-MIT", "LICENSE-APACHE"] {
        tree.copy(&release.root.join(file), &format!("share/doc/amps/{file}"), 0o644)?;
    }
    tree.write("share/doc/amps/THIRD-PARTY-NOTICES", notices::text(release)?.as_bytes(), 0o644)?;
    // Everything that tar would note of this machine is fixed: order, times, owners.
    run(Command::new("tar")
        .args(["--create", "--format=gnu", "--sort=name", "--owner=0", "--group=0", "--numeric-owner"])
        .arg(format!("--mtime=@{}", release.epoch))
        .args(["--use-compress-program", "gzip -9n", "--directory"])
        .arg(release.work.join("archive"))
        .arg("--file")
        .arg(release.dist.join(format!("{name}.tar.gz")))
        .arg(&name))
}
