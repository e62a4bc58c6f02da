//! A server that runs in this process, on a data directory and a port of its own.

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    net::SocketAddr,
    path::Path,
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use amps_core::Certificates;
use amps_server::{Console, ServeOptions, ServerLimits, Settings, serve};
use tempfile::TempDir;
use tokio::sync::oneshot;

/// How long anything may take; no test waits for it unless it fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Running {
    pub(crate) data: TempDir,
    pub(crate) address: SocketAddr,
    /// Where the deployment server listens, if there is one.
    pub(crate) deployment: Option<SocketAddr>,
    /// Where those who run it listen, if that is anywhere.
    pub(crate) management: Option<SocketAddr>,
    console: Lines,
    shutdown: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Lines {
    fn text(&self) -> String {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        anstream::adapter::strip_str(&text).to_string()
    }
}

impl Running {
    pub(crate) fn start() -> Self {
        Self::with(Settings::default())
    }

    pub(crate) fn with(settings: Settings) -> Self {
        Self::on(tempfile::tempdir().unwrap(), settings)
    }

    /// With other limits than the defaults.
    pub(crate) fn limited(set: impl FnOnce(&mut ServerLimits)) -> Self {
        let mut settings = Settings::default();
        set(&mut settings.limits);
        Self::with(settings)
    }

    pub(crate) fn on(data: TempDir, settings: Settings) -> Self {
        Self::with_certificates(data, settings, Certificates::default())
    }

    /// A server that verifies developers and signs, as far as there are certificates and a key.
    pub(crate) fn with_certificates(data: TempDir, settings: Settings, certificates: Certificates) -> Self {
        let has_deployment = settings.deployment.is_some();
        let has_management = settings.management.is_some();
        let options = ServeOptions {
            data_directory: data.path().into(),
            listen_address: "localhost:0".parse().unwrap(),
            settings,
        };
        let console = Lines::default();
        let (shutdown, requested) = oneshot::channel();
        let out = Arc::new(Console::new(console.clone()));
        let thread = thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
            let stopped = async { drop(requested.await) };
            runtime.block_on(serve(options, certificates, "a test", out, stopped)).unwrap();
        });
        let address_behind = |heading: &str| {
            eventually(|| {
                let text = console.text();
                let (_, rest) = text.split_once(heading)?;
                rest.lines().next()?.split('/').next()?.parse().ok()
            })
        };
        let address = address_behind("HTTP server listening on: ");
        let deployment = has_deployment.then(|| address_behind("Deployment server listening on: "));
        let management = has_management.then(|| address_behind("Management listening on: "));
        let (shutdown, thread) = (Some(shutdown), Some(thread));
        Self { data, address, deployment, management, console, shutdown, thread }
    }

    /// Everything that was printed.
    pub(crate) fn console(&self) -> String {
        self.console.text()
    }

    /// Asks the server to end.
    pub(crate) fn request_shutdown(&mut self) {
        drop(self.shutdown.take());
    }

    /// Waits until it has ended.
    pub(crate) fn join(&mut self) {
        self.thread.take().unwrap().join().unwrap();
    }

    /// Ends it and gives the data directory back.
    pub(crate) fn stop(mut self) -> TempDir {
        self.request_shutdown();
        self.join();
        std::mem::replace(&mut self.data, tempfile::tempdir().unwrap())
    }

    /// Every file that the store has, by name, with its content; without the catalog's, which change when they are read.
    pub(crate) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        collect(self.data.path(), self.data.path(), &mut files);
        files.retain(|name, _| !name.contains("catalog.db"));
        files
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.request_shutdown();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, files);
        } else if let Ok(bytes) = fs::read(&path) {
            files.insert(path.strip_prefix(root).unwrap().to_string_lossy().into_owned(), bytes);
        }
    }
}

/// Asks until there is an answer.
pub(crate) fn eventually<T>(mut ask: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < deadline, "it did not happen within {PATIENCE:?}");
        thread::sleep(Duration::from_millis(5));
    }
}
