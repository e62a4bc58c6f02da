//! `app/icon`, `app/icons/…` and `category/icon`.

use amps_testkit::PackageBuilder;

use crate::deployment_scene::{Scene, binary};

/// A PNG of one pixel, and the same with text behind its end, so that it is another one.
fn icon(number: u8) -> Vec<u8> {
    let package = PackageBuilder::hello();
    let icon = package.files().into_iter().find(|entry| entry.name() == b"icon.png").unwrap();
    [icon.data(), &[number]].concat()
}

#[test]
fn a_device_gets_the_icon_of_its_package() {
    let scene = Scene::start();
    scene.add(&PackageBuilder::hello().icon(icon(1)).build());
    scene.add(&PackageBuilder::hello().icon(icon(2)).native(binary("linux-x86_64")).build());
    let mut plain = scene.greeted("");
    let mut native = scene.greeted("&architecture=x86_64-little_endian-lp64-linux");
    let answer = plain.get("/app/icon?id=org.example.hello");
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("image/png")));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(answer.body, icon(1));
    assert_eq!(native.get("/app/icon?id=org.example.hello").body, icon(2));
    // The parameter goes before the session.
    let by_parameter = "/app/icon?id=org.example.hello&architecture=x86_64-little_endian-lp64-linux";
    assert_eq!(plain.get(by_parameter).body, icon(2));
    assert_eq!(native.get("/app/icon?id=org.example.hello&architecture=").body, icon(1));
    for target in ["/app/icon", "/app/icon?id=other", "/app/icon?id=%2e%2e%2f"] {
        assert_eq!(plain.get(target).status, 404, "{target}");
    }
}

#[test]
fn the_url_in_a_list_leads_to_the_icon() {
    let scene = Scene::start();
    let tags = "extra: { tags: [ 'qt_base:5.15', a_b ] }";
    scene.add(
        &PackageBuilder::hello()
            .id("a_b_c")
            .icon(icon(3))
            .header_line(tags)
            .native(binary("linux-x86_64"))
            .build(),
    );
    scene.add(&PackageBuilder::hello().id("a_b").icon(icon(4)).build());
    scene.add(&PackageBuilder::hello().id("ü%41 ".trim_start_matches('ü')).icon(icon(5)).build());
    let mut device = scene.greeted("&architecture=x86_64-little_endian-lp64-linux");
    let urls = device.list("", "iconUrl");
    assert_eq!(urls.len(), 3, "{urls:?}");
    let mut icons: Vec<_> = urls
        .iter()
        .map(|url| {
            // Without a session, as an image element asks.
            let answer = scene.device().get(url.strip_prefix("http://test").unwrap());
            assert_eq!(answer.status, 200, "{url}");
            *answer.body.last().unwrap()
        })
        .collect();
    icons.sort_unstable();
    assert_eq!(icons, [3, 4, 5]);
    for name in ["", "a_b", "a_b_All", "a_b_All_x", "a_b_all_", "%2e%2e_All_", "a%00b_All_"] {
        assert_eq!(device.get(&format!("/app/icons/{name}")).status, 404, "{name}");
    }
}

#[test]
fn categories_have_icons_of_the_right_size() {
    let scene = Scene::start();
    let large =
        std::fs::read(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/hello/icon.png"))
            .unwrap();
    scene.add_category("with icon", Some(large));
    let mut device = scene.greeted("");
    let categories = device.get("/category/list").json();
    let id = categories[3]["id"].clone();
    let with = device.get(&format!("/category/icon?id={id}"));
    let side = |png: &[u8], at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
    assert_eq!(with.header("content-type"), Some("image/png"));
    assert!(with.body.starts_with(b"\x89PNG\r\n"));
    assert!(side(&with.body, 16) <= 50 && side(&with.body, 20) <= 50);
    let placeholder = device.get("/category/icon?id=4711");
    assert_ne!(placeholder.body, with.body);
    for id in ["-1", "", "x", "1", "99999999999999999999"] {
        let answer = device.get(&format!("/category/icon?id={id}"));
        assert_eq!((answer.status, answer.body == placeholder.body), (200, true), "{id}");
    }
    assert_eq!(device.get("/category/icon").body, placeholder.body);
}
