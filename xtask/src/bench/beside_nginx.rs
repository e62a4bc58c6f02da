//! Downloads of packages beside nginx, which serves the same files.

use crate::bench::compare::{Pair, Side};
use crate::bench::identity::Identity;
use crate::bench::inputs;
use crate::bench::measure::{self, Cost};
use crate::bench::nginx::{NEEDED, Nginx};
use crate::bench::server::{Server, programs};
use crate::error::Error;
use crate::root::{Root, not_started, run, shown};
use std::process::Command;
use std::time::Duration;

/// How long `wrk` asks in a round. Seconds.
const WRK_SECONDS: u32 = 3;

/// Downloads of 32 MB in a round: about a second.
const CURL_DOWNLOADS: u32 = 40;

/// What the package is named under which nginx serves it.
const FILE: &str = "package.ampkg";

/// 4 KB, over eight connections.
pub(super) fn four_kilobytes(root: &Root) -> Result<Pair, Error> {
    by_wrk(root, "4 kB", 3_000, 100_000, Transport::Open)
}

/// 1 MB, over eight connections.
pub(super) fn one_megabyte(root: &Root) -> Result<Pair, Error> {
    by_wrk(root, "1 MB", 1_000_000, 5_000, Transport::Open)
}

/// The same over TLS, with the cipher that the client asks for first: AES-256-GCM.
pub(super) fn one_megabyte_secured(root: &Root) -> Result<Pair, Error> {
    by_wrk(root, "1 MB", 1_000_000, 1_500, Transport::Tls)
}

/// 32 MB, one after the other over one connection.
pub(super) fn thirty_two_megabytes(root: &Root) -> Result<Pair, Error> {
    by_curl(root, Transport::Open)
}

/// The same over TLS and HTTP/1.1.
pub(super) fn thirty_two_megabytes_secured(root: &Root) -> Result<Pair, Error> {
    by_curl(root, Transport::Tls)
}

/// How clients reach both servers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Transport {
    Open,
    Tls,
}

impl Transport {
    fn scheme(self) -> &'static str {
        match self {
            Self::Open => "http",
            Self::Tls => "https",
        }
    }
}

fn by_curl(root: &Root, transport: Transport) -> Result<Pair, Error> {
    let (server, nginx) = both(root, "32m", 32_000_000, transport)?;
    let scheme = transport.scheme();
    let what = format!("{CURL_DOWNLOADS} downloads of 32 MB by curl over {scheme}");
    let at_nginx = format!("{scheme}://{}/{FILE}?", nginx.address());
    let at_amps = format!("{scheme}://{}/package/download?id={}&", server.address(), inputs::PACKAGE_ID);
    Ok(Pair {
        a: Side {
            label: format!("{what} (server)"),
            run: Box::new(move || measure::during(server.pid(), || curl(&at_amps))),
        },
        b: Side {
            label: "the same from nginx (worker)".to_owned(),
            run: Box::new(move || measure::during(nginx.worker(), || curl(&at_nginx))),
        },
    })
}

/// What so many requests cost at the rate that `wrk` finds.
fn by_wrk(
    root: &Root,
    size: &str,
    noise_bytes: u64,
    requests: u32,
    transport: Transport,
) -> Result<Pair, Error> {
    let name = size.replace(' ', "").to_lowercase();
    let (server, nginx) = both(root, &name, noise_bytes, transport)?;
    let scheme = transport.scheme();
    let at_nginx = format!("{scheme}://{}/{FILE}", nginx.address());
    let at_amps = format!("{scheme}://{}/package/download?id={}", server.address(), inputs::PACKAGE_ID);
    Ok(Pair {
        a: Side {
            label: format!("{requests} downloads of {size} by wrk -t1 -c8 over {scheme} (server)"),
            run: Box::new(move || wrk(server.pid(), &at_amps, requests)),
        },
        b: Side {
            label: "the same from nginx (worker)".to_owned(),
            run: Box::new(move || wrk(nginx.worker(), &at_nginx, requests)),
        },
    })
}

/// The server with a package, and nginx with the same file.
fn both(root: &Root, name: &str, noise_bytes: u64, transport: Transport) -> Result<(Server, Nginx), Error> {
    let packager = programs(root)?.join("amps-packager");
    let package = inputs::package_of_noise(root, &packager, &format!("{name}.ampkg"), noise_bytes)?;
    if transport == Transport::Tls {
        let identity = Identity::new(root)?;
        let nginx = Nginx::with(root, &format!("nginx-tls-{name}"), &[(FILE, &package)], Some(&identity))?;
        return Ok((Server::start_secured(root, &identity, &package)?, nginx));
    }
    let nginx = Nginx::start(root, &format!("nginx-{name}"), &[(FILE, &package)])?;
    let server = Server::start(root)?;
    server.upload(&package)?;
    Ok((server, nginx))
}

fn curl(address: &str) -> Result<(), Error> {
    let mut command = Command::new("curl");
    command.args(["--silent", "--show-error", "--fail", "--output", "/dev/null"]);
    // Over TLS, curl would speak HTTP/2 with amps and HTTP/1.1 with nginx.
    command.args(["--http1.1", "--insecure"]);
    command.arg(format!("{address}n=[1-{CURL_DOWNLOADS}]"));
    run(&mut command).map_err(|error| error.with_hint(NEEDED))
}

fn wrk(pid: u32, address: &str, requests: u32) -> Result<Cost, Error> {
    let mut command = Command::new("wrk");
    command.args(["-t1", "-c8", &format!("-d{WRK_SECONDS}s"), address]);
    let mut text = String::new();
    let cost = measure::during(pid, || {
        let output = command.output().map_err(|error| not_started(&command, &error).with_hint(NEEDED))?;
        text = String::from_utf8_lossy(&output.stdout).into_owned();
        Ok(())
    })?;
    let Answered { count, per_second } = Answered::parse(&text)
        .ok_or_else(|| Error::failed(format!("`{}` did not go well: {text}", shown(&command))))?;
    let requests = f64::from(requests);
    Ok(Cost {
        wall: Duration::from_secs_f64(requests / per_second),
        cpu: cost.cpu.mul_f64(requests / count),
        ..cost
    })
}

/// What `wrk` says of a run.
#[derive(Debug, PartialEq)]
struct Answered {
    count: f64,
    per_second: f64,
}

impl Answered {
    /// Nothing if a request failed.
    fn parse(text: &str) -> Option<Self> {
        if text.contains("Socket errors") || text.contains("Non-2xx") {
            return None;
        }
        let mut lines = text.lines().map(str::trim);
        let count = lines.find_map(|line| line.split_once(" requests in "))?.0.parse().ok()?;
        let per_second = lines.find_map(|line| line.strip_prefix("Requests/sec:"))?.trim().parse().ok()?;
        (per_second > 0.0 && count > 0.0).then_some(Self { count, per_second })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Running 3s test @ http://127.0.0.1:1/\n  1 threads and 8 connections\n  \
        127000 requests in 3.10s, 500MB read\nRequests/sec:  41000.25\nTransfer/sec:    160MB\n";

    #[test]
    fn reads_what_wrk_prints() {
        assert_eq!(Answered::parse(TEXT), Some(Answered { count: 127_000.0, per_second: 41_000.25 }));
    }

    #[test]
    fn a_request_that_failed_is_no_result() {
        for bad in [
            TEXT.replace("Requests", "  Non-2xx or 3xx responses: 1\nRequests"),
            TEXT.replace("Requests", "  Socket errors: connect 0, read 1, write 0, timeout 0\nRequests"),
            TEXT.replace("41000.25", "0.00"),
            String::new(),
        ] {
            assert_eq!(Answered::parse(&bad), None, "{bad}");
        }
    }
}
