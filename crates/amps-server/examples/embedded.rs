//! A package server inside another program, with a blob store and an event sink of its own:
//! `cargo run -p amps-server --example embedded -- DATA ADDRESS`.
#![allow(clippy::print_stdout)] // it says what happens

use std::{
    env,
    error::Error,
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use amps_catalog::SqliteCatalog;
use amps_core::{
    Blob, BlobError, BlobId, BlobStore, Event, EventSink, FolderBlobStore, Limits, Origin, PackagesFolder,
    Parts, ReleasesKept, StagedBlob, Store, StoredBlob, SystemClock,
};
use amps_server::{Settings, package_server};
use axum::{Router, routing::get};
use tokio::net::TcpListener;

/// Prints what comes and goes. It is called while the store works, so it must be quick.
struct Printer;

impl EventSink for Printer {
    fn event(&self, origin: Origin, event: &Event) {
        println!("{origin:?}: {event:?}");
    }
}

/// A folder that counts how often it is asked. One that asks an object store would do that here.
struct CountingBlobs {
    folder: FolderBlobStore,
    opened: AtomicU64,
}

impl BlobStore for CountingBlobs {
    fn stage(&self) -> Result<Box<dyn StagedBlob>, BlobError> {
        self.folder.stage()
    }

    fn open(&self, id: &BlobId) -> Result<Arc<dyn Blob>, BlobError> {
        self.opened.fetch_add(1, Ordering::Relaxed);
        self.folder.open(id)
    }

    fn remove(&self, id: &BlobId) -> Result<(), BlobError> {
        self.folder.remove(id)
    }

    fn list(&self) -> Result<Vec<StoredBlob>, BlobError> {
        self.folder.list()
    }

    fn export(&self, id: &BlobId, file: &Path) -> Result<(), BlobError> {
        self.folder.export(id, file)
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let data = arguments.next().ok_or("expected a data directory")?;
    let address = arguments.next().ok_or("expected an address")?;
    let data = Path::new(&data);
    fs::create_dir_all(data)?;
    let blobs = Arc::new(CountingBlobs {
        folder: FolderBlobStore::open(&data.join("blobs"))?,
        opened: AtomicU64::new(0),
    });
    let store = Store::open(Parts {
        catalog: Arc::new(SqliteCatalog::open(&data.join("catalog.db"))?),
        blobs: Arc::clone(&blobs) as _,
        packages: PackagesFolder::open(data.join("packages"))?,
        clock: Arc::new(SystemClock),
        events: Arc::new(Printer),
        limits: Limits::default(),
        developers: None,
        signing: None,
        keep: ReleasesKept::Latest,
    })?;
    let opened = move || async move { format!("{}\n", blobs.opened.load(Ordering::Relaxed)) };
    let routes = Router::new()
        .route("/opened", get(opened))
        .nest("/shop", package_server(Arc::new(store), Settings::default()));
    let listener = TcpListener::bind(address).await?;
    println!("HTTP server listening on: {}", listener.local_addr()?);
    axum::serve(listener, routes).await?;
    Ok(())
}
