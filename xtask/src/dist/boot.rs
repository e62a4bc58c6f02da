//! `cargo xtask dist boot`: the service in a Debian that has booted, under its own systemd.

use crate::dist::check::{DATA, FIXTURE, FIXTURE_ID, expect, step};
use crate::dist::chroot::Chroot;
use crate::dist::release::Release;
use crate::dist::{build, deb, files, tools};
use crate::error::Error;
use crate::root::{not_started, output, run as run_command};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Longer than the unit's `WatchdogSec=` and its restart together.
const PATIENCE: Duration = Duration::from_mins(3);

pub(super) fn run(release: &Release) -> Result<(), Error> {
    tools::require(&[tools::BUILD, tools::DEB, tools::CHECK, tools::BOOT])?;
    let programs = build::programs(release)?;
    let apart = Release { dist: release.work.join("boot"), ..release.clone() };
    files::empty(&apart.dist)?;
    let first = deb::build(&apart, &programs, &release.version)?;
    let newer = deb::build(&apart, &programs, &format!("{}+newer", release.version))?;
    let chroot = Chroot::debian_that_boots(release)?;
    chroot.install(&first)?;
    files::copy(&release.root.join(FIXTURE), &chroot.path().join("srv/package"), 0o644)?;
    files::copy(&newer, &chroot.path().join("srv/newer.deb"), 0o644)?;
    let booted = Booted::start(chroot)?;
    booted.serves_from_the_boot_on()?;
    booted.is_restarted_by_the_watchdog()?;
    booted.upgrades_while_it_runs()?;
    booted.ends_well()?;
    println!("the service starts with the system, is watched, restarted, upgraded and ended");
    Ok(())
}

/// A system that runs; killed at the end.
struct Booted {
    container: Child,
    /// Its folder, which must stay until the system has ended.
    _chroot: Chroot,
}

impl Booted {
    fn start(chroot: Chroot) -> Result<Self, Error> {
        let mut command = Command::new("systemd-nspawn");
        command.args(["--quiet", "--register=no", "--private-network", "--boot", "--console=pipe"]);
        command.arg("--directory").arg(chroot.path());
        // Its own hierarchy, also where the machine has both.
        command.env("SYSTEMD_NSPAWN_UNIFIED_HIERARCHY", "1");
        // Only a systemd could give it a unit of its own.
        if !Path::new("/run/systemd/system").exists() {
            command.arg("--keep-unit");
        }
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let container = command.spawn().map_err(|error| not_started(&command, &error))?;
        Ok(Self { container, _chroot: chroot })
    }

    fn serves_from_the_boot_on(&self) -> Result<(), Error> {
        step("the service is up when the system is");
        self.until("the service runs", || self.is("ActiveState", "active"))?;
        expect(self.property("Type")? == "notify", "the unit waits for no notification")?;
        self.command(&["curl", "-sSf", "-T", "/srv/package", "http://localhost:8020/package/upload"])?;
        self.serves()
    }

    fn is_restarted_by_the_watchdog(&self) -> Result<(), Error> {
        step("a server that stands still is restarted");
        self.command(&["systemctl", "kill", "--kill-whom=main", "--signal=STOP", "amps"])?;
        self.until("the watchdog has restarted it", || Ok(self.property("NRestarts")? != "0"))?;
        self.until("it runs again", || self.is("ActiveState", "active"))?;
        self.serves()
    }

    fn upgrades_while_it_runs(&self) -> Result<(), Error> {
        step("upgrade while it runs");
        let before = self.property("MainPID")?;
        self.command(&["dpkg", "--install", "/srv/newer.deb"])?;
        self.until("it runs again", || self.is("ActiveState", "active"))?;
        expect(self.property("MainPID")? != before, "the old program still runs")?;
        self.serves()?;
        self.command(&["runuser", "-u", "amps", "--", "amps", "doctor", "--dd", DATA]).map(drop)
    }

    fn ends_well(&self) -> Result<(), Error> {
        step("stop");
        self.command(&["systemctl", "stop", "amps"])?;
        expect(self.property("Result")? == "success", "it did not end well")
    }

    fn serves(&self) -> Result<(), Error> {
        let list = self.command(&["curl", "-sSf", "http://localhost:8020/package/list"])?;
        expect(list.contains(FIXTURE_ID), &format!("the package is not listed: {list}"))
    }

    fn is(&self, property: &str, value: &str) -> Result<bool, Error> {
        Ok(self.property(property)? == value)
    }

    /// What its systemd says of the unit.
    fn property(&self, name: &str) -> Result<String, Error> {
        let shown = self.command(&["systemctl", "show", "amps", "--value", "--property", name])?;
        Ok(shown.trim().to_owned())
    }

    /// Waits for something that comes by itself.
    fn until(&self, what: &str, is_so: impl Fn() -> Result<bool, Error>) -> Result<(), Error> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let found = is_so();
            if matches!(found, Ok(true)) {
                return Ok(());
            }
            if Instant::now() > deadline {
                found?;
                let log = self.command(&["journalctl", "--unit=amps", "--no-pager"])?;
                return Err(Error::failed(format!("waited in vain until {what}\n{log}")));
            }
            std::thread::sleep(Duration::from_millis(500));
        }
    }

    /// Runs something in it, as root; what it prints.
    fn command(&self, words: &[&str]) -> Result<String, Error> {
        let children = format!("/proc/{0}/task/{0}/children", self.container.id());
        let children = files::read(Path::new(&children))?;
        let Some(init) = children.split_whitespace().next() else {
            return Err(Error::failed("the container did not start"));
        };
        let mut command = Command::new("nsenter");
        command.args(["--target", init, "--all"]).args(words);
        command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").env("LC_ALL", "C.UTF-8");
        output(&mut command)
    }
}

impl Drop for Booted {
    fn drop(&mut self) {
        // It ends the whole system with it.
        let _ = run_command(Command::new("kill").args(["-TERM", &self.container.id().to_string()]));
        let _ = self.container.wait();
    }
}
