//! `app/purchase` and `app/download/…`.

use amps_core::{
    Timestamp,
    accounts::{DownloadToken, Purchase, Purchases as _, Users as _},
};
use amps_testkit::PackageBuilder;
use serde_json::json;

use crate::deployment_scene::{Device, Scene};

/// The path of a purchase.
#[track_caller]
fn path(purchase: &serde_json::Value) -> String {
    assert_eq!((&purchase["status"], &purchase["expiresIn"]), (&json!("ok"), &json!(600)), "{purchase}");
    purchase["url"].as_str().unwrap().strip_prefix("http://test").unwrap().to_owned()
}

#[test]
fn a_purchase_leads_to_the_package() {
    let scene = Scene::start();
    let package = PackageBuilder::hello().build();
    scene.add(&package);
    let mut device = scene.logged_in("bob");
    let path = path(&device.purchase("id=org.example.hello&device_id=1"));
    // The installer that fetches it has no session.
    let mut installer = scene.device();
    let answer = installer.get(&path);
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/octetstream")));
    assert!(answer.body == package);
    let tag = answer.header("etag").unwrap().to_owned();
    let part = installer.send("GET", &path, &format!("Range: bytes=10-19\r\nIf-Range: {tag}\r\n"), b"");
    assert_eq!((part.status, &*part.body), (206, &package[10..20]));
    assert_eq!(installer.send("GET", &path, &format!("If-None-Match: {tag}\r\n"), b"").status, 304);
    assert_eq!(installer.send("HEAD", &path, "", b"").status, 200);
    assert_eq!(installer.send("POST", &path, "", b"").status, 405);
}

#[test]
fn who_is_not_logged_in_buys_nothing() {
    let scene = Scene::start();
    for mut device in [scene.device(), scene.greeted("")] {
        let answer = device.get("/app/purchase?id=org.example.hello");
        assert_eq!((answer.status, &*answer.body), (403, &b"no login"[..]));
    }
}

#[test]
fn each_failure_is_named() {
    let scene = Scene::start();
    scene.add(&PackageBuilder::hello().build());
    let mut device = scene.logged_in("bob");
    let long = "x".repeat(1025);
    for (query, error) in [
        (String::new(), "device_id required"),
        ("id=org.example.hello".into(), "device_id required"),
        ("id=org.example.hello&device_id=".into(), "device_id required"),
        ("device_id=1".into(), "no such application"),
        ("id=&device_id=1".into(), "no such application"),
        ("id=other&device_id=1".into(), "no such application"),
        ("id=a/b&device_id=1".into(), "no such application"),
        ("purchaseId=x&device_id=1".into(), "no such application"),
        ("purchaseId=4711&device_id=1".into(), "no such application"),
        ("purchaseId=-1&device_id=1".into(), "no such application"),
        ("id=org.example.hello&device_id=a%00b".into(), "the hardware id contains the character U+0000"),
    ] {
        assert_eq!(device.purchase(&query), json!({"status": "failed", "error": error}), "{query}");
    }
    let too_long = device.purchase(&format!("id=org.example.hello&device_id={long}"));
    assert_eq!(too_long["status"], "failed", "{too_long}");
}

#[test]
fn without_binding_no_device_is_asked_for() {
    let scene = Scene::with(|settings| settings.bind_to_device_id = false);
    scene.add(&PackageBuilder::hello().build());
    let path = path(&scene.logged_in("bob").purchase("id=org.example.hello"));
    assert_eq!(scene.device().get(&path).status, 200);
}

#[test]
fn a_number_names_one_release_and_the_id_goes_before_it() {
    let scene = Scene::start();
    let [old, new] = ["1.0", "2.0"].map(|version| PackageBuilder::hello().version(version).build());
    scene.add(&old);
    let mut device = scene.logged_in("bob");
    let number = device.list("", "purchaseId").remove(0);
    let other = PackageBuilder::hello().id("other").build();
    scene.add(&other);
    let got = |device: &mut Device, query: &str| {
        let path = path(&device.purchase(query));
        device.get(&path).body
    };
    assert!(got(&mut device, &format!("purchaseId={number}&device_id=1")) == old);
    assert!(got(&mut device, &format!("purchaseId={number}&id=other&device_id=1")) == other);
    let refused = device.purchase(&format!("purchaseId={number}&id=nothing&device_id=1"));
    assert_eq!(refused["error"], "no such application");
    scene.add(&new);
    assert!(got(&mut device, "id=org.example.hello&device_id=1") == new);
    assert!(got(&mut device, &format!("purchaseId={number}&device_id=1")) == old, "both stand side by side");
}

#[test]
fn what_does_not_fit_the_device_is_not_sold() {
    let scene = Scene::start();
    scene.add(&PackageBuilder::hello().native(crate::deployment_scene::binary("linux-aarch64")).build());
    let mut arm = scene.greeted("&architecture=arm64-little_endian-lp64-linux");
    let number = arm.list("", "purchaseId").remove(0);
    let mut device = scene.logged_in("bob");
    for query in ["id=org.example.hello".to_owned(), format!("purchaseId={number}")] {
        let answer = device.purchase(&format!("{query}&device_id=1"));
        assert_eq!(answer["error"], "no such application", "{query}");
    }
}

#[test]
fn a_purchase_ends_with_its_time_and_its_release() {
    let scene = Scene::start();
    scene.add(&PackageBuilder::hello().build());
    let mut device = scene.logged_in("bob");
    let number: u64 = device.list("", "purchaseId").remove(0).parse().unwrap();
    let catalog = scene.catalog();
    let (user, _) = catalog.credentials(&"bob".parse().unwrap()).unwrap().unwrap();
    let bought = |expires_at: i64| {
        let token = DownloadToken::generate().unwrap();
        let purchase = Purchase {
            user: user.id,
            device: None,
            release: amps_core::Sequence(number),
            expires_at: Timestamp(expires_at),
        };
        catalog.create_purchase(&token.hash(), &purchase, Timestamp(0)).unwrap();
        format!("/app/download/{}", token.reveal())
    };
    let (expired, lasting) = (bought(1_600_000_000), bought(i64::MAX));
    assert_eq!(device.get(&expired).status, 404);
    assert_eq!(device.get(&lasting).status, 200);
    scene.server.post("/package/remove", "id=org.example.hello");
    assert_eq!(device.get(&lasting).status, 404);
    for token in ["", "x", &"A".repeat(43), "../../catalog.db", "%2e%2e%2fcatalog.db"] {
        assert_eq!(device.get(&format!("/app/download/{token}")).status, 404, "{token}");
    }
}
