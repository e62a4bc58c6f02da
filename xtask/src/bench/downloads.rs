//! What it costs to sign a download for each device.

use crate::bench::compare::{Pair, Side};
use crate::bench::measure::{self, Cost};
use crate::bench::process::CpuTime;
use crate::bench::server::{Server, programs};
use crate::bench::{client, inputs};
use crate::error::Error;
use crate::root::{Root, not_started, shown};
use std::process::Command;
use std::thread::available_parallelism;
use std::time::Duration;

/// Downloads of the large package in a round: about a second.
pub(super) const LARGE_DOWNLOADS: u64 = 40;

/// Downloads of the small package in a round: a second or two.
const SMALL_DOWNLOADS: u64 = 6_000;

/// Connections that ask for small packages at the same time.
const CONNECTIONS: u64 = 8;

/// How long `openssl speed` signs, and then verifies. Seconds.
const OPENSSL_SECONDS: u32 = 3;

/// A package of 33 MB, signed for a device that has not asked before, beside the same file as it is.
pub(super) fn large(root: &Root) -> Result<Pair, Error> {
    let package = inputs::package(root, &programs(root)?.join("amps-packager"))?;
    let side = |server: Server, label: &str| -> Result<Side, Error> {
        server.upload(&package)?;
        Ok(Side { label: label.to_owned(), run: downloading(server, LARGE_DOWNLOADS, 1) })
    };
    Ok(Pair {
        a: side(Server::start_signing(root)?, "40 downloads of 33 MB, each signed for another device")?,
        b: side(Server::start(root)?, "40 downloads of 33 MB as it was uploaded")?,
    })
}

/// Packages of 10 kB, each signed for another device, beside as many RSA signatures made by `openssl speed` on all cores.
pub(super) fn small(root: &Root) -> Result<Pair, Error> {
    let package = inputs::small_package(root, &programs(root)?.join("amps-packager"))?;
    let server = Server::start_signing(root)?;
    server.upload(&package)?;
    let cores = available_parallelism().map_err(|error| Error::io("the number of cores", &error))?.get();
    Ok(Pair {
        a: Side {
            label: "6000 downloads of 10 kB, each signed for another device".to_owned(),
            run: downloading(server, SMALL_DOWNLOADS, CONNECTIONS),
        },
        b: Side {
            label: format!("openssl speed -multi {cores} rsa2048: as many signatures"),
            run: Box::new(move || openssl(cores)),
        },
    })
}

/// Downloads the package so many times over so many connections, for devices that never asked before.
pub(super) fn downloading(
    server: Server,
    count: u64,
    connections: u64,
) -> Box<dyn FnMut() -> Result<Cost, Error>> {
    let mut next = 0;
    Box::new(move || {
        let devices = next..next + count;
        next = devices.end;
        measure::during(server.pid(), || {
            client::download(server.address(), inputs::PACKAGE_ID, devices, connections)
        })
    })
}

/// What `openssl speed` would need for as many signatures as there are small downloads. It runs for a fixed time and prints how
/// many it made in a second; half of its time it verifies. Its memory says nothing.
fn openssl(cores: usize) -> Result<Cost, Error> {
    let mut command = Command::new("openssl");
    command.args(["speed", "-elapsed", "-seconds", &OPENSSL_SECONDS.to_string()]);
    command.args(["-multi", &cores.to_string(), "rsa2048"]);
    let this = std::process::id();
    let before = CpuTime::of(this)?;
    // It tells its progress on the other stream.
    let output = command.output().map_err(|error| not_started(&command, &error))?;
    let cpu = CpuTime::of(this)?.children.saturating_sub(before.children);
    let text = String::from_utf8_lossy(&output.stdout);
    let rate = signatures_per_second(&text).ok_or_else(|| {
        Error::unable(format!("`{}` prints no rate of signatures: {text}", shown(&command)))
    })?;
    #[allow(clippy::cast_precision_loss, reason = "a few thousand")]
    let wall_seconds = SMALL_DOWNLOADS as f64 / rate;
    let cpu_seconds = cpu.as_secs_f64() / 2.0 / f64::from(OPENSSL_SECONDS) * wall_seconds;
    let [wall, cpu] = [wall_seconds, cpu_seconds].map(Duration::from_secs_f64);
    Ok(Cost { wall, cpu, peak_memory_bytes: 0 })
}

/// From a line such as `rsa 2048 bits 0.000216s 0.000013s   4627.2  75000.0`: time to sign and to verify, signatures and
/// verifications in a second.
fn signatures_per_second(text: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.trim_start().strip_prefix("rsa 2048 bits"))?;
    let rate = line.split_whitespace().nth(2)?.parse().ok()?;
    (rate > 0.0).then_some(rate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_rate_of_openssl() {
        let text = "version: 3.0.19\n                  sign    verify    sign/s verify/s\n\
            rsa 2048 bits 0.000216s 0.000013s   4627.2  75000.0\n";
        assert_eq!(signatures_per_second(text), Some(4627.2));
        assert_eq!(signatures_per_second("rsa 2048 bits 0.0s 0.0s 0.0 0.0"), None);
        assert_eq!(signatures_per_second("rsa 1024 bits"), None);
    }
}
