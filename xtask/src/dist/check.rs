//! `cargo xtask dist check`: the Debian package in a fresh Debian, from the first installation to the purge.

use crate::dist::chroot::Chroot;
use crate::dist::files;
use crate::dist::release::Release;
use crate::dist::server::Server;
use crate::dist::{build, deb, previous, tools};
use crate::error::Error;
use crate::root::run as run_command;
use std::path::{Path, PathBuf};
use std::process::Command;

pub(super) const FIXTURE: &str = "fixtures/packages/qt6/hello.ampkg";
pub(super) const FIXTURE_ID: &str = "org.example.hello";
pub(super) const DATA: &str = "/var/lib/amps";
const OPTIONS: &str = "/etc/default/amps";
const ENABLED: &str = "/etc/systemd/system/multi-user.target.wants/amps.service";

/// Who a server in a container is (xtask/packaging/Containerfile).
const CONTAINER_USER: &str = "65532";

/// As the unit starts it, as far as that can be said without systemd.
const AS_SERVICE: &[&str] = &[
    "setpriv",
    "--reuid=amps",
    "--regid=amps",
    "--init-groups",
    "--no-new-privs",
    "--inh-caps=-all",
    "--bounding-set=-all",
    "/usr/bin/amps",
    "serve",
    "--dd",
    DATA,
    "--la",
    "localhost:0",
];

pub(super) fn run(release: &Release, previous: Option<&Path>) -> Result<(), Error> {
    tools::require(&[tools::BUILD, tools::DEB, tools::CHECK])?;
    if !rustix::process::geteuid().is_root() {
        return Err(Error::unable("only root can install packages in a root of their own"));
    }
    let programs = build::programs(release)?;
    let apart = Release { dist: release.work.join("check"), ..release.clone() };
    files::empty(&apart.dist)?;
    let first = deb::build(&apart, &programs, &release.version)?;
    let newer = deb::build(&apart, &programs, &format!("{}+newer", release.version))?;
    run_command(Command::new("lintian").args(["--fail-on", "error,warning", "--allow-root"]).arg(&first))?;
    let package = release.root.join(FIXTURE);
    in_empty_root(release, &programs, &package)?;
    let debian = Debian { chroot: Chroot::debian(release)?, package, work: release.work.clone() };
    debian.goes_away_without_traces(&first)?;
    debian.installs(&first)?;
    debian.serves_as_its_user()?;
    debian.upgrades(&newer)?;
    debian.is_removed_and_purged(&newer)?;
    if let Some(previous) = previous {
        previous::upgrade(&debian, previous, &newer)?;
    }
    println!("the package installs, serves, upgrades and goes; data stays");
    Ok(())
}

/// A Debian to install in, and what is uploaded there.
pub(super) struct Debian {
    pub(super) chroot: Chroot,
    pub(super) package: PathBuf,
    work: PathBuf,
}

impl Debian {
    fn goes_away_without_traces(&self, package: &Path) -> Result<(), Error> {
        step("an installation that was never used goes away");
        let before = self.chroot.files()?;
        self.chroot.install(package)?;
        self.chroot.run(&["dpkg", "--purge", "amps"])?;
        let after = self.chroot.files()?;
        let left: Vec<&String> = after.iter().filter(|file| before.binary_search(file).is_err()).collect();
        expect(left.is_empty(), &format!("files are left: {left:?}"))?;
        expect(!self.chroot.has(DATA), "an empty data directory is left")
    }

    fn installs(&self, package: &Path) -> Result<(), Error> {
        step("installation");
        self.chroot.install(package)?;
        let modified = self.chroot.output(&["dpkg", "--verify", "amps"])?;
        expect(modified.is_empty(), &format!("files are not those of the package: {modified}"))?;
        expect(self.chroot.has(ENABLED), "the service is not enabled")?;
        for (path, expected) in [(DATA, "amps:amps 750"), ("/etc/amps/secrets", "root:root 700")] {
            let found = self.chroot.output(&["stat", "--format", "%U:%G %a", path])?;
            expect(
                found.trim() == expected,
                &format!("{path}: expected {expected}, found {}", found.trim()),
            )?;
        }
        for program in super::release::PROGRAMS {
            self.chroot.run(&[program, "--version"])?;
        }
        Ok(())
    }

    fn serves_as_its_user(&self) -> Result<(), Error> {
        step("serving as its own user");
        let server = self.start()?;
        let expected = self.chroot.output(&["id", "--user", "amps"])?;
        expect(server.user()? == expected.trim() && expected.trim() != "0", "it runs as somebody else")?;
        server.upload(&self.package)?;
        server.stop()?;
        self.serves_what_was_uploaded()
    }

    /// An upgrade keeps the data, what the administrator has changed, and that the service is switched off.
    fn upgrades(&self, newer: &Path) -> Result<(), Error> {
        step("upgrade");
        let changed = "AMPS_OPTIONS=\"--project-id CHANGED\"\n";
        let options = self.chroot.path().join(OPTIONS.trim_start_matches('/'));
        std::fs::write(&options, changed).map_err(|error| Error::io(&options, &error))?;
        self.chroot.run(&["rm", ENABLED])?;
        self.chroot.install(newer)?;
        let version = self.chroot.output(&["dpkg-query", "--show", "--showformat=${Version}", "amps"])?;
        expect(version.contains("+newer"), &format!("the version is {version}"))?;
        expect(files::read(&options)? == changed, "the options are not those of the administrator")?;
        expect(!self.chroot.has(ENABLED), "a service that was switched off is on again")?;
        self.serves_what_was_uploaded()
    }

    fn is_removed_and_purged(&self, package: &Path) -> Result<(), Error> {
        step("removal and purge");
        self.chroot.run(&["dpkg", "--remove", "amps"])?;
        expect(
            !self.chroot.has("/usr/bin/amps") && self.chroot.has(OPTIONS),
            "removed too much or too little",
        )?;
        self.chroot.install(package)?;
        self.serves_what_was_uploaded()?;
        self.chroot.run(&["dpkg", "--purge", "amps"])?;
        expect(!self.chroot.has(OPTIONS) && !self.chroot.has("/etc/amps"), "configuration is left")?;
        let kept = format!("{DATA}/.packages/{FIXTURE_ID}_all.ampkg");
        expect(self.chroot.has(&kept), "the purge took packages of the operator with it")?;
        self.chroot.install(package)?;
        self.serves_what_was_uploaded()
    }

    pub(super) fn start(&self) -> Result<Server, Error> {
        Server::start(&mut self.chroot.command(AS_SERVICE))
    }

    pub(super) fn serves_what_was_uploaded(&self) -> Result<(), Error> {
        let server = self.start()?;
        serves(&server, &self.package, &self.work.join("downloaded"))?;
        server.stop()
    }
}

/// A program that needs nothing of the system serves from a root that has nothing, as in a container.
fn in_empty_root(release: &Release, programs: &Path, package: &Path) -> Result<(), Error> {
    step("an empty root, as in a container");
    let root = files::Tree::new(release.work.join("empty-root"))?;
    root.copy(&programs.join("amps"), "usr/bin/amps", 0o755)?;
    let data = root.folder("data", 0o750)?;
    run_command(Command::new("chown").arg(format!("{CONTAINER_USER}:{CONTAINER_USER}")).arg(&data))?;
    let mut command = Command::new("chroot");
    command.arg(format!("--userspec={CONTAINER_USER}:{CONTAINER_USER}")).arg(root.path());
    command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    let server =
        Server::start(command.args(["/usr/bin/amps", "serve", "--dd", "/data", "--la", "localhost:0"]))?;
    expect(server.user()? == CONTAINER_USER, "it runs as somebody else")?;
    server.upload(package)?;
    serves(&server, package, &release.work.join("downloaded"))?;
    server.stop()
}

fn serves(server: &Server, package: &Path, downloaded: &Path) -> Result<(), Error> {
    let list = server.list()?;
    expect(list.contains(FIXTURE_ID), &format!("the package is not listed: {list}"))?;
    server.download(FIXTURE_ID, downloaded)?;
    expect(files::sha256(downloaded)? == files::sha256(package)?, "other bytes than were uploaded")
}

pub(super) fn step(name: &str) {
    println!("==> {name}");
}

pub(super) fn expect(is_so: bool, otherwise: &str) -> Result<(), Error> {
    if is_so { Ok(()) } else { Err(Error::failed(otherwise)) }
}
