//! `app/list`, `category/list` and `app/description`.

use amps_testkit::PackageBuilder;
use serde_json::json;

use crate::deployment_scene::{Scene, binary};

fn tagged(id: &str, version: &str, tags: &str) -> Vec<u8> {
    PackageBuilder::hello()
        .id(id)
        .version(version)
        .header_line(&format!("extra: {{ tags: [ {tags} ] }}"))
        .build()
}

#[test]
fn an_item_has_all_that_a_device_shows() {
    let scene = Scene::start();
    let header = "extra: { tags: [ 'QT:5.15', b ], conflicts: [ x ] }";
    let package = PackageBuilder::hello().native(binary("linux-aarch64")).header_line(header).build();
    scene.add(&package);
    let list = scene.greeted("&architecture=arm64-little_endian-lp64-linux&tag=b").get("/app/list").json();
    let id = list[0]["purchaseId"].as_u64().unwrap();
    let category = list[0]["category_id"].as_i64().unwrap();
    assert_eq!(
        list,
        json!([{
            "id": "org.example.hello",
            "name": "Hello",
            "vendor": "Example",
            "briefDescription": "It",
            "category": "tools",
            "category_id": category,
            "architecture": "arm64-little_endian-64-elf",
            "version": "1.0",
            "pkgformat": 2,
            "purchaseId": id,
            "tags": ["b", "qt:5.15"],
            "conflict_tags": ["x"],
            "iconUrl": "http://test/app/icons/org.example.hello_arm64-little_endian-64-elf_b,qt:5.15",
        }])
    );
}

#[test]
fn a_package_that_came_by_another_way_shows_what_its_manifest_says() {
    let scene = Scene::start();
    let manifest = "formatVersion: 1\nformatType: am-package\n---\nid: org.example.hello\nname: { de: Hallo, en_US: Howdy }\n\
        description: { en: About }\napplications:\n- { id: a, code: main.qml, runtime: qml }\n";
    scene.server.add(&PackageBuilder::hello().manifest(manifest).build());
    let mut device = scene.greeted("");
    let list = device.get("/app/list").json();
    for (field, expected) in [
        ("name", json!("Howdy")),
        ("vendor", json!("")),
        ("briefDescription", json!("About")),
        ("category", json!("")),
        ("category_id", json!(-1)),
        ("version", json!("0.0.0")),
        ("tags", json!([])),
    ] {
        assert_eq!(list[0][field], expected, "{field}");
    }
    assert_eq!(device.get("/app/description?id=org.example.hello").body, b"About");
}

#[test]
fn categories_and_parts_of_names_narrow_the_list() {
    let scene = Scene::start();
    for (id, name, category) in
        [("b", "Map & Route", "tools"), ("a", "Radio", "music"), ("c", "Radar", "tools")]
    {
        let answer =
            scene.upload_form(&[("category", category)], &PackageBuilder::hello().id(id).name(name).build());
        assert_eq!(answer["status"], "ok");
    }
    let mut device = scene.greeted("");
    let categories = device.get("/category/list").json();
    let names: Vec<_> =
        categories.as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["All", "tools", "music"]);
    assert_eq!(categories[0]["id"], -1);
    let (tools, music) = (&categories[1]["id"], &categories[2]["id"]);
    for (query, expected) in [
        (String::new(), &["a", "b", "c"][..]),
        ("?category_id=-1".into(), &["a", "b", "c"]),
        ("?category_id=".into(), &["a", "b", "c"]),
        (format!("?category_id={tools}"), &["b", "c"]),
        (format!("?category_id={music}"), &["a"]),
        ("?category_id=4711".into(), &[]),
        ("?category_id=-2".into(), &[]),
        ("?category_id=tools".into(), &[]),
        ("?filter=rad".into(), &["a", "c"]),
        (format!("?filter=RAD&category_id={tools}"), &["c"]),
        ("?filter=%26".into(), &["b"]),
        ("?filter=.*".into(), &[]),
    ] {
        assert_eq!(device.list(&query, "id"), expected, "{query}");
    }
}

#[test]
fn a_list_follows_what_happens() {
    let scene = Scene::start();
    let mut device = scene.greeted("");
    let before = device.get("/app/list");
    assert_eq!(before.body, b"[]");
    scene.add(&PackageBuilder::hello().id("a").build());
    let tag = device.get("/app/list").header("etag").unwrap().to_owned();
    let unchanged = device.send("GET", "/app/list", &format!("If-None-Match: {tag}\r\n"), b"");
    assert_eq!(unchanged.status, 304);
    scene.add(&PackageBuilder::hello().id("b").build());
    assert_eq!(device.list("", "id"), ["a", "b"]);
    let answer =
        scene.upload_form(&[("short-description", "New words")], &PackageBuilder::hello().id("b").build());
    assert_eq!(answer, json!({"status": "ok", "message": "no changes"}));
    assert_eq!(device.list("", "briefDescription"), ["It", "New words"]);
    scene.server.post("/package/remove", "id=a");
    assert_eq!(device.list("", "id"), ["b"]);
}

#[test]
fn a_session_sees_what_fits_its_device() {
    let hello = "&architecture=x86_64-little_endian-lp64-linux&require_tag=build_target:desktop,qt:5.15.2";
    let packages = [
        ("both", "build_target:desktop, 'qt:5.15.2'"),
        ("less", "build_target:desktop, 'qt:5.15'"),
        ("more", "build_target:desktop, 'qt:5.15.2', wifi"),
        ("newer", "build_target:desktop, 'qt:6.2'"),
        ("none", ""),
        ("one", "'qt:5.15.2'"),
    ];
    for (rule, expected) in [
        (amps_tags::TagRule::PackageHas, &["both", "more"][..]),
        (amps_tags::TagRule::DeviceHas, &["both", "less", "none", "one"]),
    ] {
        let scene = Scene::with(|settings| settings.tag_rule = rule);
        for (id, tags) in packages {
            scene.add(&tagged(id, "1.0", tags));
        }
        assert_eq!(scene.greeted(hello).list("", "id"), expected, "{rule:?}");
        assert!(!scene.greeted("&conflicts_tag=qt:5").list("", "id").contains(&"one".to_owned()));
    }
}

#[test]
fn native_goes_before_all_and_other_architectures_are_not_there() {
    let scene = Scene::start();
    scene.add(&PackageBuilder::hello().version("9.0").build());
    scene.add(&PackageBuilder::hello().version("1.0").native(binary("linux-x86_64")).build());
    scene.add(&PackageBuilder::hello().id("arm").native(binary("linux-aarch64")).build());
    for (hello, versions) in [
        ("", &["9.0"][..]),
        ("&architecture=x86_64-little_endian-lp64-linux", &["1.0"]),
        ("&architecture=x86_64-little_endian-64-elf", &["1.0"]),
        ("&architecture=arm64-little_endian-lp64-linux", &["1.0", "9.0"]),
        ("&architecture=All", &["9.0"]),
    ] {
        assert_eq!(scene.greeted(hello).list("", "version"), versions, "{hello}");
    }
    // Another device, and so another hello, in the same session.
    let mut device = scene.greeted("");
    device.get("/hello?platform=X&architecture=x86_64-little_endian-lp64-linux");
    assert_eq!(device.list("", "version"), ["1.0"]);
}

#[test]
fn descriptions_are_never_taken_for_html() {
    let scene = Scene::start();
    let html = "<script>alert(1)</script> Größe";
    let answer = scene.upload_form(&[("description", html)], &PackageBuilder::hello().build());
    assert_eq!(answer["status"], "ok");
    let mut device = scene.greeted("");
    for target in ["/app/description?id=org.example.hello", "/app/description?id=org.example.hello&x=.html"] {
        let answer = device.get(target);
        assert_eq!((answer.status, &*answer.body), (200, html.as_bytes()));
        assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert!(answer.header("content-security-policy").unwrap().contains("default-src 'none'"));
    }
    for target in
        ["/app/description", "/app/description?id=", "/app/description?id=other", "/app/description?id=a/b"]
    {
        assert_eq!(device.get(target).status, 404, "{target}");
    }
}
