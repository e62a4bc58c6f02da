//! Whether the server can do its work, for whoever starts it, watches it, or sends it requests.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};

use amps_core::{Store, chain};
use axum::{
    Json, Router,
    extract::State,
    http::{
        HeaderValue, StatusCode,
        header::{CACHE_CONTROL, HeaderName},
    },
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::{Map, json};
use tokio::{
    sync::{Mutex, Semaphore},
    time::{Instant, timeout},
};

use crate::{answer::wrong_method, disk_space::DiskSpace, metrics::Route};

/// How long an answer holds: anybody may ask, as often as he likes, and the disk is written to.
const HOLDS: Duration = Duration::from_secs(1);
/// How long catalog and disk may take.
const CHECKING_TIME: Duration = Duration::from_secs(2);
/// Files that an upload may need: some for itself, some for the catalog.
const LEAST_FILES: u64 = 64;

/// The paths of the pages.
const PATHS: [&str; 2] = ["/healthz", "/readyz"];

/// Whether a server has the pages `/healthz` and `/readyz` on the listener of its packages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HealthPages {
    /// It has.
    #[default]
    Shown,
    /// They are not found: the reference has none.
    Hidden,
}

/// Something that must be in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Check {
    pub(crate) name: &'static str,
    /// What is not in order, for those who run the server.
    pub(crate) problem: Option<String>,
}

/// Looks whether a server can do its work.
pub(crate) struct Health {
    store: Arc<Store>,
    data_directory: PathBuf,
    least_free_bytes: u64,
    is_ending: AtomicBool,
    /// What was found, and when.
    last: Mutex<Option<(Instant, Arc<[Check]>)>>,
    /// Whoever looks has it: while a disk hangs, one thread waits for it.
    looking: Arc<Semaphore>,
}

impl Health {
    pub(crate) fn new(store: Arc<Store>, data_directory: PathBuf, least_free_bytes: u64) -> Self {
        Self {
            store,
            data_directory,
            least_free_bytes,
            is_ending: AtomicBool::new(false),
            last: Mutex::default(),
            looking: Arc::new(Semaphore::new(1)),
        }
    }

    /// From now on the server takes nothing new.
    pub(crate) fn end(&self) {
        self.is_ending.store(true, SeqCst);
    }

    /// All checks, made now or within the last second.
    pub(crate) async fn checks(self: &Arc<Self>) -> Arc<[Check]> {
        if self.is_ending.load(SeqCst) {
            return [failed("shutdown", "the server is shutting down")].into();
        }
        let looked = timeout(CHECKING_TIME, async {
            let mut last = self.last.lock().await;
            if let Some((_, checks)) = last.as_ref().filter(|(at, _)| at.elapsed() < HOLDS) {
                return Some(Arc::clone(checks));
            }
            let looking = Arc::clone(&self.looking).try_acquire_owned().ok()?;
            let health = Arc::clone(self);
            let look = tokio::task::spawn_blocking(move || {
                let checks = health.look();
                drop(looking);
                checks
            });
            let checks: Arc<[Check]> = look.await.ok()?.into();
            *last = Some((Instant::now(), Arc::clone(&checks)));
            Some(checks)
        });
        match looked.await {
            Ok(Some(checks)) => checks,
            _ => [failed("time", "catalog and disk have not answered in time")].into(),
        }
    }

    /// Waits for catalog and disk.
    fn look(&self) -> Vec<Check> {
        let catalog = self.store.catalog_generation().err().map(|error| chain(&error));
        let disk = self.room().or_else(|| self.store.try_writing().err().map(|error| chain(&error)));
        for (what, problem) in [("the catalog", &catalog), ("the disk", &disk)] {
            if let Some(problem) = problem {
                tracing::warn!(problem, "not ready because of {what}");
            }
        }
        vec![
            Check { name: "catalog", problem: catalog },
            Check { name: "disk", problem: disk },
            Check { name: "shutdown", problem: None },
        ]
    }

    /// What is wrong with the room on the disk.
    fn room(&self) -> Option<String> {
        let space = match DiskSpace::of(&self.data_directory) {
            Ok(space) => space,
            Err(error) => return Some(format!("the disk does not tell its size: {}", chain(&error))),
        };
        let (free, least) = (space.free_bytes, self.least_free_bytes);
        if free < least {
            return Some(format!("the disk has {free} bytes left: expected at least {least}"));
        }
        let files = space.free_files;
        (space.files > 0 && files < LEAST_FILES)
            .then(|| format!("the disk has room for {files} files: expected at least {LEAST_FILES}"))
    }
}

fn failed(name: &'static str, problem: &str) -> Check {
    Check { name, problem: Some(problem.into()) }
}

/// Who reads the pages.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reader {
    /// Anybody: it is told which check fails, and no more.
    Anybody,
    /// Those who run the server.
    Operator,
}

/// `/healthz` and `/readyz`.
pub(crate) fn pages(health: &Arc<Health>, reader: Reader) -> Router {
    let state = (Arc::clone(health), reader);
    Router::new()
        .route("/healthz", get(alive))
        .route("/readyz", get(ready))
        .method_not_allowed_fallback(wrong_method)
        .with_state(state)
}

/// What they are counted as on a listener.
pub(crate) fn routes(listener: &'static str) -> Vec<Route> {
    Route::all_of(listener, "", &PATHS)
}

/// Asked anew each time.
const NOT_KEPT: [(HeaderName, HeaderValue); 1] = [(CACHE_CONTROL, HeaderValue::from_static("no-store"))];

async fn alive() -> impl IntoResponse {
    (NOT_KEPT, Json(json!({ "status": "ok" })))
}

async fn ready(State((health, reader)): State<(Arc<Health>, Reader)>) -> Response {
    let checks = health.checks().await;
    let failed: Vec<&str> =
        checks.iter().filter(|check| check.problem.is_some()).map(|check| check.name).collect();
    let (status, word) = match failed.as_slice() {
        [] => (StatusCode::OK, "ok"),
        _ => (StatusCode::SERVICE_UNAVAILABLE, "not-ready"),
    };
    let body = match reader {
        Reader::Anybody if failed.is_empty() => json!({ "status": word }),
        Reader::Anybody => json!({ "status": word, "failed": failed }),
        Reader::Operator => {
            let details: Map<_, _> = checks
                .iter()
                .map(|check| (check.name.to_owned(), check.problem.as_deref().unwrap_or("ok").into()))
                .collect();
            json!({ "status": word, "checks": details })
        }
    };
    (status, NOT_KEPT, Json(body)).into_response()
}
