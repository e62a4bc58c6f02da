//! Downloads, counted by day, whichever way a package is fetched.

use amps_catalog::SqliteCatalog;
use amps_core::{Catalog as _, Clock as _, CountedDownloads, Day, Sequence, SystemClock};
use amps_testkit::PackageBuilder;
use serde_json::{Value, json};

use crate::{api_scene::Api, client::request};

const ID: &str = "org.example.hello";

fn total(api: &Api) -> u64 {
    let downloads = api.get(&format!("/packages/{ID}/downloads"));
    let days: u64 =
        downloads["days"].as_array().unwrap().iter().map(|day| day["downloads"].as_u64().unwrap()).sum();
    assert_eq!(downloads["total"], days);
    days
}

#[test]
fn every_way_to_fetch_a_package_counts_once() {
    let api = Api::start("read");
    api.scene.upload(&PackageBuilder::hello().build());
    let sequence = api.get(&format!("/packages/{ID}"))["latest"]["sequence"].as_u64().unwrap();
    let address = api.scene.server.address;
    assert_eq!(total(&api), 0);
    let mut expected = 0;
    // A small package comes from memory after the first time.
    for _ in 0..3 {
        assert_eq!(request(address, "GET", &format!("/package/download?id={ID}"), "", b"").status, 200);
        expected += 1;
        assert_eq!(total(&api), expected);
    }
    let path = format!("/releases/{sequence}/package");
    assert_eq!(api.send("GET", &path, "", b"").status, 200);
    let mut device = api.scene.logged_in("bob");
    let url = device.purchase(&format!("id={ID}&device_id=1"))["url"].as_str().unwrap().to_owned();
    assert_eq!(device.get(url.strip_prefix("http://test").unwrap()).status, 200);
    expected += 2;
    assert_eq!(total(&api), expected);
    // Whoever has the beginning already has counted.
    for (range, more) in [("bytes=0-9", 1), ("bytes=10-", 0), ("bytes=-5", 0), ("bytes=99999999-", 0)] {
        api.send("GET", &path, &format!("Range: {range}\r\n"), b"");
        expected += more;
        assert_eq!(total(&api), expected, "{range}");
    }
    let tag = request(address, "HEAD", &format!("/api/v1{path}"), "", b"").header("etag").unwrap().to_owned();
    assert_eq!(api.send("GET", &path, &format!("If-None-Match: {tag}\r\n"), b"").status, 304);
    request(address, "HEAD", &format!("/package/download?id={ID}"), "", b"");
    api.send("GET", &format!("/releases/{sequence}/icon"), "", b"");
    assert_eq!(total(&api), expected, "nobody got anything of the package");
}

#[test]
fn days_and_releases_are_told_apart() {
    let api = Api::start("read");
    api.add(&PackageBuilder::hello().version("1.0").build());
    let sequence = api.get(&format!("/packages/{ID}"))["latest"]["sequence"].as_u64().unwrap();
    let today = Day::of(SystemClock.now());
    let count = |ago: u16, release: u64, downloads: u64| {
        let counted = CountedDownloads { id: ID.parse().unwrap(), release: Sequence(release), downloads };
        api.scene.catalog().add_downloads(today.before(ago), &[counted], today.before(399)).unwrap();
    };
    count(0, sequence, 5);
    count(2, sequence, 2);
    count(2, sequence + 7, 1);
    count(399, sequence, 3);
    let downloads = api.get(&format!("/packages/{ID}/downloads?days=4"));
    let by_day: Vec<u64> =
        downloads["days"].as_array().unwrap().iter().map(|day| day["downloads"].as_u64().unwrap()).collect();
    // Midnight may pass while this runs.
    let now = Day::of(SystemClock.now());
    let expected: &[u64] = if now == today { &[0, 3, 0, 5] } else { &[3, 0, 5, 0] };
    if by_day != [0, 3, 0, 5] {
        assert_eq!(by_day, expected);
    }
    assert_eq!(
        downloads["perRelease"],
        json!([
            { "sequence": sequence + 7, "version": null, "downloads": 1 },
            { "sequence": sequence, "version": "1.0", "downloads": 7 },
        ])
    );
    let dates: Vec<&str> =
        downloads["days"].as_array().unwrap().iter().map(|day| day["date"].as_str().unwrap()).collect();
    assert!(dates.is_sorted() && dates.iter().all(|date| date.len() == 10), "{dates:?}");
    let all = api.get(&format!("/packages/{ID}/downloads?days=400"));
    assert_eq!(all["days"].as_array().unwrap().len(), 400);
    assert_eq!(api.get(&format!("/packages/{ID}/downloads"))["days"].as_array().unwrap().len(), 90);
    for days in ["0", "401", "x", ""] {
        let answer = api.send("GET", &format!("/packages/{ID}/downloads?days={days}"), "", b"");
        let problem: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!((answer.status, &problem["field"]), (400, &json!("days")), "{days}");
    }
    assert_eq!(api.send("GET", "/packages/a.b/downloads", "", b"").status, 404);
}

#[test]
fn what_was_counted_is_there_after_the_end() {
    let api = Api::start("read");
    api.add(&PackageBuilder::hello().build());
    let sequence = api.get(&format!("/packages/{ID}"))["latest"]["sequence"].as_u64().unwrap();
    for _ in 0..3 {
        api.send("GET", &format!("/releases/{sequence}/package"), "", b"");
    }
    let data = api.scene.server.stop();
    let catalog = SqliteCatalog::open(&data.path().join(".amps/catalog.db")).unwrap();
    let today = Day::of(SystemClock.now());
    let kept = catalog.downloads_of(&ID.parse().unwrap(), today.before(1), today).unwrap();
    assert_eq!(kept.iter().map(|daily| daily.downloads).sum::<u64>(), 3);
}
