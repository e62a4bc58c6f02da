//! The audit trail over the API, and what the API enters into it.

use amps_catalog::SqliteCatalog;
use amps_core::audit::{AuditFilter, AuditLog as _, Position};
use amps_testkit::PackageBuilder;
use serde_json::{Value, json};

use crate::{
    access_scene::{ID, bearer, package},
    api_scene::{Api, BYTES, JSON},
    client::request,
    deployment_scene::PASSWORD,
    running::eventually,
};

const TUS: &str = "Tus-Resumable: 1.0.0\r\n";

/// Waits until the server knows a token.
fn known(api: &Api, token: &str) -> String {
    let head = bearer(token);
    eventually(|| (api.send("GET", "/server", &head, b"").status == 200).then_some(()));
    head
}

/// All entries of a filter, page by page, the newest first.
fn all(api: &Api, filter: &str) -> Vec<Value> {
    let (mut entries, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = api.get(&format!("/audit?limit=3{filter}{cursor}"));
        let items = page["items"].as_array().unwrap().clone();
        assert!(items.len() <= 3);
        entries.extend(items);
        let Some(next) = page["nextCursor"].as_str() else { return entries };
        cursor = format!("&cursor={next}");
    }
}

/// Entries as words: action, actor, channel, result, object or package.
fn words(entry: &Value) -> String {
    let text = |key: &str| entry[key].as_str().unwrap_or("-").to_owned();
    let object = if entry["object"].is_null() { text("package") } else { text("object") };
    [text("action"), text("actor"), text("channel"), text("result"), object].join(" ")
}

#[test]
fn what_the_api_changes_is_in_the_trail() {
    let api = Api::start("read");
    let before = api.get("/audit?limit=1")["items"][0]["sequence"].as_u64().unwrap();
    let head = format!("X-Request-Id: my-request\r\n{}", api.owner);
    let change = |method: &str, path: &str, body: &Value| {
        let status = api.change(method, path, body).status;
        assert!((200..300).contains(&status), "{method} {path}: {status}");
    };
    let remove = |path: &str| assert_eq!(api.send("DELETE", path, &head, b"").status, 204, "{path}");
    change("POST", "/users", &json!({ "name": "zoe", "password": "correct horse" }));
    change("PATCH", "/users/zoe", &json!({ "password": "open sesame", "isStaff": true }));
    assert_eq!(
        api.change("POST", "/users", &json!({ "name": "zoe", "password": "correct horse" })).status,
        409
    );
    change("POST", "/vendors", &json!({ "name": "V", "user": "zoe" }));
    change("PATCH", "/vendors/V", &json!({ "name": "W" }));
    remove("/vendors/W");
    remove("/users/zoe");
    change("POST", "/categories", &json!({ "name": "c" }));
    change("PATCH", "/categories/c", &json!({ "position": 7 }));
    let icon = PackageBuilder::hello().files().into_iter().find(|entry| entry.name() == b"icon.png").unwrap();
    let put = format!("Content-Type: image/png\r\n{head}");
    assert_eq!(api.send("PUT", "/categories/c/icon", &put, icon.data()).status, 204);
    remove("/categories/c/icon");
    remove("/categories/c");
    change("POST", "/tokens", &json!({ "name": "t", "roles": ["read"] }));
    remove("/tokens/t");
    let upload = |package: &[u8]| api.send("POST", "/uploads", &format!("{BYTES}{head}"), package);
    assert_eq!(upload(&package(ID)).status, 201);
    remove("/releases/1");
    assert_eq!(upload(&package(ID)).status, 201);
    remove(&format!("/packages/{ID}"));
    let bytes = package("org.example.pieces");
    let begun = format!("{TUS}Upload-Length: {}\r\n{head}", bytes.len());
    let begun = api.send("POST", "/uploads/tus", &begun, b"");
    let path = begun.header("location").unwrap().strip_prefix("/api/v1").unwrap();
    let piece = format!("{TUS}Content-Type: application/offset+octet-stream\r\nUpload-Offset: 0\r\n{head}");
    assert_eq!(api.send("PATCH", path, &piece, &bytes).status, 204);
    let mut entries = all(&api, "");
    entries.reverse();
    // Tokens that the server did not know yet are counted, and entered at some time.
    let is_change = |entry: &Value| entry["action"] != "access.denied";
    entries.retain(|entry| is_change(entry) && entry["sequence"].as_u64().unwrap() > before);
    let done: Vec<String> = entries.iter().map(words).collect();
    let upload = format!("upload from {}", api.scene.server.address.ip());
    let expected = [
        "user.create owner api ok zoe",
        "user.password owner api ok zoe",
        "user.change owner api ok zoe",
        "user.create owner api refused zoe",
        "vendor.create owner api ok V",
        "vendor.change owner api ok V",
        "vendor.remove owner api ok W",
        "user.remove owner api ok zoe",
        "category.create owner api ok c",
        "category.change owner api ok c",
        "category.change owner api ok c",
        "category.change owner api ok c",
        "category.remove owner api ok c",
        "token.create owner api ok t",
        "token.revoke owner api ok t",
        &format!("package.upload owner api ok {upload}"),
        &format!("package.remove owner api ok {ID}"),
        &format!("package.upload owner api ok {upload}"),
        &format!("package.remove owner api ok {ID}"),
        &format!("package.upload owner api ok {upload}"),
    ];
    assert_eq!(done, expected);
    let text = json!(entries).to_string();
    assert!(!text.contains("sesame") && !text.contains("horse") && !text.contains("amps_"), "{text}");
    let last = entries.last().unwrap();
    assert_eq!((&last["package"], &last["request"]), (&json!("org.example.pieces"), &json!("my-request")));
    assert_eq!(last["address"], api.scene.server.address.ip().to_string());
    assert_eq!((&last["details"]["version"], &last["count"]), (&json!("1.0"), &json!(1)));
    let mut hashes = Vec::new();
    api.scene.catalog().verify_audit(&mut |point| hashes.push(point.hash.to_string())).unwrap().unwrap();
    assert!(hashes.iter().any(|hash| last["hash"] == **hash));
}

#[test]
fn entries_are_found_by_what_they_say() {
    let api = Api::start("read");
    let ops = known(&api, &api.token("ops", "upload", &[], None));
    let upload =
        |head: &str, package: &[u8]| api.send("POST", "/uploads", &format!("{BYTES}{head}"), package).status;
    assert_eq!(upload(&ops, &package("a")), 201);
    assert_eq!(upload(&ops, &package("b")), 201);
    assert_eq!(upload(&api.owner, &package("c")), 201);
    assert_eq!(upload(&api.owner, b"no package"), 422);
    // What has changed nothing is entered a moment later.
    let refused = eventually(|| {
        Some(all(&api, "&result=refused&action=package.upload")).filter(|found| !found.is_empty())
    });
    assert_eq!(refused.iter().map(words).collect::<Vec<_>>().len(), 1);
    assert_eq!((&refused[0]["code"], &refused[0]["actor"]), (&json!("format"), &json!("owner")));
    let packages = |filter: &str| -> Vec<String> {
        let of = |entry: &Value| entry["package"].as_str().unwrap_or("-").to_owned();
        all(&api, filter).iter().map(of).collect()
    };
    assert_eq!(packages("&action=package.upload&result=ok"), ["c", "b", "a"]);
    assert_eq!(packages("&actor=ops"), ["b", "a"]);
    assert_eq!(packages("&package=b"), ["b"]);
    assert_eq!(packages("&actor=ops&package=c"), <[&str; 0]>::default());
    assert_eq!(packages("&actor=ops&until=2001-01-01"), <[&str; 0]>::default());
    assert_eq!(packages("&actor=ops&since=2001-01-01T00:00:00Z&until=9999-12-31"), ["b", "a"]);
    for (query, field) in [
        ("action=package.burn", "action"),
        ("package=a/b", "package"),
        ("since=yesterday", "since"),
        ("until=2026-02-30", "until"),
        ("result=maybe", "result"),
        ("limit=0", "limit"),
        ("cursor=%21", "cursor"),
        // A cursor of another list.
        ("cursor=YWRh", "cursor"),
        ("who=ada", "who"),
    ] {
        let answer = api.send("GET", &format!("/audit?{query}"), &api.owner, b"");
        let problem: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!((answer.status, &problem["code"]), (400, &json!("invalid-parameter")), "{query}");
        assert!(problem["field"] == field || query.starts_with("who"), "{query}: {problem}");
    }
}

#[test]
fn what_is_refused_and_signed_is_counted() {
    let mut api = Api::start("read");
    let elsewhere = known(&api, &api.token("elsewhere", "admin", &["org.other.*"], None));
    api.add(&package(ID));
    for (path, status) in [("/packages/org.example.hello", 403), ("/releases/1", 404)] {
        assert_eq!(api.send("DELETE", path, &elsewhere, b"").status, status);
    }
    assert_eq!(api.send("GET", "/audit", &elsewhere, b"").status, 403);
    let reader = known(&api, &api.token("reader", "read", &[], None));
    let secret = "A".repeat(43);
    assert_eq!(api.send("GET", &format!("/uploads/tus/{secret}"), &reader, b"").status, 403);
    // Not by the API: what it documents has no such route.
    let answer = request(api.scene.server.address, "PUT", "/package/upload", &reader, &package(ID));
    assert_eq!(answer.status, 403);
    api.scene.server.request_shutdown();
    api.scene.server.join();
    let catalog = SqliteCatalog::open(&api.scene.server.data.path().join(".amps/catalog.db")).unwrap();
    let filter = AuditFilter { result: Some("refused".parse().unwrap()), ..AuditFilter::default() };
    let page = catalog.audit_page(Position::After(0), &filter, 100).unwrap();
    let mut found: Vec<String> = page
        .entries
        .iter()
        .map(|entry| {
            let record = &entry.record;
            assert!(!format!("{record:?}").contains(&secret));
            let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".into());
            let object = text(&record.object.clone().or(record.package.clone()));
            [&record.action, &record.channel, &text(&record.actor), &text(&record.code), &object]
                .map(String::as_str)
                .join(" ")
        })
        .collect();
    // As above.
    found.retain(|line| !line.contains("wrong-credentials"));
    found.sort();
    found.dedup();
    assert_eq!(
        found,
        [
            "access.denied api elsewhere out-of-scope /api/v1/audit",
            "access.denied api reader missing-role /api/v1/uploads/tus/",
            "access.denied package-server reader missing-role /package/upload",
            "package.remove api elsewhere out-of-scope org.example.hello",
        ]
    );
}

#[test]
fn signing_in_and_out_and_retention_are_in_the_trail() {
    let api = Api::start("read");
    for version in ["1.0", "2.0"] {
        api.add(&PackageBuilder::hello().version(version).build());
    }
    let ada = api.signed_in("ada");
    for (name, password) in [("ada", "wrong"), ("not a user", "wrong"), ("eve", PASSWORD)] {
        let body = json!({ "userName": name, "password": password }).to_string();
        assert!(matches!(api.send("POST", "/session", JSON, body.as_bytes()).status, 401 | 403));
    }
    let run = json!({ "versions": 1, "expectedReleases": 1 }).to_string();
    assert_eq!(api.send("POST", "/retention/run", &format!("{JSON}{ada}"), run.as_bytes()).status, 200);
    assert_eq!(api.send("DELETE", "/session", &ada, b"").status, 204);
    let data = api.scene.server.stop();
    let catalog = SqliteCatalog::open(&data.path().join(".amps/catalog.db")).unwrap();
    let page = catalog.audit_page(Position::After(0), &AuditFilter::default(), 100).unwrap();
    let said: Vec<String> = page
        .entries
        .iter()
        .map(|entry| &entry.record)
        .filter(|record| record.channel == "api" && record.action != "access.denied")
        .filter(|record| record.actor.as_deref() != Some("owner"))
        .map(|record| {
            let or = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".into());
            let (actor, object, code) = (or(&record.actor), or(&record.object), or(&record.code));
            format!("{} {actor} {} {code} {object}", record.action, record.result)
        })
        .collect();
    for expected in [
        "login ada ok - ada",
        "login - refused authentication-failed ada",
        "login - refused authentication-failed -",
        "login - refused account-disabled eve",
        "logout ada ok - ada",
    ] {
        assert_eq!(said.iter().filter(|line| *line == expected).count(), 1, "{expected}: {said:#?}");
    }
    let retired = page
        .entries
        .iter()
        .map(|entry| &entry.record)
        .find(|record| record.actor.as_deref() == Some("ada") && record.package.as_deref() == Some(ID));
    assert_eq!(retired.map(|record| record.result.as_str()), Some("ok"), "{said:#?}");
}
