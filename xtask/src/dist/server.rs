//! A server that was installed, and what a client sees of it.

use crate::error::Error;
use crate::root::{not_started, output, run};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

/// It listens on a port that the system has chosen.
#[derive(Debug)]
pub(super) struct Server {
    child: Child,
    /// Open until the end: a server whose console is closed would be another test.
    _console: BufReader<ChildStdout>,
    url: String,
}

impl Server {
    /// Starts it and waits until it listens.
    pub(super) fn start(command: &mut Command) -> Result<Self, Error> {
        let mut child =
            command.stdout(Stdio::piped()).spawn().map_err(|error| not_started(command, &error))?;
        let Some(stdout) = child.stdout.take() else {
            return Err(Error::unable("the server's console is not there"));
        };
        let mut console = BufReader::new(stdout);
        loop {
            let mut line = String::new();
            let length =
                console.read_line(&mut line).map_err(|error| Error::io("the server's console", &error))?;
            if length == 0 {
                let status = child.wait().map_err(|error| Error::io("the server", &error))?;
                return Err(Error::failed(format!("the server did not listen, it ended with {status}")));
            }
            if let Some((_, address)) = line.trim_end().split_once("HTTP server listening on: ") {
                return Ok(Self { child, url: format!("http://{address}"), _console: console });
            }
        }
    }

    /// The user that it runs as.
    pub(super) fn user(&self) -> Result<String, Error> {
        let path = format!("/proc/{}/status", self.child.id());
        let status = super::files::read(Path::new(&path))?;
        let uid = status.lines().find_map(|line| line.strip_prefix("Uid:")?.split_whitespace().next());
        Ok(uid.unwrap_or_default().to_owned())
    }

    pub(super) fn upload(&self, package: &Path) -> Result<(), Error> {
        let url = format!("{}/package/upload", self.url);
        run(curl().args(["--output", "/dev/null", "--upload-file"]).arg(package).arg(url))
    }

    pub(super) fn download(&self, id: &str, to: &Path) -> Result<(), Error> {
        run(curl().arg("--output").arg(to).arg(format!("{}/package/download?id={id}", self.url)))
    }

    pub(super) fn list(&self) -> Result<String, Error> {
        output(curl().arg(format!("{}/package/list", self.url)))
    }

    /// Ends it as systemd does.
    pub(super) fn stop(mut self) -> Result<(), Error> {
        run(Command::new("kill").args(["-TERM", &self.child.id().to_string()]))?;
        let status = self.child.wait().map_err(|error| Error::io("the server", &error))?;
        if status.success() { Ok(()) } else { Err(Error::failed(format!("the server ended with {status}"))) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn curl() -> Command {
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--show-error", "--fail", "--noproxy", "*", "--max-time", "60"]);
    curl
}
