//! What one client may ask for, whatever the others do.

use std::net::SocketAddr;

use amps_core::Certificates;
use amps_server::{CreditLimits, DeploymentSettings, Settings};
use amps_testkit::PackageBuilder;

use crate::{
    client::{Answer, request},
    deployment_scene::Scene,
    running::Running,
    signed_scene::key,
};

/// Nothing is added while a test runs that anybody could notice, and everything is free but what is set.
fn credits(set: impl FnOnce(&mut CreditLimits)) -> Settings {
    let mut settings =
        Settings { trusted_proxies: vec!["127.0.0.1/32".parse().unwrap()], ..Settings::default() };
    settings.limits.credit = CreditLimits {
        most: 100,
        per_second: 1,
        list: 0,
        download: 0,
        mebibyte: 0,
        signature: 0,
        upload: 0,
        removal: 0,
        login: 0,
    };
    set(&mut settings.limits.credit);
    settings
}

/// Asks through a proxy that is trusted, as somebody from this address.
fn ask(address: SocketAddr, from: &str, method: &str, target: &str, body: &[u8]) -> Answer {
    request(address, method, target, &format!("X-Forwarded-For: {from}\r\n"), body)
}

#[track_caller]
fn assert_refused(answer: &Answer) {
    assert_eq!((answer.status, answer.json()["error"].as_str()), (429, Some("too-many-requests")));
    let seconds: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=100).contains(&seconds), "{seconds}");
}

const ONE: &str = "198.51.100.1";
const OTHER: &str = "198.51.100.2";
const LIST: &str = "/package/list";
const DOWNLOAD: &str = "/package/download?id=org.example.hello";

#[test]
fn who_has_spent_the_credit_is_told_when_to_come_again_and_others_are_not_disturbed() {
    let server = Running::with(credits(|costs| costs.list = 40));
    let list = |from: &str| ask(server.address, from, "GET", LIST, b"");
    assert_eq!([list(ONE).status, list(ONE).status], [200, 200]);
    assert_refused(&list(ONE));
    assert_eq!(list(OTHER).status, 200);
    // What costs nothing can be had.
    assert_eq!(ask(server.address, ONE, "GET", DOWNLOAD, b"").status, 404);
    // Hosts of one network are one client.
    assert_eq!([list("2001:db8::1").status, list("2001:db8::2").status], [200, 200]);
    assert_refused(&list("2001:db8::3"));
    assert_eq!(list("2001:db8:0:1::1").status, 200);
}

#[test]
fn this_machine_pays_nothing_and_strangers_speak_for_nobody_else() {
    let server = Running::with(credits(|costs| costs.list = 100));
    for _ in 0..5 {
        assert_eq!(server.get(LIST).status, 200);
    }
    // The address nearest to the proxy counts, and not what was said before that.
    let forged = |number: u8| format!("203.0.113.{number}, {ONE}");
    assert_eq!(ask(server.address, &forged(1), "GET", LIST, b"").status, 200);
    assert_refused(&ask(server.address, &forged(2), "GET", LIST, b""));
    // Nor does what cannot be read make them the proxy itself, which pays nothing.
    assert_refused(&ask(server.address, &format!("\u{ff}, {ONE}"), "GET", LIST, b""));
}

#[test]
fn an_upload_costs_whether_it_is_taken_or_not() {
    let server = Running::with(credits(|costs| costs.upload = 50));
    let package = PackageBuilder::hello().build();
    let upload = |from: &str, body: &[u8]| ask(server.address, from, "PUT", "/package/upload", body);
    assert_eq!(upload(ONE, b"garbage").json()["status"], "fail");
    assert_eq!(upload(ONE, &package).json()["status"], "ok");
    let before = server.files();
    assert_refused(&upload(ONE, &PackageBuilder::hello().version("2").build()));
    assert_eq!(server.files(), before);
    assert_eq!(upload(OTHER, &package).json()["result"], "no changes");
}

#[test]
fn a_removal_costs() {
    let server = Running::with(credits(|costs| costs.removal = 60));
    let remove = || ask(server.address, ONE, "POST", "/package/remove?id=a", b"");
    assert_eq!(remove().status, 200);
    assert_refused(&remove());
}

#[test]
fn a_download_is_paid_by_its_size_while_it_is_sent() {
    let server = Running::with(credits(|costs| costs.mebibyte = 100));
    let noise: Vec<u8> = (0..1_u32 << 19).flat_map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()).collect();
    server.add(&PackageBuilder::hello().file("noise", noise).build());
    let download = |from: &str| ask(server.address, from, "GET", DOWNLOAD, b"");
    let answer = download(ONE);
    assert!((answer.status, answer.body.len() > 1 << 20) == (200, true), "{} bytes", answer.body.len());
    assert_refused(&download(ONE));
    assert_eq!(download(OTHER).status, 200);
}

#[test]
fn small_downloads_cost_as_others_do() {
    let server = Running::with(credits(|costs| costs.download = 50));
    server.add(&PackageBuilder::hello().build());
    let download = || ask(server.address, ONE, "GET", DOWNLOAD, b"");
    assert_eq!([download().status, download().status], [200, 200]);
    assert_refused(&download());
}

#[test]
fn a_signature_costs_where_there_is_one() {
    for (store, expected) in [(None, 200), (Some(key("store.p12", "password")), 429)] {
        let certificates = Certificates { store, ..Certificates::default() };
        let settings = credits(|costs| costs.signature = 100);
        let server = Running::with_certificates(tempfile::tempdir().unwrap(), settings, certificates);
        server.add(&PackageBuilder::hello().build());
        let download = || ask(server.address, ONE, "GET", DOWNLOAD, b"").status;
        assert_eq!([download(), download()], [200, expected]);
    }
}

#[test]
fn without_growth_nobody_pays() {
    let server = Running::with(credits(|costs| (costs.list, costs.per_second) = (100, 0)));
    for _ in 0..5 {
        assert_eq!(ask(server.address, ONE, "GET", LIST, b"").status, 200);
    }
}

#[test]
fn both_dialects_are_paid_from_one_credit() {
    let deployment = DeploymentSettings {
        listen_address: "localhost:0".parse().unwrap(),
        no_security: true,
        ..DeploymentSettings::default()
    };
    let settings = credits(|costs| (costs.login, costs.list) = (40, 100));
    let scene =
        Scene::with_settings(Certificates::default(), Settings { deployment: Some(deployment), ..settings });
    let login = |from: &str| ask(scene.address, from, "GET", "/login?username=ada&password=wrong", b"");
    assert_eq!([login(ONE).status, login(ONE).status], [200, 200]);
    assert_refused(&login(ONE));
    assert_refused(&ask(scene.server.address, ONE, "GET", LIST, b""));
    assert_eq!(ask(scene.server.address, OTHER, "GET", LIST, b"").status, 200);
    assert_eq!(login("198.51.100.3").json()["status"], "authentication-failed");
}
