//! Metrics: that they move as they should, and that nobody can make more of them.

use std::{collections::BTreeSet, fs, io::Write as _};

use amps_server::{ServerLimits, Settings};
use amps_testkit::PackageBuilder;

use crate::{
    client::{connect, is_closed, request},
    health::managed,
    running::{Running, eventually},
    verdicts::fixture,
};

impl Running {
    /// What `/metrics` says.
    #[track_caller]
    pub(crate) fn metrics(&self) -> String {
        let answer = self.manage("/metrics");
        assert_eq!(answer.status, 200);
        let format = "application/openmetrics-text; version=1.0.0; charset=utf-8";
        assert_eq!(answer.header("content-type"), Some(format));
        let text = String::from_utf8(answer.body).unwrap();
        assert!(text.ends_with("\n# EOF\n"));
        text
    }

    /// The value of a metric, with its labels as they are written; 0 if there is none.
    #[track_caller]
    pub(crate) fn metric(&self, name: &str) -> f64 {
        value(&self.metrics(), name)
    }
}

fn value(text: &str, name: &str) -> f64 {
    let found = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    found.map_or(0.0, |number| number.parse().unwrap())
}

/// Waits until a metric has a value: some are counted after the client has its answer.
#[track_caller]
fn becomes(server: &Running, name: &str, expected: f64) {
    eventually(|| ((server.metric(name) - expected).abs() < 0.5).then_some(()));
}

fn answers(route: &str, method: &str, code: &str) -> String {
    format!(
        "amps_requests_total{{dialect=\"package-server\",route=\"{route}\",method=\"{method}\",code=\"{code}\"}}"
    )
}

#[test]
fn requests_are_counted_by_route_method_and_class() {
    let server = managed(Settings::default());
    let package = fixture("qt6/hello.ampkg");
    server.add(&package);
    let download = "/package/download?id=org.example.hello";
    for _ in 0..5 {
        assert_eq!(server.get(download).status, 200);
    }
    request(server.address, "HEAD", download, "", b"");
    server.get("/package/download?id=none");
    server.get("/hello");
    request(server.address, "DELETE", "/hello", "", b"");
    for (name, expected) in [
        (answers("/package/upload", "PUT", "2xx"), 1.0),
        (answers("/package/download", "GET", "2xx"), 5.0),
        (answers("/package/download", "HEAD", "2xx"), 1.0),
        (answers("/package/download", "GET", "4xx"), 1.0),
        (answers("/hello", "GET", "2xx"), 1.0),
        (answers("/hello", "DELETE", "4xx"), 1.0),
    ] {
        becomes(&server, &name, expected);
    }
    let of_download = "{dialect=\"package-server\",route=\"/package/download\"}";
    becomes(&server, &format!("amps_request_duration_seconds_count{of_download}"), 7.0);
    let text = server.metrics();
    let bytes = value(&text, &format!("amps_response_body_bytes_total{of_download}"));
    #[expect(clippy::cast_precision_loss, reason = "it is small")]
    let expected = 5.0 * package.len() as f64;
    assert!((expected..expected + 1000.0).contains(&bytes), "{bytes}");
    let seconds = value(&text, &format!("amps_request_duration_seconds_sum{of_download}"));
    assert!(seconds > 0.0 && seconds < 100.0, "{seconds}");
    let last = "amps_request_duration_seconds_bucket{le=\"+Inf\",dialect=\"package-server\",route=\"/package/download\"}";
    assert!((value(&text, last) - 7.0).abs() < 0.5, "{text}");
    for (cache, kind, least) in
        [("small-downloads", "hits", 1.0), ("small-downloads", "misses", 1.0), ("open-blobs", "misses", 1.0)]
    {
        let found = value(&text, &format!("amps_cache_{kind}_total{{cache=\"{cache}\"}}"));
        assert!(found >= least, "{cache} {kind}: {found}");
    }
}

#[test]
fn every_route_has_a_name_of_its_own() {
    let server = managed(Settings::default());
    for route in [
        "/hello",
        "/package/list",
        "/package/icon",
        "/package/download",
        "/package/upload",
        "/package/remove",
        "/category/list",
    ] {
        // No route knows the method: if the answer is 405, the router has the path.
        assert_eq!(request(server.address, "DELETE", route, "", b"").status, 405, "{route}");
        becomes(&server, &answers(route, "DELETE", "4xx"), 1.0);
    }
    assert!(!server.metrics().contains("route=\"other\",method"));
}

#[test]
fn hostile_paths_and_methods_make_no_new_series() {
    let server = managed(Settings::default());
    let series = |text: &str| -> BTreeSet<String> {
        text.lines().filter_map(|line| Some(line.rsplit_once(' ')?.0.to_owned())).collect()
    };
    let before = series(&server.metrics());
    for n in 0..50 {
        server.get(&format!("/{n}?x={n}"));
        server.get(&format!("/package/download/{n}"));
        server.get(&format!("/hello%{:02x}", 0x30 + n % 10));
        request(server.address, &format!("BREW{n}"), "/hello", "", b"");
        request(server.address, "GET", &format!("/\"}}\\{n}"), "", b"");
    }
    eventually(|| (server.metric(&answers("/hello", "other", "4xx")) > 49.5).then_some(()));
    let text = server.metrics();
    let new: Vec<String> = series(&text).difference(&before).cloned().collect();
    assert!(new.len() <= 4, "{new:?}");
    assert!(value(&text, &answers("other", "GET", "4xx")) > 149.5);
    for hostile in ["BREW", "%3", "x="] {
        assert!(!text.contains(hostile), "{hostile}");
    }
}

#[test]
fn uploads_and_removals_are_counted_by_how_they_end() {
    let server = managed(Settings::default());
    let package = fixture("qt6/hello.ampkg");
    server.add(&package);
    server.add(&package);
    server.upload(b"no package");
    let changed = PackageBuilder::hello().id("org.example.hello").version("77").build();
    server.add(&changed);
    server.post("/package/remove", "id=org.example.hello");
    server.post("/package/remove", "id=org.example.hello");
    fs::write(server.data.path().join("upload/a.ampkg"), &package).unwrap();
    becomes(&server, "amps_uploads_total{origin=\"upload-folder\",verdict=\"added\"}", 1.0);
    let text = server.metrics();
    for verdict in ["added", "unchanged", "updated", "format"] {
        let name = format!("amps_uploads_total{{origin=\"http\",verdict=\"{verdict}\"}}");
        assert!((value(&text, &name) - 1.0).abs() < 0.1, "{name}\n{text}");
    }
    assert!((value(&text, "amps_packages_removed_total{origin=\"http\"}") - 1.0).abs() < 0.1);
    assert!(value(&text, "amps_upload_read_bytes_total") >= 20_000.0);
    assert!(value(&text, "amps_upload_duration_seconds_count") >= 5.0 || text.contains("seconds_count{} 5"));
}

#[test]
fn the_catalog_the_disk_and_the_process_have_their_sizes() {
    let server = managed(Settings::default());
    assert!(server.metric("amps_catalog_releases").abs() < 0.1);
    server.add(&fixture("qt6/hello.ampkg"));
    server.add(&fixture("qt6/native-arm64.ampkg"));
    let text = server.metrics();
    assert!((value(&text, "amps_catalog_releases") - 2.0).abs() < 0.1);
    assert!((value(&text, "amps_catalog_packages") - 2.0).abs() < 0.1);
    assert!((value(&text, "amps_sizes_complete") - 1.0).abs() < 0.1);
    for name in [
        "amps_catalog_generation",
        "amps_catalog_blobs",
        "amps_catalog_blob_bytes",
        "amps_catalog_database_bytes",
        "amps_disk_free_bytes",
        "amps_disk_size_bytes",
        "process_cpu_seconds_total",
        "process_resident_memory_bytes",
        "process_threads",
        "process_open_fds",
        "process_max_fds",
        "process_start_time_seconds",
        "amps_ready{check=\"disk\"}",
    ] {
        assert!(value(&text, name) > 0.0, "{name}\n{text}");
    }
    assert!(text.contains("amps_build_info{version=\"0."));
}

#[test]
fn connections_and_their_bytes_are_counted() {
    let mut limits = ServerLimits { connections_per_address: 2, ..ServerLimits::default() };
    limits.head_time = std::time::Duration::from_secs(1);
    let server = managed(Settings { limits, ..Settings::default() });
    // Two connections that have begun a head: neither is closed for a third one yet.
    let silent: Vec<_> = (0..2)
        .map(|_| {
            let mut stream = connect(server.address);
            stream.write_all(b"GET /hello HTTP/1.1\r\n").unwrap();
            stream
        })
        .collect();
    becomes(&server, "amps_connections{listener=\"package-server\"}", 2.0);
    assert!(server.get("/hello").status == 503);
    becomes(&server, "amps_connections_turned_away_total{listener=\"package-server\"}", 1.0);
    assert!(silent.iter().all(is_closed));
    let closed = "amps_connections_closed_total{listener=\"package-server\",reason=\"no-head\"}";
    becomes(&server, closed, 2.0);
    becomes(&server, "amps_connections{listener=\"package-server\"}", 0.0);
    becomes(&server, "amps_connections_opened_total{listener=\"package-server\"}", 2.0);
    becomes(&server, "amps_network_received_bytes_total{listener=\"package-server\"}", 42.0);
    assert!(server.metric("amps_network_sent_bytes_total{listener=\"management\"}") > 1000.0);
}
