//! Packages and releases over the API.

use amps_core::Certificates;
use amps_testkit::PackageBuilder;
use serde_json::{Value, json};

use crate::{
    access_scene::bearer,
    api_scene::{Api, BYTES},
    deployment_scene::binary,
    signed_scene::key,
};

fn ids(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect()
}

#[test]
fn a_list_comes_in_pages_that_have_everything_once() {
    let api = Api::start("read");
    for number in 0..7 {
        api.add(&PackageBuilder::hello().id(&format!("a.p{number}")).build());
    }
    let (mut cursor, mut all) = (String::new(), Vec::new());
    for expected in [3, 3, 1] {
        let page = api.get(&format!("/packages?limit=3{cursor}"));
        assert_eq!((page["total"].as_u64(), ids(&page).len()), (Some(7), expected));
        all.extend(ids(&page).into_iter().map(str::to_owned));
        cursor = page["nextCursor"].as_str().map_or_else(String::new, |next| format!("&cursor={next}"));
    }
    assert!(cursor.is_empty(), "there is a page after the last one");
    assert_eq!(all, (0..7).map(|number| format!("a.p{number}")).collect::<Vec<_>>());
    // A page that ends with the list is the last one, too.
    let page = api.get("/packages?limit=7");
    assert!(page.get("nextCursor").is_none() && ids(&page).len() == 7);
    // Whoever goes through the list while it changes misses nothing that stays.
    let page = api.get("/packages?limit=2");
    api.send("DELETE", "/packages/a.p1", &api.owner, b"");
    let next = api.get(&format!("/packages?limit=2&cursor={}", page["nextCursor"].as_str().unwrap()));
    assert_eq!(ids(&next), ["a.p2", "a.p3"]);
}

#[test]
fn filters_keep_what_they_name() {
    let api = Api::start("read");
    api.add(&PackageBuilder::hello().id("org.example.hello").name("Grüße").build());
    api.add(&PackageBuilder::hello().id("org.example.native").native(binary("linux-x86_64")).build());
    api.add(
        &PackageBuilder::hello()
            .id("com.example.tagged")
            .header_line("extra: { tags: ['fast:2', red] }")
            .build(),
    );
    api.scene.upload_form(&[], &PackageBuilder::hello().id("net.offered").build());
    for (query, expected) in [
        ("idPrefix=org.", &["org.example.hello", "org.example.native"][..]),
        ("idPrefix=org.example.hello.", &[]),
        ("text=GR%C3%9C", &["org.example.hello"]),
        ("text=NATIVE", &["org.example.native"]),
        ("architecture=all&idPrefix=org", &["org.example.hello"]),
        ("category=tools&idPrefix=net", &["net.offered"]),
        ("vendor=Example", &["net.offered"]),
        ("vendor=example", &[]),
        ("tag=fast", &["com.example.tagged"]),
        ("tag=fast:2", &["com.example.tagged"]),
        ("tag=fast:3", &[]),
    ] {
        let page = api.get(&format!("/packages?{query}"));
        assert_eq!(
            (ids(&page), page["total"].as_u64()),
            (expected.to_vec(), Some(expected.len() as u64)),
            "{query}"
        );
    }
    let native = api.get("/packages/org.example.native");
    let architecture = native["architectures"][0].as_str().unwrap();
    assert_eq!(ids(&api.get(&format!("/packages?architecture={architecture}"))), ["org.example.native"]);
}

#[test]
fn whatever_is_not_documented_is_refused() {
    let api = Api::start("read");
    for (target, code, field) in [
        ("/packages?nothing=1", "invalid-parameter", "nothing"),
        ("/packages?limit=0", "invalid-parameter", "limit"),
        ("/packages?limit=501", "invalid-parameter", "limit"),
        ("/packages?limit=x", "invalid-parameter", "limit"),
        ("/packages?cursor=%21", "invalid-parameter", "cursor"),
        ("/server?x", "invalid-parameter", "x"),
        ("/openapi.json?x=1", "invalid-parameter", "x"),
        ("/releases/1/package?hardwareId=", "invalid-parameter", "hardwareId"),
    ] {
        let answer = api.send("GET", target, &api.owner, b"");
        let problem: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(
            (answer.status, &problem["code"], &problem["field"]),
            (400, &json!(code), &json!(field)),
            "{target}"
        );
    }
    assert_eq!(api.send("GET", "/packages?text=a&text=b", &api.owner, b"").status, 400);
    for target in [
        "",
        "/nothing",
        "/packages/",
        "/packages/a/b",
        "/releases/01",
        "/releases/x",
        "/releases/-1",
        "/packages/a%00b",
        "/packages/%FF",
    ] {
        assert_eq!(api.send("GET", target, &api.owner, b"").status, 404, "{target}");
    }
    let answer = api.send("BREW", "/packages", &api.owner, b"");
    assert_eq!((answer.status, answer.header("allow")), (405, Some("GET,HEAD")));
}

#[test]
fn a_release_says_what_is_known_of_it() {
    let api = Api::start("read");
    let package = PackageBuilder::hello().version("1.0").build();
    let outcome = api.add(&package);
    assert_eq!(outcome["result"], "added");
    let release = &outcome["release"];
    let sequence = release["sequence"].as_u64().unwrap();
    assert_eq!(api.get(&format!("/releases/{sequence}")), *release);
    assert_eq!(release["sizeBytes"], package.len());
    assert_eq!(release["manifest"]["id"], release["id"]);
    assert_eq!(release["uploadedBy"], "token owner, HTTP from 127.0.0.1");
    // Who may only read does not learn who uploads from where.
    let answer = api.send("GET", &format!("/releases/{sequence}"), "", b"");
    assert_eq!(answer.json()["uploadedBy"], Value::Null);
    assert_eq!(api.add(&package)["result"], "unchanged");
    let updated = api.add(&PackageBuilder::hello().version("2.0").build());
    assert_eq!(updated["result"], "updated");
    let releases = api.get("/packages/org.example.hello/releases?limit=1");
    assert_eq!((&releases["items"][0]["version"], &releases["total"]), (&json!("2.0"), &json!(2)));
    let next = releases["nextCursor"].as_str().unwrap();
    let releases = api.get(&format!("/packages/org.example.hello/releases?cursor={next}"));
    assert_eq!(releases["items"][0]["version"], "1.0");
    let answer = api.send("DELETE", &format!("/releases/{sequence}"), &api.owner, b"");
    assert_eq!(answer.status, 204);
    assert_eq!(api.send("GET", &format!("/releases/{sequence}"), "", b"").status, 404);
    assert_eq!(api.get("/packages/org.example.hello")["releaseCount"], 1);
}

#[test]
fn packages_and_icons_are_downloaded_in_parts_too() {
    let api = Api::start("read");
    let package = PackageBuilder::hello().build();
    let sequence = api.add(&package)["release"]["sequence"].as_u64().unwrap();
    for thing in ["package", "icon"] {
        let target = format!("/releases/{sequence}/{thing}");
        let whole = api.send("GET", &target, "", b"");
        assert_eq!(whole.status, 200);
        let part = api.send("GET", &target, "Range: bytes=1-2\r\n", b"");
        assert_eq!((part.status, &part.body[..]), (206, &whole.body[1..3]));
        let several = api.send("GET", &target, "Range: bytes=1-1,3-3\r\n", b"");
        assert_eq!(several.status, 206);
        assert_eq!(api.send("GET", &target, "Range: bytes=99999999-\r\n", b"").status, 416);
        let tag = whole.header("etag").unwrap();
        assert_eq!(api.send("GET", &target, &format!("If-None-Match: {tag}\r\n"), b"").status, 304);
        assert_eq!(api.send("GET", &target, "If-Match: \"x\"\r\n", b"").status, 412);
    }
    assert_eq!(api.send("GET", &format!("/releases/{sequence}/package"), "", b"").body, package);
}

#[test]
fn a_download_is_signed_for_the_device() {
    let certificates = Certificates { store: Some(key("store.p12", "password")), ..Certificates::default() };
    let api = Api::with("read", certificates, |_| {});
    let package = PackageBuilder::hello().build();
    let sequence = api.add(&package)["release"]["sequence"].as_u64().unwrap();
    let download =
        |query: &str| api.send("GET", &format!("/releases/{sequence}/package{query}"), "", b"").body;
    let (any, one, other) = (download(""), download("?hardwareId=a"), download("?hardwareId=b"));
    assert!(any != package && one != any && other != one);
    assert_eq!(one, download("?hardwareId=a"));
    let visibility = api.get("/packages/org.example.hello/visibility?hardwareId=a");
    assert_eq!(visibility["signature"], "thisDevice");
    let server = api.get("/server");
    assert_eq!(server["settings"]["signsDownloads"], true);
    assert_eq!(server["certificates"][0]["purpose"], "storeSigning");
}

#[test]
fn a_person_can_ask_what_a_device_gets_and_why() {
    let api = Api::start("read");
    let all = api.add(&PackageBuilder::hello().version("1.0").build())["release"]["sequence"].clone();
    let native = PackageBuilder::hello().version("1.0").native(binary("linux-x86_64")).build();
    let native = api.add(&native)["release"].clone();
    let decisions = |query: &str| {
        let answer = api.get(&format!("/packages/org.example.hello/visibility?{query}"));
        let words: Vec<Value> = answer["releases"]
            .as_array()
            .unwrap()
            .iter()
            .map(|verdict| verdict["decision"].clone())
            .collect();
        (answer["offered"].clone(), words)
    };
    let of = |first: &str, second: &str| vec![json!(first), json!(second)];
    assert_eq!(decisions(""), (all.clone(), of("offered", "otherArchitecture")));
    let architecture = native["architecture"].as_str().unwrap();
    let expected = (native["sequence"].clone(), of("nativePreferred", "offered"));
    assert_eq!(decisions(&format!("architecture={architecture}")), expected);
    assert_eq!(decisions("dialect=deployment-server").0, all);
    for (query, field) in [
        ("dialect=other", "dialect"),
        ("tags=a", "tags"),
        ("dialect=deployment-server&tags=a:b:c", "tags"),
        ("dialect=deployment-server&conflicts=,", "conflicts"),
        ("dialect=deployment-server&architecture=x", "architecture"),
    ] {
        let target = format!("/packages/org.example.hello/visibility?{query}");
        let answer = api.send("GET", &target, "", b"");
        let problem: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!((answer.status, &problem["field"]), (400, &json!(field)), "{query}");
    }
}

#[test]
fn a_package_goes_only_if_it_is_what_the_client_has_seen() {
    let api = Api::start("read");
    api.add(&PackageBuilder::hello().version("1").build());
    let seen = api.send("GET", "/packages/org.example.hello", &api.owner, b"");
    let condition = format!("If-Match: {}\r\n{}", seen.header("etag").unwrap(), api.owner);
    api.add(&PackageBuilder::hello().version("2").build());
    assert_eq!(api.send("DELETE", "/packages/org.example.hello", &condition, b"").status, 412);
    assert_eq!(api.get("/packages/org.example.hello")["releaseCount"], 2);
    let seen = api.send("GET", "/packages/org.example.hello", &api.owner, b"");
    let condition = format!("If-Match: \"x\", {}\r\n{}", seen.header("etag").unwrap(), api.owner);
    assert_eq!(api.send("DELETE", "/packages/org.example.hello", &condition, b"").status, 204);
    assert_eq!(api.send("DELETE", "/packages/org.example.hello", &api.owner, b"").status, 404);
}

#[test]
fn a_token_sees_its_packages_and_no_others() {
    let api = Api::start("none");
    api.add(&PackageBuilder::hello().id("org.mine").build());
    let other = api.add(&PackageBuilder::hello().id("org.other").build())["release"]["sequence"].clone();
    let token = bearer(&api.token("some", "upload,remove", &["org.mine"], None));
    let get = |target: &str| {
        crate::running::eventually(|| {
            let answer = api.send("GET", target, &token, b"");
            (answer.status != 401).then_some(answer)
        })
    };
    assert_eq!(ids(&get("/packages").json()), ["org.mine"]);
    assert_eq!(get("/server").json()["counts"]["packages"], 1);
    for target in [
        "/packages/org.other".to_owned(),
        "/packages/org.other/releases".into(),
        "/packages/org.other/visibility".into(),
        format!("/releases/{other}"),
        format!("/releases/{other}/package"),
        format!("/releases/{other}/icon"),
    ] {
        assert_eq!(get(&target).status, 404, "{target}");
    }
    assert_eq!(api.send("DELETE", &format!("/releases/{other}"), &token, b"").status, 404);
    assert_eq!(api.send("DELETE", "/packages/org.other", &token, b"").status, 403);
    let head = format!("{BYTES}{token}");
    let answer = api.send("POST", "/uploads", &head, &PackageBuilder::hello().id("org.new").build());
    let problem: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!((answer.status, &problem["code"]), (403, &json!("out-of-scope")));
    assert_eq!(api.get("/packages")["total"], 2);
}

#[test]
fn an_upload_that_is_refused_says_why() {
    let api = Api::start("read");
    let head = format!("{BYTES}{}", api.owner);
    for (body, code) in [(&b"not a package"[..], "format"), (b"", "format")] {
        let before = api.scene.server.files();
        let answer = api.send("POST", "/uploads", &head, body);
        let problem: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!((answer.status, &problem["code"]), (422, &json!(code)));
        assert!(api.scene.server.files() == before);
    }
    let form = format!("Content-Type: multipart/form-data\r\n{}", api.owner);
    assert_eq!(api.send("POST", "/uploads", &form, &PackageBuilder::hello().build()).status, 415);
    let foreign = format!("Origin: http://evil.example\r\n{head}");
    let answer = api.send("POST", "/uploads", &foreign, &PackageBuilder::hello().build());
    let problem: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!((answer.status, &problem["code"]), (403, &json!("foreign-origin")));
    assert_eq!(api.get("/packages")["total"], 0);
}

#[test]
fn what_is_in_a_package_is_listed() {
    let api = Api::start("read");
    let package = PackageBuilder::hello().native(binary("linux-x86_64")).build();
    let sequence = api.add(&package)["release"]["sequence"].as_u64().unwrap();
    let inspection = amps_core::inspect(&package[..], &amps_core::Limits::default()).unwrap();
    let expected: Vec<Value> = inspection
        .entries
        .iter()
        .map(|entry| {
            json!({
                "path": entry.path, "type": entry.kind,
                "sizeBytes": entry.size_bytes, "executable": entry.executable,
            })
        })
        .collect();
    assert!(expected.len() >= 3, "{expected:?}");
    let (mut cursor, mut found) = (String::new(), Vec::new());
    loop {
        let page = api.get(&format!("/releases/{sequence}/contents?limit=2{cursor}"));
        assert_eq!(page["total"], expected.len());
        found.extend(page["items"].as_array().unwrap().clone());
        let Some(next) = page["nextCursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(found, expected);
    let manifest = api.send("GET", &format!("/releases/{sequence}/manifest"), "", b"");
    let files = PackageBuilder::hello().native(binary("linux-x86_64")).files();
    let own = files.iter().find(|entry| entry.name() == b"info.yaml").unwrap();
    assert_eq!(manifest.body, own.data());
    for (name, value) in [
        ("content-type", "application/yaml"),
        ("content-disposition", "inline"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(manifest.header(name), Some(value));
    }
    let tag = manifest.header("etag").unwrap();
    let again =
        api.send("GET", &format!("/releases/{sequence}/manifest"), &format!("If-None-Match: {tag}\r\n"), b"");
    assert_eq!(again.status, 304);
    for path in ["contents", "manifest"] {
        assert_eq!(api.send("GET", &format!("/releases/{}/{path}", sequence + 1), "", b"").status, 404);
    }
}

#[test]
fn those_who_run_the_server_see_how_it_is() {
    let api = Api::start("read");
    let server = api.get("/server");
    let state = &server["state"];
    let disk = &state["disk"];
    assert!(disk["freeBytes"].as_u64().unwrap() <= disk["sizeBytes"].as_u64().unwrap(), "{disk}");
    assert!(state["databaseBytes"].as_u64().unwrap() > 0);
    assert!(state["connections"].as_u64().unwrap() >= 1 && state["requests"].as_u64().unwrap() >= 1);
    assert_eq!(state["openUploads"], 0);
    assert!(state["checks"].as_array().unwrap().contains(&json!({ "name": "catalog", "problem": null })));
    assert!(server["startedAt"].is_string() && server["uptimeSeconds"].is_u64());
    let anybody = api.send("GET", "/server", "", b"").json();
    assert_eq!((&anybody["state"], &anybody["startedAt"]), (&Value::Null, &server["startedAt"]));
}
