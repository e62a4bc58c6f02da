//! URLs that are given out, behind proxies and without.

use amps_testkit::PackageBuilder;

use crate::deployment_scene::{Device, Scene};

fn icon_url(device: &mut Device, head: &str) -> String {
    let answer = device.send("GET", "/app/list", head, b"");
    answer.json()[0]["iconUrl"].as_str().unwrap().to_owned()
}

const FORWARDED: &str =
    "X-Forwarded-Host: store.example\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Prefix: /cars\r\n";
const ICON: &str = "app/icons/org.example.hello_All_";

#[test]
fn urls_are_those_of_the_host_that_was_asked() {
    let scene = Scene::start();
    scene.add(&PackageBuilder::hello().build());
    let mut device = scene.greeted("");
    assert_eq!(icon_url(&mut device, ""), format!("http://test/{ICON}"));
    assert_eq!(icon_url(&mut device, FORWARDED), format!("http://test/{ICON}"), "a stranger is not believed");
}

#[test]
fn a_trusted_proxy_says_how_it_is_reached() {
    let scene = Scene::with(|settings| {
        settings.url_prefix = "v1".parse().unwrap();
        settings.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    });
    let mut device = scene.device();
    let login =
        format!("/v1/login?username=ada&password={}", crate::deployment_scene::PASSWORD.replace(' ', "%20"));
    let answer = device.send("GET", &login, FORWARDED, b"");
    assert!(answer.header("set-cookie").unwrap().ends_with("; SameSite=Lax; Secure"));
    // Without the headers, the proxy is a client like others.
    assert!(!device.get("/v1/hello").header("set-cookie").unwrap().contains("Secure"));
    scene.server.add(&PackageBuilder::hello().build());
    let answer = device.send("GET", "/v1/app/list", FORWARDED, b"");
    assert_eq!(answer.json()[0]["iconUrl"], format!("https://store.example/cars/v1/{ICON}"));
    let answer = device.send("GET", "/v1/app/purchase?id=org.example.hello&device_id=1", FORWARDED, b"");
    let url = answer.json()["url"].as_str().unwrap().to_owned();
    assert!(url.starts_with("https://store.example/cars/v1/app/download/"), "{url}");
}
