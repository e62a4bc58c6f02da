//! `cargo xtask day`: what a fleet asks of a server in a day, as fast as it answers.
//!
//! Nothing is simulated but the pauses, which are left out: the same requests, over as many connections, with the uploads,
//! refusals, removals, logins and clients that go away in between. What grows with requests (memory that nobody frees, descriptors that nobody
//! closes, tables without a bound) shows after a day of them, not after a second.

mod plan;
mod scene;
mod tally;
mod verdict;
mod visit;

use crate::arguments::Arguments;
use crate::bench::server::{Server, programs};
use crate::error::Error;
use crate::root::Root;
use plan::{Hour, Visit};
use scene::Scene;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use tally::{Sample, Tally};

pub(crate) const HELP: &str = "\
What a fleet of 10,000 devices asks of a server in a day (lists, downloads that are signed for each device, purchases, logins, uploads, refusals,
removals, uploads in pieces, clients that go away), without the pauses, as a Markdown table of latencies, memory, and open files by the hour.

Usage: cargo xtask day [--hours N]

  --hours N    how many hours (default 24)

Fails if an answer is not the expected one, if the memory of the last quarter of the day is more than 1.15 of that of the second, if files
stay open, or if the slowest hundredth of the answers of the last quarter take more than twice as long as those of the second.
Needs Linux (/proc) and an otherwise idle machine. Builds the programs in release mode; takes some 10 minutes.
";

const DEFAULT_HOURS: u32 = 24;

/// Clients at the same time.
const CLIENTS: usize = 4;

/// How long a server may take to see that its clients have gone.
const CLOSING: Duration = Duration::from_secs(20);

pub(crate) fn run_day(root: &Root, mut arguments: Arguments) -> Result<(), Error> {
    let mut hours = DEFAULT_HOURS;
    while let Some(word) = arguments.next() {
        match word.as_str() {
            "--hours" => hours = arguments.value(&word, "a number of hours")?,
            _ => return Err(Error::unable(format!("unknown option `{word}`, expected `--hours N`"))),
        }
    }
    if hours == 0 {
        return Err(Error::unable("`--hours` needs at least 1, found `0`"));
    }
    let mut scene = Scene::new(root, &programs(root)?)?;
    let server = scene.start()?;
    let fresh = Sample::of(server.pid(), scene.data())?;
    eprintln!("before the first hour: {fresh}");
    print!("{}", tally::HEAD);
    let mut day = Vec::new();
    for hour in 0..hours {
        let plan = Hour::new(hour, &mut scene)?;
        let mut tally = spend(&server, &scene, plan)?;
        tally.sample = settled(&server, &scene, fresh.sockets)?;
        print!("{}", tally.row(hour));
        day.push(tally);
    }
    server.stop()?;
    verdict::judge(&day)
}

/// Everything of an hour, by so many clients; each takes the visit that comes next.
fn spend(server: &Server, scene: &Scene, plan: Hour) -> Result<Tally, Error> {
    let (start, next) = (Instant::now(), AtomicUsize::new(0));
    let visits: Vec<Mutex<Option<Visit>>> =
        plan.visits.into_iter().map(|visit| Mutex::new(Some(visit))).collect();
    let tallies = thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|_| {
                scope.spawn(|| {
                    let mut tally = Tally::default();
                    while let Some(place) = visits.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let visit = place.lock().ok().and_then(|mut place| place.take());
                        if let Some(visit) = visit {
                            visit.make(server, scene, &mut tally);
                        }
                    }
                    tally
                })
            })
            .collect();
        clients.into_iter().map(|client| client.join().ok()).collect::<Option<Vec<_>>>()
    });
    let tallies = tallies.ok_or_else(|| Error::unable("the thread of a client panicked"))?;
    let mut tally = tallies.into_iter().fold(Tally::default(), Tally::with);
    tally.took = start.elapsed();
    Ok(tally)
}

/// What the server has when it has seen that its clients are gone: when it has no more sockets than before the first one.
fn settled(server: &Server, scene: &Scene, fresh: usize) -> Result<Sample, Error> {
    let start = Instant::now();
    loop {
        let sample = Sample::of(server.pid(), scene.data())?;
        if sample.sockets <= fresh || start.elapsed() > CLOSING {
            return Ok(sample);
        }
        thread::sleep(Duration::from_millis(50));
    }
}
