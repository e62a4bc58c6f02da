//! What the tests put before a server, and how they wait for it.

use std::{
    fs,
    io::Write as _,
    net::TcpStream,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use amps_testkit::PackageBuilder;

use crate::process::Server;

/// How long anything may take that happens soon. Only a failing test waits that long.
pub(crate) const PATIENCE: Duration = Duration::from_mins(2);

/// Waits until something is so.
pub(crate) fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < deadline, "after {PATIENCE:?} still not: {what}");
        std::thread::yield_now();
    }
}

/// Writes a package with this id and so many bytes that cannot be compressed; returns the file.
pub(crate) fn package(folder: &Path, id: &str, version: &str, bytes: usize) -> PathBuf {
    let mut state = 1_u32;
    let noise: Vec<u8> = (0..bytes)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        })
        .collect();
    let file = folder.join(format!("{id} {version}.ampkg"));
    fs::write(&file, PackageBuilder::hello().id(id).version(version).file("noise", noise).build()).unwrap();
    file
}

/// The names of the files in a folder, sorted.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

impl Server {
    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    pub(crate) fn is_listening(&self) -> bool {
        TcpStream::connect(self.address()).is_ok()
    }

    fn address(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    /// Sends the head of an upload, and the first bytes of it.
    pub(crate) fn begin_upload(&self, bytes: &[u8], sent: usize) -> TcpStream {
        let mut stream = self.connect();
        write!(stream, "PUT /package/upload HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n", bytes.len())
            .unwrap();
        stream.write_all(&bytes[..sent]).unwrap();
        stream
    }

    /// Uploads a file; says whether the server has acknowledged it.
    pub(crate) fn has_taken(&self, file: &Path) -> bool {
        self.upload(file).contains(r#""status":"ok""#)
    }

    /// The same for removing a package.
    pub(crate) fn has_removed(&self, id: &str) -> bool {
        let answer = self.curl(&["--data", &format!("id={id}")], "/package/remove");
        String::from_utf8(answer).unwrap().contains(r#""status":"ok""#)
    }

    /// The bytes of a package as a client sees them that checks whether they are whole; none if they are not, or if it is not there.
    pub(crate) fn download_whole(&self, id: &str) -> Option<Vec<u8>> {
        let output = Command::new("curl")
            .args(["--silent", "--fail", "--noproxy", "*", "--max-time", "60"])
            .arg(format!("{}/package/download?id={id}", self.url))
            .output()
            .unwrap();
        output.status.success().then_some(output.stdout)
    }

    /// The bytes of a package; nothing if it is not there.
    pub(crate) fn download(&self, id: &str) -> Vec<u8> {
        self.curl(&["--fail"], &format!("/package/download?id={id}"))
    }
}
