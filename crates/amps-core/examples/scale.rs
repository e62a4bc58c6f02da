//! What a store of many packages costs: fills a data directory, opens it, and says how long each step takes.
//!
//! ```sh
//! cargo run --release -p amps-core --example scale -- fill DIR 10000
//! cargo run --release -p amps-core --example scale -- open DIR
//! ```
#![allow(clippy::print_stdout)] // figures are all that it is for

use std::{
    env, fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Instant,
};

use amps_catalog::SqliteCatalog;
use amps_core::{
    DeviceView, FolderBlobStore, Limits, Origin, PackagesFolder, Parts, Provenance, ReleasesKept, Store,
    SystemClock, visible,
};
use amps_testkit::PackageBuilder;

/// Uploads at the same time: each waits for the disk several times.
const UPLOADERS: usize = 8;
/// How often something quick is done to measure it.
const ROUNDS: u32 = 1000;

type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["fill", folder, count] => fill(Path::new(folder), count.parse()?),
        ["open", folder] => open(Path::new(folder)),
        _ => Err("expected `fill DIR COUNT` or `open DIR`".into()),
    }
}

fn fill(folder: &Path, count: usize) -> Result<(), Failure> {
    let store = store(folder)?;
    let start = Instant::now();
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        let uploaders: Vec<_> = (0..UPLOADERS)
            .map(|_| {
                scope.spawn(|| -> Result<(), Failure> {
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= count {
                            return Ok(());
                        }
                        store.upload(package(number, "1.0").as_slice(), &from())?;
                    }
                })
            })
            .collect();
        uploaders.into_iter().try_for_each(|uploader| uploader.join().map_err(|_| "an uploader panicked")?)
    })?;
    println!("{:<40} {:>9.3} s", format!("{count} uploads"), start.elapsed().as_secs_f64());
    Ok(())
}

fn open(folder: &Path) -> Result<(), Failure> {
    let file = folder.join(".amps/catalog.db");
    println!("{:<40} {:>9.1} MiB", "the catalog's file", mebibytes(fs::metadata(&file)?.len()));
    timed("opening the catalog unchecked", || SqliteCatalog::open(&file).map(drop))?;
    timed("opening the catalog", || SqliteCatalog::open_or_set_aside(&file).map(drop))?;
    let store = timed("opening the store", || store(folder))?;
    println!("{:<40} {:>9.1} MiB", "peak memory until then", peak_mebibytes()?);
    let listing = store.listing()?;
    println!("{:<40} {:>9}", "releases", listing.releases().len());
    let view = DeviceView::default();
    timed("deciding what a device sees", || {
        assert_eq!(visible(listing.releases(), &view).count(), listing.releases().len());
        Ok::<_, Failure>(())
    })?;
    repeated("a listing without a change", || store.listing().map(drop))?;
    repeated("opening a package", || {
        store.package(&"org.example.app000007".parse()?, &view).map(drop).map_err(Failure::from)
    })?;
    let mut version = 0;
    let mut upload = || {
        version += 1;
        let package = package(7, &format!("2.{version}"));
        let start = Instant::now();
        store.upload(package.as_slice(), &from())?;
        Ok::<_, Failure>(start.elapsed())
    };
    for held in [false, true] {
        let (mut uploading, mut listing) = (0.0, 0.0);
        for _ in 0..100 {
            let before = held.then(|| store.listing()).transpose()?;
            uploading += upload()?.as_secs_f64();
            let start = Instant::now();
            store.listing()?;
            listing += start.elapsed().as_secs_f64();
            drop(before);
        }
        let what = if held { "with a list that somebody reads" } else { "with nobody reading" };
        println!("{:<40} {:>9.1} µs", format!("an upload {what}"), uploading * 1e4);
        println!("{:<40} {:>9.1} µs", "the listing after it", listing * 1e4);
    }
    println!("{:<40} {:>9.1} MiB", "peak memory", peak_mebibytes()?);
    Ok(())
}

fn store(folder: &Path) -> Result<Store, Failure> {
    let amps = folder.join(".amps");
    fs::create_dir_all(&amps)?;
    let (catalog, _) = SqliteCatalog::open_or_set_aside(&amps.join("catalog.db"))?;
    Ok(Store::open(Parts {
        catalog: Arc::new(catalog),
        blobs: Arc::new(FolderBlobStore::open(&amps)?),
        packages: PackagesFolder::open(folder.join(".packages"))?,
        clock: Arc::new(SystemClock),
        events: Arc::new(()),
        limits: Limits::default(),
        developers: None,
        signing: None,
        keep: ReleasesKept::Latest,
    })?)
}

fn package(number: usize, version: &str) -> Vec<u8> {
    let id = format!("org.example.app{number:06}");
    PackageBuilder::hello().id(&id).name(&format!("Application {number}")).version(version).build()
}

fn from() -> Provenance {
    Provenance { origin: Origin::Http, name: "scale".into(), by: "scale".into(), cause: Origin::Http.into() }
}

fn timed<T, E>(what: &str, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    let start = Instant::now();
    let done = work()?;
    println!("{what:<40} {:>9.3} s", start.elapsed().as_secs_f64());
    Ok(done)
}

fn repeated<E>(what: &str, mut work: impl FnMut() -> Result<(), E>) -> Result<(), E> {
    let start = Instant::now();
    for _ in 0..ROUNDS {
        work()?;
    }
    println!("{what:<40} {:>9.3} µs", start.elapsed().as_secs_f64() * 1e6 / f64::from(ROUNDS));
    Ok(())
}

/// The most memory that this process has had.
fn peak_mebibytes() -> Result<f64, Failure> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("there is no VmHWM")?;
    Ok(mebibytes(line.trim().trim_end_matches(" kB").parse::<u64>()? * 1024))
}

#[allow(clippy::cast_precision_loss)] // for people
fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}
