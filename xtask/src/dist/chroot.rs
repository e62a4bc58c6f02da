//! A Debian that has only what every Debian has, in a folder.

use crate::dist::files;
use crate::dist::release::Release;
use crate::error::Error;
use crate::root::{output, run};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The oldest release that the package is for.
const SUITE: &str = "bookworm";

/// The folder; what is mounted in it is unmounted at the end.
#[derive(Debug)]
pub(super) struct Chroot(PathBuf);

impl Chroot {
    /// A fresh one.
    pub(super) fn debian(release: &Release) -> Result<Self, Error> {
        Self::with(release, "debian", &[])
    }

    /// The same with what it takes to boot it.
    pub(super) fn debian_that_boots(release: &Release) -> Result<Self, Error> {
        Self::with(release, "debian-that-boots", &["systemd-sysv", "dbus", "curl"])
    }

    /// What debootstrap makes is kept: making it again takes a minute and a mirror.
    fn with(release: &Release, name: &str, packages: &[&str]) -> Result<Self, Error> {
        let pristine = release.work.join(format!("{name}-{SUITE}"));
        if !pristine.is_dir() {
            let unfinished = release.work.join("debian-unfinished");
            files::empty(&unfinished)?;
            let mut debootstrap = Command::new("debootstrap");
            debootstrap.arg("--variant=minbase");
            if !packages.is_empty() {
                debootstrap.arg(format!("--include={}", packages.join(",")));
            }
            run(debootstrap.arg(SUITE).arg(&unfinished))
                .map_err(|error| error.with_hint("it needs a Debian mirror; `http_proxy` counts"))?;
            std::fs::rename(&unfinished, &pristine).map_err(|error| Error::io(&pristine, &error))?;
        }
        let root = release.work.join("root");
        files::empty(&root)?;
        run(Command::new("cp").args(["--archive", "--no-target-directory"]).args([&pristine, &root]))?;
        let chroot = Self(root);
        run(Command::new("mount").args(["-t", "proc", "proc"]).arg(chroot.path().join("proc")))?;
        Ok(chroot)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// A command in it, as root.
    pub(super) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new("chroot");
        command.arg(&self.0).args(words);
        command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").env("LC_ALL", "C.UTF-8");
        command.env("DEBIAN_FRONTEND", "noninteractive");
        command
    }

    pub(super) fn run(&self, words: &[&str]) -> Result<(), Error> {
        run(&mut self.command(words))
    }

    pub(super) fn output(&self, words: &[&str]) -> Result<String, Error> {
        output(&mut self.command(words))
    }

    /// Installs or upgrades to a package of this machine.
    pub(super) fn install(&self, package: &Path) -> Result<(), Error> {
        files::copy(package, &self.0.join("tmp/amps.deb"), 0o644)?;
        self.run(&["dpkg", "--install", "/tmp/amps.deb"])
    }

    pub(super) fn has(&self, path: &str) -> bool {
        self.0.join(path.trim_start_matches('/')).symlink_metadata().is_ok()
    }

    /// All files, but for those in which the system notes what was done.
    pub(super) fn files(&self) -> Result<Vec<String>, Error> {
        let listed = self.output(&["find", "/", "-xdev", "-not", "-type", "d"])?;
        let is_note = |path: &&str| {
            ["/var/log/", "/var/lib/dpkg/", "/tmp/", "/run/", "/var/cache/"]
                .iter()
                .any(|folder| path.starts_with(folder))
        };
        let is_copy = |path: &&str| path.starts_with("/etc/") && path.ends_with('-');
        let mut files: Vec<String> =
            listed.lines().filter(|path| !is_note(path) && !is_copy(path)).map(ToOwned::to_owned).collect();
        files.sort();
        Ok(files)
    }
}

impl Drop for Chroot {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.join("proc")).status();
    }
}
