//! What clients that stand still cost the others.

use crate::bench::client::Connection;
use crate::bench::compare::{Pair, Side};
use crate::bench::disturbance::Disturbance;
use crate::bench::inputs;
use crate::bench::measure::{self, Cost};
use crate::bench::server::{Server, programs};
use crate::error::Error;
use crate::root::Root;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// Requests in a round.
const HELLOS: usize = 1_000;

const HELLO: &str = "/hello?project-id=PROJECT";

/// What a client measures that does nothing wrong.
#[derive(Clone, Copy)]
enum Measured {
    FreshConnections,
    OneConnection,
    Upload,
}

/// `hello`, each over a new connection.
pub(super) fn hello_on_fresh_connections(root: &Root) -> Result<Pair, Error> {
    beside_an_idle_server(root, Measured::FreshConnections)
}

/// `hello` over a connection that stays open.
pub(super) fn hello_on_one_connection(root: &Root) -> Result<Pair, Error> {
    beside_an_idle_server(root, Measured::OneConnection)
}

/// An upload of 1 MB.
pub(super) fn upload(root: &Root) -> Result<Pair, Error> {
    beside_an_idle_server(root, Measured::Upload)
}

/// The same server in both sides, disturbed in one of them.
fn beside_an_idle_server(root: &Root, measured: Measured) -> Result<Pair, Error> {
    let packager = programs(root)?.join("amps-packager");
    let uploaded = inputs::other_package(root, &packager)?;
    let downloaded = inputs::package_of_noise(root, &packager, "32m.ampkg", 32_000_000)?;
    let server = Server::start(root)?;
    // It stays there as the package that is downloaded: what is uploaded has another id.
    server.upload(&downloaded)?;
    let scene = Rc::new(Scene { server, uploaded });
    let other = Rc::clone(&scene);
    let what = match measured {
        Measured::FreshConnections => "99th percentile of 1000 `hello`, each over a new connection",
        Measured::OneConnection => "99th percentile of 1000 `hello` over one connection",
        Measured::Upload => "upload of 1 MB",
    };
    Ok(Pair {
        a: Side {
            label: format!("{what}, beside 500 clients that stand still and 50 that upload 1 kB/s"),
            run: Box::new(move || scene.disturbed(measured)),
        },
        b: Side {
            label: "the same without them".to_owned(),
            run: Box::new(move || other.measure(measured, "alone")),
        },
    })
}

struct Scene {
    server: Server,
    uploaded: PathBuf,
}

impl Scene {
    fn disturbed(&self, measured: Measured) -> Result<Cost, Error> {
        let package = fs::read(&self.uploaded).map_err(|error| Error::io(&self.uploaded, &error))?;
        let download = format!("/package/download?id={}", inputs::PACKAGE_ID);
        let disturbance = Disturbance::new(self.server.address(), (&package, package.len()), &download)?;
        // Connections are accepted in their order: when one that came later has its answer, all are there.
        self.hello().map_err(|error| Error::failed(format!("hello: {error}")))?;
        let cost = self.measure(measured, "disturbed")?;
        disturbance.end()?;
        Ok(cost)
    }

    /// The time is that of the slowest request but 1 in 100, or of the upload.
    fn measure(&self, measured: Measured, how: &str) -> Result<Cost, Error> {
        let mut times = Vec::new();
        let cost = measure::during(self.server.pid(), || {
            match measured {
                Measured::FreshConnections => {
                    for _ in 0..HELLOS {
                        times.push(self.hello().map_err(|error| Error::failed(format!("hello: {error}")))?);
                    }
                }
                Measured::OneConnection => {
                    times = self.hellos().map_err(|error| Error::failed(format!("hello: {error}")))?;
                }
                Measured::Upload => {
                    let start = Instant::now();
                    self.server.upload(&self.uploaded)?;
                    times.push(start.elapsed());
                }
            }
            Ok(())
        })?;
        if matches!(measured, Measured::Upload) {
            self.server.remove(inputs::OTHER_PACKAGE_ID)?;
        }
        times.sort_unstable();
        let [half, most, all] = [500, 990, 1000].map(|of_1000| percentile(&times, of_1000));
        eprintln!("{how}: p50 {half:.2?}, p99 {most:.2?}, max {all:.2?}");
        Ok(Cost { wall: most, ..cost })
    }

    /// One request over a new connection, from the connection to the last byte.
    fn hello(&self) -> io::Result<Duration> {
        let start = Instant::now();
        Connection::open(self.server.address())?.exchange(HELLO, "", &mut io::sink())?.expect_status(200)?;
        Ok(start.elapsed())
    }

    /// Requests one after the other over a connection.
    fn hellos(&self) -> io::Result<Vec<Duration>> {
        let mut connection = Connection::open(self.server.address())?;
        let hello = |_| {
            let start = Instant::now();
            connection.exchange(HELLO, "", &mut io::sink())?.expect_status(200)?;
            Ok(start.elapsed())
        };
        (0..HELLOS).map(hello).collect()
    }
}

/// The smallest of the sorted times that so many of 1000 do not exceed.
fn percentile(sorted: &[Duration], of_1000: usize) -> Duration {
    let rank = (sorted.len() * of_1000).div_ceil(1000);
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_were_measured() {
        let times: Vec<_> = (1..=1000).map(Duration::from_millis).collect();
        let at = |of_1000| percentile(&times, of_1000).as_millis();
        assert_eq!((at(500), at(990), at(1000)), (500, 990, 1000));
        assert_eq!(percentile(&times[..1], 990).as_millis(), 1);
    }
}
