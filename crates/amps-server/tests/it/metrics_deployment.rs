//! Metrics of a deployment server.

use std::collections::BTreeSet;

use crate::{
    client::request,
    deployment_scene::{PASSWORD, Scene},
    running::eventually,
    verdicts::fixture,
};

fn has(scene: &Scene, line: &str) {
    eventually(|| scene.server.metrics().lines().any(|found| found == line).then_some(()));
}

fn answers(route: &str, method: &str, code: &str, count: u32) -> String {
    format!(
        "amps_requests_total{{dialect=\"deployment-server\",route=\"{route}\",method=\"{method}\",code=\"{code}\"}} {count}"
    )
}

#[test]
fn every_route_has_a_name_behind_the_prefix() {
    let scene = Scene::with(|settings| settings.url_prefix = "/store".parse().unwrap());
    for (path, route) in [
        ("/hello", "/hello"),
        ("/login", "/login"),
        ("/logout", "/logout"),
        ("/app/list", "/app/list"),
        ("/app/description", "/app/description"),
        ("/app/purchase", "/app/purchase"),
        ("/app/download/secret-token", "/app/download/{token}"),
        ("/app/icon", "/app/icon"),
        ("/app/icons/some-name", "/app/icons/{name}"),
        ("/category/list", "/category/list"),
        ("/category/icon", "/category/icon"),
        ("/upload", "/upload"),
    ] {
        let path = format!("/store{path}");
        assert_eq!(request(scene.address, "DELETE", &path, "", b"").status, 405, "{path}");
        has(&scene, &answers(&format!("/store{route}"), "DELETE", "4xx", 1));
    }
    let text = scene.server.metrics();
    assert!(!text.contains("secret-token") && !text.contains("some-name"));
}

#[test]
fn no_series_comes_twice() {
    let scene = Scene::start();
    for address in [scene.address, scene.server.address, scene.server.management.unwrap()] {
        for path in ["/healthz", "/hello", "/nothing"] {
            request(address, "GET", path, "", b"");
        }
    }
    has(&scene, "amps_requests_total{dialect=\"management\",route=\"other\",method=\"GET\",code=\"4xx\"} 2");
    let text = scene.server.metrics();
    let series =
        text.lines().filter(|line| !line.starts_with('#')).map(|line| line.rsplit_once(' ').unwrap().0);
    let mut seen = BTreeSet::new();
    for name in series {
        assert!(seen.insert(name), "{name}");
    }
}

#[test]
fn logins_are_counted_by_how_they_end() {
    let scene = Scene::start();
    let encoded = PASSWORD.replace(' ', "%20");
    for query in [
        "username=bob&password=wrong".to_owned(),
        format!("username=nobody&password={encoded}"),
        format!("username=eve&password={encoded}"),
        format!("username=bob&password={encoded}"),
    ] {
        scene.device().get(&format!("/login?{query}"));
    }
    for (result, count) in [("succeeded", 1), ("failed", 2), ("disabled", 1), ("slowed", 0)] {
        has(&scene, &format!("amps_logins_total{{result=\"{result}\"}} {count}"));
    }
}

#[test]
fn lists_and_uploads_are_counted() {
    let scene = Scene::start();
    scene.add(&fixture("qt6/hello.ampkg"));
    let mut device = scene.greeted("");
    for _ in 0..3 {
        assert_eq!(device.get("/app/list").status, 200);
    }
    has(&scene, "amps_cache_hits_total{cache=\"deployment-lists\"} 2");
    has(&scene, "amps_cache_misses_total{cache=\"deployment-lists\"} 1");
    assert_ne!(scene.upload(b"no package")["status"], "ok");
    has(&scene, "amps_uploads_total{origin=\"http\",verdict=\"format\"} 1");
    let uploads = scene.server.metrics();
    let taken = uploads
        .lines()
        .filter(|line| line.starts_with("amps_uploads_total{origin=\"http\"") && !line.ends_with(" 0"));
    assert_eq!(taken.count(), 2, "{uploads}");
}
