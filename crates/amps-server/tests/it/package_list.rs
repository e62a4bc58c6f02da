//! `/package/list`.

use amps_testkit::PackageBuilder;
use serde_json::{Value, json};

use crate::{running::Running, verdicts::fixture};

fn ids(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect()
}

#[test]
fn tells_everything_about_a_package() {
    let server = Running::start();
    server.add(&fixture("qt6/hello.ampkg"));
    assert_eq!(
        server.get("/package/list").json(),
        json!([{
            "id": "org.example.hello",
            "architecture": "",
            "names": { "en": "Hello", "de": "Hallo" },
            "descriptions": { "en": "Says hello", "de": "Sagt hallo" },
            "version": "1.0",
            "categories": ["tools"],
            "iconUrl": "package/icon?id=org.example.hello&architecture=all",
        }])
    );
}

#[test]
fn a_device_sees_its_own_architecture_before_the_one_for_all() {
    let server = Running::start();
    for name in
        ["qt6/native-all.ampkg", "qt6/native-arm64.ampkg", "qt6/native-win64.ampkg", "qt6/hello.ampkg"]
    {
        server.add(&fixture(name));
    }
    for (query, native) in [
        ("", ""),
        ("?architecture=", ""),
        ("?architecture=all", ""),
        ("?architecture=linux_arm_64", "linux_arm_64"),
        ("?architecture=windows_x86_64", "windows_x86_64"),
        ("?architecture=linux_x86_64", ""),
        ("?architecture=%FF%00../..", ""),
    ] {
        let list = server.get(&format!("/package/list{query}")).json();
        assert_eq!(ids(&list), ["org.example.hello", "org.example.native"], "{query}");
        assert_eq!(list[1]["architecture"], native, "{query}");
        let shown = if native.is_empty() { "all" } else { native };
        assert_eq!(list[1]["iconUrl"], format!("package/icon?id=org.example.native&architecture={shown}"));
    }
}

#[test]
fn filters_keep_what_they_name() {
    let server = Running::start();
    server.add(&fixture("qt6/hello.ampkg"));
    server.add(&fixture("qt6/legacy-manifest.ampkg"));
    for (query, expected) in [
        ("category=old", &["org.example.legacy"][..]),
        ("category=tools", &["org.example.hello"]),
        ("category=tool", &[]),
        ("category=", &["org.example.hello", "org.example.legacy"]),
        ("filter=hallo", &["org.example.hello"]),
        ("filter=HALL", &["org.example.hello"]),
        ("filter=leg", &["org.example.legacy"]),
        ("filter=e", &["org.example.hello", "org.example.legacy"]),
        ("filter=zzz", &[]),
        ("filter=e&category=old", &["org.example.legacy"]),
    ] {
        assert_eq!(ids(&server.get(&format!("/package/list?{query}")).json()), expected, "{query}");
    }
    assert_eq!(ids(&server.post("/package/list", "filter=HALL").json()), ["org.example.hello"]);
}

#[test]
fn an_id_with_anything_in_it_can_be_asked_for_by_its_own_url() {
    let server = Running::start();
    let id = "a b&c=d%20+#;é".replace('é', "~");
    server.add(&PackageBuilder::hello().id(&id).build());
    let list = server.get("/package/list").json();
    assert_eq!(ids(&list), [id.as_str()]);
    let url = list[0]["iconUrl"].as_str().unwrap();
    assert!(url.starts_with("package/icon?id=a%20b%26c%3Dd%2520%2B%23%3B~&"), "{url}");
    assert_eq!(server.get(&format!("/{url}")).status, 200);
}
