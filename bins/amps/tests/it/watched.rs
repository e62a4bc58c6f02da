//! A server whose console is looked at while it runs.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command},
    time::Instant,
};

use crate::{
    process::{amps, run},
    scene::PATIENCE,
};

/// A server that writes its console and its log into files.
pub(crate) struct Watched {
    child: Child,
    folder: tempfile::TempDir,
}

impl Watched {
    /// Serves a data directory, and waits until it listens.
    pub(crate) fn start(data: &Path) -> Self {
        Self::with(amps().args(["serve", "--la", "localhost:0", "--dd"]).arg(data))
    }

    pub(crate) fn with(command: &mut Command) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = |name| File::create(folder.path().join(name)).unwrap();
        let child = command.stdout(file("stdout")).stderr(file("stderr")).spawn().unwrap();
        let watched = Self { child, folder };
        watched.wait_for("> HTTP server listening on: ");
        watched
    }

    /// All that it has printed.
    pub(crate) fn text(&self) -> String {
        fs::read_to_string(self.folder.path().join("stdout")).unwrap()
    }

    /// What it has printed since it listened.
    pub(crate) fn news(&self) -> String {
        let text = self.text();
        let (_, news) = text.split_once("> HTTP server listening on: ").unwrap();
        news.split_once('\n').unwrap().1.to_owned()
    }

    pub(crate) fn wait_for(&self, text: &str) {
        let deadline = Instant::now() + PATIENCE;
        while !self.text().contains(text) {
            assert!(Instant::now() < deadline, "this is not printed: {text}\nbut this:\n{}", self.text());
            std::thread::yield_now();
        }
    }

    /// What `curl` prints for these arguments and the server's URL with `path` behind it.
    pub(crate) fn curl(&self, arguments: &[&str], path: &str) -> String {
        let text = self.text();
        let (_, address) = text.split_once("HTTP server listening on: ").unwrap();
        let url = format!("http://{}{path}", address.split_once('\n').unwrap().0);
        let mut curl = Command::new("curl");
        run(curl.args(["--silent", "--noproxy", "*", "--max-time", "60"]).args(arguments).arg(url)).1
    }

    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Ends it; returns the exit code and what it wrote to standard error.
    pub(crate) fn end(mut self) -> (Option<i32>, String) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        let code = self.child.wait().unwrap().code();
        (code, fs::read_to_string(self.folder.path().join("stderr")).unwrap())
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A data directory that no server has used yet, with a folder in it.
pub(crate) fn with_folder(name: &str) -> (tempfile::TempDir, PathBuf) {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().join(name);
    fs::create_dir(&folder).unwrap();
    (data, folder)
}
