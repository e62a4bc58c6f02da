//! The program as a process.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
};

pub(crate) use amps_testkit::run;

pub(crate) fn amps() -> Command {
    amps_testkit::program(env!("CARGO_BIN_EXE_amps"))
}

/// A file in `fixtures/packages`.
pub(crate) fn fixture(name: &str) -> PathBuf {
    amps_testkit::fixture("packages").join(name)
}

/// A server that listens.
pub(crate) struct Server {
    child: Child,
    stdout: BufReader<ChildStdout>,
    /// What it printed before.
    pub(crate) banner: String,
    pub(crate) url: String,
}

impl Server {
    pub(crate) fn start(data: &Path) -> Self {
        Self::with(amps().args(["serve", "--la", "localhost:0", "--dd"]).arg(data))
    }

    pub(crate) fn with(command: &mut Command) -> Self {
        Self::with_log(command, Stdio::piped())
    }

    /// The same with standard error going somewhere else.
    pub(crate) fn with_log(command: &mut Command, stderr: Stdio) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(stderr).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut banner = String::new();
        let address = loop {
            let mut line = String::new();
            assert!(stdout.read_line(&mut line).unwrap() > 0, "it ended: {banner}");
            banner.push_str(&line);
            if let Some((_, address)) = line.trim_end().split_once("HTTP server listening on: ") {
                break address.to_owned();
            }
        };
        Self { child, stdout, banner, url: format!("http://{address}") }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal, as `kill -NAME` does.
    pub(crate) fn signal(&self, name: &str) {
        let status =
            Command::new("kill").arg(format!("-{name}")).arg(self.pid().to_string()).status().unwrap();
        assert!(status.success());
    }

    /// Waits for its end: exit code, what it printed after the banner, and standard error.
    pub(crate) fn wait(mut self) -> (Option<i32>, String, String) {
        let mut stdout = String::new();
        self.stdout.read_to_string(&mut stdout).unwrap();
        let mut stderr = String::new();
        if let Some(mut piped) = self.child.stderr.take() {
            piped.read_to_string(&mut stderr).unwrap();
        }
        (self.child.wait().unwrap().code(), stdout, stderr)
    }

    /// What `curl` prints for these arguments and the server's URL with `path` behind it.
    pub(crate) fn curl(&self, arguments: &[&str], path: &str) -> Vec<u8> {
        let output = Command::new("curl")
            .args(["--silent", "--show-error", "--noproxy", "*", "--max-time", "60"])
            .args(arguments)
            .arg(format!("{}{path}", self.url))
            .output()
            .unwrap();
        output.stdout
    }

    pub(crate) fn upload(&self, package: &Path) -> String {
        String::from_utf8(self.curl(&["--upload-file", package.to_str().unwrap()], "/package/upload"))
            .unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
