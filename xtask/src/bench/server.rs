//! The server under measurement, and just enough of a client for it.

use crate::bench::identity::Identity;
use crate::error::Error;
use crate::root::{Root, run};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A release build of `amps serve` on a data directory of its own; ends when it is dropped.
pub(super) struct Server {
    process: Child,
    address: String,
    /// Where its deployment server listens, if it has one.
    deployment: Option<String>,
    /// What goes with it.
    data: Option<PathBuf>,
}

/// Builds the programs that are measured, as a user gets them, and returns the folder that they lie in.
pub(super) fn programs(root: &Root) -> Result<PathBuf, Error> {
    run(root.cargo().args(["build", "--release", "--bin", "amps", "--bin", "amps-packager"]))?;
    Ok(root.join("target/release"))
}

/// A folder under `target/bench` with nothing in it.
pub(super) fn empty_data_directory(root: &Root, folder: &str) -> Result<PathBuf, Error> {
    let data = root.join("target/bench").join(folder);
    match fs::remove_dir_all(&data) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::io(&data, &error)),
        _ => Ok(data),
    }
}

impl Server {
    /// Starts it on an empty data directory and a free port.
    pub(super) fn start(root: &Root) -> Result<Self, Error> {
        Self::with(root, "data", |_| {})
    }

    /// The same, with a store key: downloads are signed, and uploads prepared for it.
    pub(super) fn start_signing(root: &Root) -> Result<Self, Error> {
        let key = root.join("fixtures/pki/store.p12");
        Self::with(root, "data-signing", |command| {
            command.arg("--sc").arg(key).env("AMPS_STORE_SIGN_PASSWORD", "password");
        })
    }

    /// One that speaks TLS, and has this package.
    pub(super) fn start_secured(root: &Root, identity: &Identity, package: &Path) -> Result<Self, Error> {
        let data = empty_data_directory(root, "data-tls")?;
        let program = programs(root)?.join("amps");
        let open = Self::launch(&program, &data, |_| {})?;
        open.upload(package)?;
        open.stop()?;
        let mut server = Self::launch(&program, &data, |command| {
            command.arg("--tls-certificate").arg(&identity.certificate).arg("--tls-key").arg(&identity.key);
        })?;
        server.data = Some(data);
        Ok(server)
    }

    /// `folder` is the data directory: two servers may run at the same time.
    fn with(root: &Root, folder: &str, change: impl FnOnce(&mut Command)) -> Result<Self, Error> {
        let data = empty_data_directory(root, folder)?;
        let program = programs(root)?.join("amps");
        let mut server = Self::launch(&program, &data, change)?;
        server.data = Some(data);
        Ok(server)
    }

    /// Starts it on a data directory that is there and stays there, and returns when it listens.
    pub(super) fn launch(
        program: &Path,
        data: &Path,
        change: impl FnOnce(&mut Command),
    ) -> Result<Self, Error> {
        let mut command = Command::new(program);
        command.args(["serve", "--la", "localhost:0", "--dd"]).arg(data).stdout(Stdio::piped());
        change(&mut command);
        let process = command.spawn().map_err(|error| Error::io(program, &error))?;
        // From here on it ends with this value, whatever goes wrong.
        let mut server = Self { process, address: String::new(), deployment: None, data: None };
        let console = server.process.stdout.take().ok_or_else(|| Error::unable("no console"))?;
        let mut lines = BufReader::new(console).lines();
        server.address = loop {
            let line = lines.next().ok_or_else(|| Error::unable("the server ended before it listened"))?;
            let line = line.map_err(|error| Error::io(program, &error))?;
            if let Some((_, address)) = line.split_once("Deployment server listening on: ") {
                server.deployment = Some(address.to_owned());
            }
            if let Some((_, address)) = line.split_once("HTTP server listening on: ") {
                break address.to_owned();
            }
        };
        // Somebody must read on, or the server would stand still when the pipe is full.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(server)
    }

    /// Ends it as an administrator does, and waits until it has ended.
    pub(super) fn stop(mut self) -> Result<(), Error> {
        let pid = rustix::process::Pid::from_child(&self.process);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM)
            .map_err(|error| Error::io("the server", &error.into()))?;
        let status = self.process.wait().map_err(|error| Error::io("the server", &error))?;
        if status.success() {
            return Ok(());
        }
        Err(Error::failed(format!("the server ended with {status}")))
    }

    pub(super) fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Where it listens.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// Where its deployment server listens.
    pub(super) fn deployment_address(&self) -> Result<&str, Error> {
        self.deployment.as_deref().ok_or_else(|| Error::unable("the server has no deployment server"))
    }

    /// Uploads a package and returns when the server has stored it.
    pub(super) fn upload(&self, package: &Path) -> Result<(), Error> {
        let mut file = File::open(package).map_err(|error| Error::io(package, &error))?;
        let length = file.metadata().map_err(|error| Error::io(package, &error))?.len();
        let answer = self.request("PUT", "/package/upload", length, &mut file)?;
        if answer.contains("\"status\":\"ok\"") {
            return Ok(());
        }
        Err(Error::unable(format!("the server refused {}: {answer}", package.display())))
    }

    /// Takes the package with this id out again.
    pub(super) fn remove(&self, id: &str) -> Result<(), Error> {
        self.request("POST", &format!("/package/remove?id={id}"), 0, &mut io::empty()).map(drop)
    }

    fn request(&self, method: &str, target: &str, length: u64, body: &mut dyn Read) -> Result<String, Error> {
        let mut exchange = || -> io::Result<String> {
            let mut stream = TcpStream::connect(&self.address)?;
            write!(
                stream,
                "{method} {target} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n"
            )?;
            io::copy(body, &mut stream)?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            Ok(answer)
        };
        exchange().map_err(|error| Error::unable(format!("{method} {target}: {error}")))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        if let Some(data) = &self.data {
            let _ = fs::remove_dir_all(data);
        }
    }
}
