//! A server with packages and users, behind a gate.

use std::{
    cell::OnceCell,
    env, fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::{Child, ChildStdout, Stdio},
};

use tempfile::TempDir;

use crate::gate::Gate;

/// The password of every user.
pub(crate) const PASSWORD: &str = "open sesame";

/// The server that is looked at. `cargo xtask paint` names a release build.
fn program() -> String {
    env::var("UI_PROGRAM").unwrap_or_else(|_| env!("CARGO_BIN_EXE_amps").to_owned())
}

/// A data directory and whoever serves it.
pub(crate) struct Scene {
    pub(crate) data: TempDir,
    pub(crate) gate: Gate,
    /// What goes on its command line.
    options: Vec<String>,
    /// Uploads everything; made when it is needed.
    token: OnceCell<String>,
    server: Option<Server>,
}

struct Server {
    child: Child,
    _stdout: BufReader<ChildStdout>,
    address: SocketAddr,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Scene {
    /// Everybody on this machine may read, upload and remove; there is nothing yet.
    pub(crate) fn new() -> Self {
        Self::with_options(&[])
    }

    /// Whoever is not signed in may do nothing. `ada` is staff, `joe` is not.
    pub(crate) fn with_users() -> Self {
        let scene = Self::with_options(&["--anonymous-access", "none"]);
        scene.create_users();
        scene
    }

    pub(crate) fn with_options(options: &[&str]) -> Self {
        let data = tempfile::tempdir().unwrap();
        // A store that keeps several releases of a package.
        let configuration = "formatType: amps-configuration\nformatVersion: 1\n---\n\
             deploymentServer: { listenAddress: 'localhost:0', noSecurity: true }\n";
        fs::write(data.path().join("amps-config.yaml"), configuration).unwrap();
        let options = options.iter().map(ToString::to_string).collect();
        let mut scene = Self { data, gate: Gate::new(), options, token: OnceCell::new(), server: None };
        scene.start();
        scene
    }

    pub(crate) fn create_users(&self) {
        self.command_with_password(&["create-superuser", "--username", "ada", "--password-stdin"]);
        self.command_with_password(&["create-user", "--username", "joe", "--password-stdin"]);
    }

    /// What browsers are to open.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.gate.address)
    }

    /// Where the server itself is, for what the gate would slow down.
    pub(crate) fn address(&self) -> SocketAddr {
        self.server.as_ref().unwrap().address
    }

    /// Starts the server, and opens the gate.
    pub(crate) fn start(&mut self) {
        let mut child = amps_testkit::program(&program())
            .args(["serve", "--la", "localhost:0", "--dd"])
            .arg(self.data.path())
            .args(&self.options)
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut banner = String::new();
        let address = loop {
            let start = banner.len();
            assert!(stdout.read_line(&mut banner).unwrap() > 0, "it ended: {banner}");
            if let Some((_, address)) = banner[start..].trim_end().split_once("HTTP server listening on: ") {
                break std::net::ToSocketAddrs::to_socket_addrs(address).unwrap().next().unwrap();
            }
        };
        self.server = Some(Server { child, _stdout: stdout, address });
        self.gate.open(address);
    }

    /// Kills the server, as a power cut would; the gate stays as it is.
    pub(crate) fn kill(&mut self) {
        self.server = None;
    }

    /// Runs a command of `amps` that asks for a password.
    fn command_with_password(&self, words: &[&str]) {
        let mut child = amps_testkit::program(&program())
            .args(words)
            .arg("--dd")
            .arg(self.data.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        writeln!(child.stdin.take().unwrap(), "{PASSWORD}").unwrap();
        assert!(child.wait().unwrap().success(), "{words:?}");
    }

    /// Runs a command of `amps` on the data directory; returns what it prints.
    pub(crate) fn command(&self, words: &[&str]) -> String {
        let mut command = amps_testkit::program(&program());
        let (code, stdout, stderr) = amps_testkit::run(command.args(words).arg("--dd").arg(self.data.path()));
        assert_eq!(code, Some(0), "{words:?}: {stderr}");
        stdout
    }

    /// Puts packages into the store, as commands do that have the right to.
    pub(crate) fn add(&self, packages: &[Vec<u8>]) {
        let folder = tempfile::tempdir().unwrap();
        for (index, package) in packages.iter().enumerate() {
            let file = folder.path().join(format!("{index}.ampkg"));
            fs::write(&file, package).unwrap();
        }
        self.add_files(folder.path());
    }

    fn add_files(&self, folder: &Path) {
        let token = self.token.get_or_init(|| {
            let printed = self.command(&["token", "create", "--role", "upload", "--name", "ci"]);
            printed.lines().last().unwrap().trim().to_owned()
        });
        let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort_by_key(|file| file.file_stem().unwrap().to_str().unwrap().parse::<u32>().unwrap());
        for file in files {
            let answer = self.put(&fs::read(&file).unwrap(), token);
            assert!(answer.contains("\"status\":\"ok\""), "{answer}");
        }
    }

    /// Uploads a package past the gate; returns the whole answer.
    fn put(&self, package: &[u8], token: &str) -> String {
        let mut stream = TcpStream::connect(self.address()).unwrap();
        let head = format!(
            "PUT /package/upload HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {token}\r\nContent-Length: {}\r\n\r\n",
            package.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(package).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}
