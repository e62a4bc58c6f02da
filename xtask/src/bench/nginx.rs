//! nginx as it is set up to serve files fast: the other side of downloads and lists.

use crate::bench::identity::Identity;
use crate::error::Error;
use crate::root::{Root, not_started};
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// The programs that comparisons with nginx need, and the packages of Debian that have them.
pub(super) const NEEDED: &str = "Debian has nginx, wrk and curl in packages of these names";

/// How long it may take to listen.
const START_TIMEOUT: Duration = Duration::from_secs(10);

/// nginx with one worker, on a folder of its own; ends when it is dropped.
pub(super) struct Nginx {
    process: Child,
    worker: u32,
    address: String,
    folder: PathBuf,
}

impl Nginx {
    /// Serves copies of these files under their names, and of those that end in `.gz` the compressed form of the others.
    pub(super) fn start(root: &Root, name: &str, files: &[(&str, &Path)]) -> Result<Self, Error> {
        Self::with(root, name, files, None)
    }

    /// The same over TLS, if there is a certificate.
    pub(super) fn with(
        root: &Root,
        name: &str,
        files: &[(&str, &Path)],
        identity: Option<&Identity>,
    ) -> Result<Self, Error> {
        let folder = root.join("target/bench").join(name);
        let _ = fs::remove_dir_all(&folder);
        let served = folder.join("served");
        fs::create_dir_all(&served).map_err(|error| Error::io(&served, &error))?;
        for (name, file) in files {
            fs::copy(file, served.join(name)).map_err(|error| Error::io(file, &error))?;
        }
        // It cannot say which port it got, so it is told one that was free a moment ago.
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let address = free.map_err(|error| Error::io("a free port", &error))?.to_string();
        let configuration = folder.join("nginx.conf");
        fs::write(&configuration, self::configuration(&address, identity))
            .map_err(|error| Error::io(&configuration, &error))?;
        let mut command = command(&folder);
        let mut process = command
            .stdin(Stdio::null())
            .spawn()
            .map_err(|error| not_started(&command, &error).with_hint(NEEDED))?;
        let worker = match wait_for_worker(&mut process, &address) {
            Ok(worker) => worker,
            Err(error) => {
                let _ = process.kill();
                let _ = process.wait();
                return Err(error);
            }
        };
        Ok(Self { process, worker, address, folder })
    }

    /// The process that does the work.
    pub(super) fn worker(&self) -> u32 {
        self.worker
    }

    /// Where it listens.
    pub(super) fn address(&self) -> &str {
        &self.address
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Killing the master would leave the worker.
        let mut stop = command(&self.folder);
        let stopped = stop.args(["-s", "stop"]).stderr(Stdio::null()).status();
        if !stopped.is_ok_and(|status| status.success()) {
            let _ = self.process.kill();
        }
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn command(folder: &Path) -> Command {
    let mut command = Command::new("nginx");
    command.arg("-p").arg(folder).args(["-e", "stderr", "-c", "nginx.conf"]);
    command
}

/// `sendfile`, `tcp_nopush` and the limits are what Debian's file has, or more.
fn configuration(address: &str, identity: Option<&Identity>) -> String {
    let (secured, files) = identity.map_or_else(Default::default, |Identity { certificate, key }| {
        let (certificate, key) = (certificate.display(), key.display());
        (
            " ssl",
            format!(
                "ssl_certificate {certificate}; ssl_certificate_key {key}; ssl_protocols TLSv1.2 TLSv1.3;"
            ),
        )
    });
    format!(
        "\
user root; # of no effect unless root starts it: the worker must be able to read where root can
daemon off;
worker_processes 1;
pid nginx.pid;
error_log stderr error;
events {{ worker_connections 768; }}
http {{
    client_body_temp_path temporary;
    proxy_temp_path temporary;
    fastcgi_temp_path temporary;
    uwsgi_temp_path temporary;
    scgi_temp_path temporary;
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 1000000000;
    gzip_static on;
    types {{ application/json json; }}
    default_type application/octet-stream;
    server {{ listen {address}{secured}; {files} root served; }}
}}
"
    )
}

/// Waits until it listens; the process id of its worker.
fn wait_for_worker(process: &mut Child, address: &str) -> Result<u32, Error> {
    let children = format!("/proc/{0}/task/{0}/children", process.id());
    let deadline = Instant::now() + START_TIMEOUT;
    while Instant::now() < deadline {
        if let Ok(Some(status)) = process.try_wait() {
            return Err(Error::unable(format!("nginx ended with {status}")));
        }
        let worker = fs::read_to_string(&children).map_err(|error| Error::io(&children, &error))?;
        if let (Ok(worker), Ok(_)) = (worker.trim().parse(), TcpStream::connect(address)) {
            return Ok(worker);
        }
        thread::sleep(Duration::from_millis(5));
    }
    Err(Error::unable(format!("nginx does not listen on {address} with one worker")))
}
