//! A small disk of a test's own, which can be filled and made read-only.

use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use crate::{process::amps, scene::wait_until};

/// A file system in memory that only the processes started through it see. Gone with this value.
pub(crate) struct Disk {
    /// Keeps the mount namespace.
    holder: Child,
    folder: tempfile::TempDir,
}

impl Disk {
    /// Mounts one with so much room. None where the system does not let this user mount anything, which is said on the terminal.
    pub(crate) fn new(size_kib: u64) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let script =
            format!("mount -t tmpfs -o size={size_kib}k tmpfs \"$0\" && touch \"$0/.mounted\" && exec cat");
        let holder = Command::new("unshare")
            .args(["--map-root-user", "--mount", "sh", "-c", &script])
            .arg(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("the command `unshare` (util-linux)");
        let disk = Self { holder, folder };
        wait_until("it is mounted, or cannot be", || {
            disk.inside(["test", "-e", ".mounted"]).status.success() || disk.has_ended()
        });
        if disk.has_ended() {
            // Not `eprintln!`: a test that passes would keep it to itself.
            let _ = io::stderr().write_all(
                b"\nnote: this system lets no test mount a disk: of full and read-only disks hardly anything is tested\n",
            );
            return None;
        }
        Some(disk)
    }

    fn has_ended(&self) -> bool {
        // A process that has ended and was not waited for has no namespace any more.
        std::fs::read_link(format!("/proc/{}/ns/mnt", self.holder.id())).is_err()
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.path().join("data")
    }

    fn enter(&self) -> Command {
        let mut command = Command::new("nsenter");
        command.args([
            "--preserve-credentials",
            "--user",
            "--mount",
            "--target",
            &self.holder.id().to_string(),
        ]);
        command
    }

    /// Runs a command in the root of the disk.
    pub(crate) fn inside<'a>(&self, command: impl IntoIterator<Item = &'a str>) -> Output {
        let mut enter = self.enter();
        enter.args(["sh", "-c", "cd \"$0\" && \"$@\""]).arg(self.path()).args(command);
        enter.output().expect("the command `nsenter` (util-linux)")
    }

    /// Runs a line of shell in the root of the disk.
    pub(crate) fn shell(&self, line: &str) -> String {
        let output = self.inside(["sh", "-c", line]);
        String::from_utf8(output.stdout).unwrap()
    }

    /// `amps serve` with a data directory on the disk.
    pub(crate) fn serve(&self) -> Command {
        let mut command = self.enter();
        command.arg(amps().get_program()).args(["serve", "--la", "localhost:0", "--dd"]).arg(self.data());
        command.env("NO_COLOR", "1").stdin(Stdio::null());
        command
    }

    /// Leaves so much room and no more.
    pub(crate) fn leave(&self, free_kib: u64) {
        self.shell("rm -f filler");
        let free: u64 = self.shell("df --output=avail -k . | tail -n 1").trim().parse().unwrap();
        let filled = free.saturating_sub(free_kib);
        self.shell(&format!("head -c {} /dev/zero > filler", filled * 1024));
    }

    pub(crate) fn make_room(&self) {
        self.shell("rm -f filler");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}
