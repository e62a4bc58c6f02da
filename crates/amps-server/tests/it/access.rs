//! Tokens at work: what they show, what they refuse, and what nobody learns.

use amps_core::accounts::ApiToken;
use serde_json::json;

use crate::{
    access_scene::{AccessScene, ID, bearer, form, of_user, package, password},
    client::request,
    deployment_scene::MULTIPART,
    log,
    running::eventually,
};

#[test]
fn whoever_says_nothing_is_asked_who_they_are() {
    let scene = AccessScene::start("none");
    let answer = scene.ask("GET", "/package/list", "", b"");
    assert_eq!((answer.status, answer.header("cache-control")), (401, Some("no-store")));
    assert_eq!(answer.header("www-authenticate"), Some("Basic realm=\"amps\", charset=\"UTF-8\", Bearer"));
    assert_eq!(answer.json(), json!({ "error": "no-credentials", "message": "this needs a token" }));
    let token = scene.token("reader", "read", &[]);
    let answer = scene.ask("PUT", "/package/upload", &bearer(&token), &package(ID));
    assert_eq!(answer.status, 403);
    assert_eq!(answer.json(), json!({ "error": "missing-role", "message": "this needs the role `upload`" }));
}

#[test]
fn nobody_learns_why_a_token_is_wrong() {
    for anonymous in ["none", "all"] {
        let scene = AccessScene::start(anonymous);
        let revoked = scene.token("revoked", "admin", &[]);
        scene.revoke("revoked", &revoked);
        let unknown = ApiToken::generate().unwrap().reveal();
        let wrong = [
            bearer(&scene.expired("expired")),
            bearer(&revoked),
            bearer(&unknown),
            bearer("amps_"),
            bearer("nonsense"),
            password("nonsense"),
            password(&unknown),
            "Authorization: Basic !\r\n".into(),
            "Authorization: Digest a=b\r\n".into(),
            format!("{}{}", bearer(&unknown), bearer(&unknown)),
        ];
        for head in wrong {
            let answer = scene.ask("GET", "/package/list", &head, b"");
            assert_eq!(answer.status, 401, "{head}");
            assert_eq!(
                answer.header("www-authenticate"),
                Some("Basic realm=\"amps\", charset=\"UTF-8\", Bearer")
            );
            let expected = json!({ "error": "wrong-credentials", "message": "this is not a token that opens anything here" });
            assert_eq!(answer.json(), expected, "{head}");
        }
    }
}

#[test]
fn a_token_that_is_revoked_beside_the_server_opens_nothing_any_more() {
    let scene = AccessScene::start("none");
    let token = scene.token("ci", "read", &[]);
    let status = || scene.ask("GET", "/package/list", &bearer(&token), b"").status;
    assert_eq!(status(), 200);
    scene.revoke("ci", &token);
    assert_eq!(status(), 401);
    // And one that is made is known as soon.
    scene.token("cj", "read", &[]);
}

#[test]
fn a_token_sees_the_packages_that_it_is_for() {
    let scene = AccessScene::start("read");
    scene.add(&package("org.other.a"));
    let token = scene.token("reader", "read", &["org.other.*"]);
    let head = bearer(&token);
    let ids = |target: &str, head: &str| {
        let list = scene.ask("GET", target, head, b"").json();
        list.as_array()
            .unwrap()
            .iter()
            .map(|item| item["id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    // With the lists of everybody kept before and after.
    for _ in 0..2 {
        assert_eq!(ids("/package/list", ""), [ID, "org.other.a"]);
        assert_eq!(ids("/package/list", &head), ["org.other.a"]);
        assert_eq!(ids("/package/list?filter=h", &head), ["org.other.a"]);
        let of_deployment = |head: &str| {
            let list = request(scene.scene.address, "GET", "/app/list", head, b"").json();
            list.as_array()
                .unwrap()
                .iter()
                .map(|item| item["id"].as_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(of_deployment(""), [ID, "org.other.a"]);
        assert_eq!(of_deployment(&head), ["org.other.a"]);
    }
    // What it is not for is as if it were not there.
    for path in ["/package/download", "/package/icon"] {
        let [hidden, missing] = [ID, "org.nowhere"].map(|id| {
            let answer = scene.ask("GET", &format!("{path}?id={id}"), &head, b"");
            (answer.status, answer.body)
        });
        assert_eq!(hidden, missing, "{path}");
        assert_eq!(hidden.0, 404);
    }
    let nobody = scene.token("nobody", "read", &["x"]);
    assert_eq!(scene.ask("GET", "/category/list", &bearer(&nobody), b"").json(), json!([]));
    assert_ne!(scene.ask("GET", "/category/list", &head, b"").json(), json!([]));
}

#[test]
fn a_purchase_is_within_the_scope_of_the_token_that_comes_with_it() {
    let scene = AccessScene::start("none");
    let session = scene.session("bob");
    let elsewhere = bearer(&scene.token("elsewhere", "read", &["org.other.*"]));
    let buy = |head: &str| {
        let target = format!("/app/purchase?id={ID}&device_id=1");
        request(scene.scene.address, "GET", &target, head, b"").json()["status"].clone()
    };
    assert_eq!(buy(&session), "ok");
    assert_eq!(buy(&format!("{session}{elsewhere}")), "failed");
}

#[test]
fn what_a_token_may_not_bring_leaves_nothing() {
    let scene = AccessScene::start("all");
    let head = bearer(&scene.token("ci", "upload,remove", &["org.ci.*"]));
    let before = scene.scene.server.files();
    for id in [ID, "org.new"] {
        let answer = scene.ask("PUT", "/package/upload", &head, &package(id));
        let expected =
            json!({ "error": "out-of-scope", "message": format!("the token is not for the package `{id}`") });
        assert_eq!((answer.status, answer.json()), (403, expected.clone()));
        let answer =
            request(scene.scene.address, "POST", "/upload", &format!("{MULTIPART}{head}"), &form(id));
        assert_eq!((answer.status, answer.json()), (403, expected.clone()));
        let answer = scene.ask("POST", &format!("/package/remove?id={id}"), &head, b"");
        assert_eq!((answer.status, answer.json()), (403, expected));
    }
    assert!(scene.scene.server.files() == before);
    assert_eq!(scene.ask("PUT", "/package/upload", &head, &package("org.ci.a")).json()["status"], "ok");
    let answer =
        request(scene.scene.address, "POST", "/upload", &format!("{MULTIPART}{head}"), &form("org.ci.b"));
    assert_eq!(answer.json()["status"], "ok");
    assert_eq!(scene.ask("POST", "/package/remove?id=org.ci.a", &head, b"").json()["removed"], 1);
}

#[test]
fn the_catalog_says_with_which_token_a_package_came() {
    use amps_core::Catalog as _;
    let scene = AccessScene::start("all");
    let head = password(&scene.token("ci", "upload", &[]));
    scene.ask("PUT", "/package/upload", &head, &package("a.a"));
    request(scene.scene.address, "POST", "/upload", &format!("{MULTIPART}{head}"), &form("a.b"));
    scene.ask("PUT", "/package/upload", "", &package("a.c"));
    let releases = scene.scene.catalog().releases().unwrap();
    let by: Vec<_> = releases
        .iter()
        .map(|release| (release.facts.id.as_str(), release.facts.uploaded_by.as_str()))
        .collect();
    assert_eq!(
        by,
        [
            ("a.a", "token ci, HTTP from 127.0.0.1"),
            ("a.b", "token ci, HTTP from 127.0.0.1"),
            ("a.c", "HTTP from 127.0.0.1"),
            (ID, "token owner, HTTP from 127.0.0.1"),
        ]
    );
}

#[test]
fn who_may_not_upload_gets_the_answer_however_much_they_send() {
    let scene = AccessScene::start("read");
    let much = vec![0; 8 << 20];
    assert_eq!(scene.ask("PUT", "/package/upload", "", &much).status, 401);
    let answer =
        request(scene.scene.address, "POST", "/upload", &format!("{MULTIPART}{}", bearer("x")), &much);
    assert_eq!(answer.status, 401);
}

#[test]
fn a_users_password_is_for_uploading_to_the_deployment_server_alone() {
    let scene = AccessScene::start("none");
    // The Django server looks at it there only; so a wrong one is not looked at either.
    let list = |head: &str| request(scene.scene.address, "GET", "/app/list", head, b"").status;
    assert_eq!(list(&of_user("ada")), 401);
    assert_eq!(scene.ask("GET", "/package/list", &of_user("ada"), b"").status, 401);
    let head = format!("{MULTIPART}{}", of_user("ada"));
    assert_eq!(request(scene.scene.address, "POST", "/upload", &head, &form(ID)).json()["status"], "ok");
}

#[test]
fn a_page_of_another_origin_does_nothing_with_the_credentials_that_a_browser_keeps() {
    let scene = AccessScene::start("none");
    let head = password(&scene.token("admin", "admin", &[]));
    let before = scene.scene.server.files();
    for origin in ["Origin: http://evil.example\r\n", "Origin: null\r\n", "Sec-Fetch-Site: cross-site\r\n"] {
        let head = format!("{head}{origin}");
        let removed = scene.ask("POST", &format!("/package/remove?id={ID}"), &head, b"");
        let uploaded = scene.ask("PUT", "/package/upload", &head, &package("a.b"));
        let head = format!("{MULTIPART}{head}");
        let deployed = request(scene.scene.address, "POST", "/upload", &head, &form("a.b"));
        for answer in [removed, uploaded, deployed] {
            assert_eq!((answer.status, &answer.json()["error"]), (403, &json!("foreign-origin")), "{origin}");
        }
    }
    assert!(scene.scene.server.files() == before);
    // And what it could fetch, the browser does not let it read.
    let answer = scene.ask("GET", "/package/list", &format!("{head}Origin: http://evil.example\r\n"), b"");
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, None));
}

#[test]
fn the_line_of_a_request_names_the_token() {
    log::collect();
    let scene = AccessScene::start("none");
    let token = scene.token("named-in-the-log", "read", &[]);
    for (id, method, path) in
        [("let-in-by-name", "GET", "/package/list"), ("refused-by-name", "POST", "/package/remove?id=a")]
    {
        let head = format!("{}X-Request-Id: {id}\r\n", bearer(&token));
        scene.ask(method, path, &head, b"");
        let line = eventually(|| {
            log::text().lines().find(|line| line.contains(id) && line.contains("status=")).map(str::to_owned)
        });
        assert!(line.contains(r#"token="named-in-the-log""#), "{line}");
    }
}

#[test]
fn no_token_is_logged() {
    log::collect();
    let scene = AccessScene::start("none");
    let (right, wrong) = (scene.token("logged", "read", &[]), ApiToken::generate().unwrap().reveal());
    for token in [&right, &wrong] {
        scene.ask("GET", "/package/list", &bearer(token), b"");
        scene.ask("GET", "/package/list", &password(token), b"");
    }
    eventually(|| log::text().contains("/package/list").then_some(()));
    for token in [right, wrong] {
        let encoded = password(&token);
        let encoded = encoded.rsplit(' ').next().unwrap().trim_end();
        assert!(!log::text().contains(&token) && !log::text().contains(encoded));
        assert!(!scene.scene.server.console().contains(&token));
    }
}
