//! The routes without a server around them.

use std::sync::Arc;

use amps_catalog::SqliteCatalog;
use amps_core::{
    Event, EventSink, FolderBlobStore, Limits, Origin, PackagesFolder, Parts, ReleasesKept, Store,
    SystemClock,
};
use amps_server::{Settings, package_server};
use amps_testkit::PackageBuilder;
use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
};
use http_body_util::BodyExt as _;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;

/// Remembers reasons.
#[derive(Default)]
struct Refusals(std::sync::Mutex<Vec<String>>);

impl EventSink for Refusals {
    fn event(&self, _: Origin, event: &Event) {
        if let Event::Refused { name, .. } = event {
            self.0.lock().unwrap().push(name.clone());
        }
    }
}

async fn call(router: &Router, method: &str, uri: &str, body: impl Into<Body>) -> (StatusCode, String) {
    let request = Request::builder().method(method).uri(uri).body(body.into()).unwrap();
    let answer = TowerToHyperService::new(router.clone()).call(request).await.unwrap();
    let status = answer.status();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8_lossy(&body).into_owned())
}

#[tokio::test]
async fn work_over_any_store_and_below_any_path() {
    let root = tempfile::tempdir().unwrap();
    let refusals = Arc::new(Refusals::default());
    let store = Store::open(Parts {
        catalog: Arc::new(SqliteCatalog::in_memory().unwrap()),
        blobs: Arc::new(FolderBlobStore::open(root.path()).unwrap()),
        packages: PackagesFolder::open(root.path().join("packages")).unwrap(),
        clock: Arc::new(SystemClock),
        events: Arc::clone(&refusals) as Arc<dyn EventSink>,
        limits: Limits::default(),
        developers: None,
        signing: None,
        keep: ReleasesKept::Latest,
    });
    let router =
        Router::new().nest("/devices", package_server(Arc::new(store.unwrap()), Settings::default()));
    let (status, text) =
        call(&router, "PUT", "/devices/package/upload", PackageBuilder::hello().id("a").build()).await;
    assert_eq!(
        (status, text.as_str()),
        (StatusCode::OK, r#"{"status":"ok","result":"added","id":"a","architecture":"all"}"#)
    );
    let (_, list) = call(&router, "GET", "/devices/package/list", "").await;
    assert!(list.contains(r#""iconUrl":"package/icon?id=a&architecture=all""#), "{list}");
    let (status, _) = call(&router, "GET", "/devices/nowhere", "").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    call(&router, "PUT", "/devices/package/upload", "garbage").await;
    assert_eq!(*refusals.0.lock().unwrap(), ["upload from an unknown address"]);
}
