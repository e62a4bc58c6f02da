//! A real client: Qt's QML runtime with `XMLHttpRequest`, which the Downloads app of devices is made of.

use std::{path::Path, process::Command};

use amps_tags::TagRule;
use amps_testkit::PackageBuilder;
use serde_json::{Value, json};

use crate::deployment_scene::{PASSWORD, Scene, binary};

/// Where the runtime is: that of Qt 6, if there are several.
const RUNTIMES: [&str; 4] = ["/usr/lib/qt6/bin/qml", "/usr/lib64/qt6/bin/qml", "qml6", "qml"];
const PACKAGES: &str = "qml-qt6 qml6-module-qtquick qml6-module-qtquick-window qml6-module-qtqml \
    qml6-module-qtqml-models qml6-module-qtqml-workerscript";

/// Every answer that the client got, in their order.
fn seen(scene: &Scene, greeting: &[&str]) -> Vec<Value> {
    let client = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/qml_client.qml");
    let home = tempfile::tempdir().unwrap();
    let output = RUNTIMES.iter().find_map(|runtime| {
        let mut command = Command::new(runtime);
        command.arg(&client).arg("--").arg(format!("http://{}", scene.address)).args(["bob", PASSWORD]);
        command.args(greeting).current_dir(&home);
        command.envs([("QT_QPA_PLATFORM", "offscreen"), ("QT_QUICK_BACKEND", "software")]);
        command.envs([("QT_MESSAGE_PATTERN", "%{message}"), ("QT_FORCE_STDERR_LOGGING", "1")]);
        command.envs(
            ["HOME", "XDG_RUNTIME_DIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"].map(|name| (name, home.path())),
        );
        for name in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
            command.env_remove(name);
        }
        command.output().ok()
    });
    let output =
        output.unwrap_or_else(|| panic!("there is no QML runtime (Debian: apt-get install {PACKAGES})"));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}\nDebian: apt-get install {PACKAGES}");
    said.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// The answers to one kind of request.
fn answers<'a>(seen: &'a [Value], path: &str) -> Vec<&'a Value> {
    seen.iter().filter(|answer| answer["path"].as_str().unwrap().contains(path)).collect()
}

fn package(id: &str, file: Option<&str>, tags: &str) -> Vec<u8> {
    let builder = PackageBuilder::hello().id(id).header_line(&format!("extra: {{ tags: [ {tags} ] }}"));
    match file {
        Some(name) => builder.native(binary(name)).build(),
        None => builder.build(),
    }
}

#[test]
fn a_device_of_qml_sees_buys_and_downloads_what_fits() {
    let fitting = "'build_target:desktop', 'qt:5.15.2'";
    for (rule, expected) in [
        (TagRule::PackageHas, &["native", "older"][..]),
        (TagRule::DeviceHas, &["less", "native", "older", "untagged"]),
    ] {
        let scene = Scene::with(|settings| settings.tag_rule = rule);
        for (id, file, tags) in [
            ("native", Some("linux-x86_64"), fitting),
            ("arm", Some("linux-aarch64"), fitting),
            ("older", None, fitting),
            ("less", None, "'build_target:desktop', 'qt:5.15'"),
            ("other", None, "'build_target:embedded', 'qt:5.15.2'"),
            ("newer", None, "'build_target:desktop', 'qt:6'"),
            ("untagged", None, ""),
        ] {
            scene.add(&package(id, file, tags));
        }
        let greeting =
            ["architecture=x86_64-little_endian-lp64-linux", "require_tag=build_target:desktop,qt:5.15.2"];
        let seen = seen(&scene, &greeting);
        let body = |path: &str| answers(&seen, path)[0]["body"].clone();
        assert_eq!(seen[0], json!({ "path": "/app/purchase", "status": 403, "body": seen[0]["body"] }));
        assert_eq!(body("/hello"), json!({ "status": "ok" }));
        assert_eq!(body("/login"), json!({ "status": "ok" }));
        assert_eq!(body("/category/list")[0], json!({ "id": -1, "name": "All" }));
        let list = body("/app/list");
        let ids: Vec<_> = list.as_array().unwrap().iter().map(|app| app["id"].as_str().unwrap()).collect();
        assert_eq!(ids, expected, "{rule:?}");
        let native = &list[expected.iter().position(|id| *id == "native").unwrap()];
        assert_eq!(native["architecture"], "x86_64-little_endian-64-elf");
        let (purchases, downloads) = (answers(&seen, "/app/purchase"), answers(&seen, "/app/download/"));
        assert_eq!((purchases.len(), downloads.len()), (1 + expected.len(), expected.len()));
        for purchase in &purchases[1..] {
            assert_eq!(purchase["body"]["status"], "ok", "{purchase}");
        }
        for download in downloads {
            assert!(download["status"] == 200 && download["body"].as_u64().unwrap() > 100, "{download}");
        }
        assert_eq!(body("/logout"), json!({ "status": "ok" }));
    }
}

#[test]
fn a_device_of_qml_that_does_not_fit_is_told_why() {
    let scene = Scene::start();
    for (greeting, status) in [
        (&["require_tag=a b"][..], "malformed-tag"),
        (&["architecture=x86_64"], "incompatible-architecture"),
        (&["version=3"], "incompatible-version"),
        (&["platform=Größe&50%"], "incompatible-platform"),
    ] {
        let seen = seen(&scene, greeting);
        assert_eq!(answers(&seen, "/hello")[0]["body"], json!({ "status": status }), "{greeting:?}");
    }
}
