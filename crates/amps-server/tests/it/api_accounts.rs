//! Users, vendors, categories and tokens over the API.

use serde_json::{Value, json};

use crate::{access_scene::bearer, api_scene::Api, running::eventually, signed_scene::pki};

fn problem(api: &Api, method: &str, path: &str, body: &Value) -> (u16, String, Value) {
    let answer = api.change(method, path, body);
    let problem: Value = serde_json::from_slice(&answer.body).unwrap();
    (answer.status, problem["code"].as_str().unwrap().to_owned(), problem["field"].clone())
}

#[test]
fn a_user_is_made_changed_and_removed() {
    let api = Api::start("read");
    let new = json!({ "name": "zoë", "password": "correct horse", "isStaff": true });
    let answer = api.change("POST", "/users", &new);
    assert_eq!((answer.status, answer.header("location")), (201, Some("/api/v1/users/zo%C3%AB")));
    assert_eq!(api.scene.greeted("").log_in("zo%C3%AB"), "authentication-failed");
    let changed =
        api.change("PATCH", "/users/zo%C3%AB", &json!({ "password": "open sesame", "isStaff": false }));
    assert_eq!((changed.status, &changed.json()["isStaff"]), (200, &json!(false)));
    assert_eq!(api.scene.greeted("").log_in("zo%C3%AB"), "ok");
    let list = api.get("/users?limit=2");
    assert_eq!((&list["total"], &list["items"][0]["name"]), (&json!(4), &json!("ada")));
    assert!(list["items"].to_string().find("sesame").is_none());
    for (body, expected) in [
        (json!({ "name": "zoë", "password": "correct horse" }), (409, "exists", Value::Null)),
        (json!({ "name": "a b", "password": "correct horse" }), (400, "invalid-body", json!("name"))),
        (json!({ "name": "b", "password": "short" }), (422, "invalid-password", json!("password"))),
        (json!({ "name": "b", "password": 12_345_678 }), (400, "invalid-body", json!("password"))),
        (
            json!({ "name": "b", "password": "correct horse", "isAdmin": true }),
            (400, "invalid-body", json!("isAdmin")),
        ),
        (json!({ "name": "b" }), (400, "invalid-body", Value::Null)),
        (json!([]), (400, "invalid-body", Value::Null)),
    ] {
        let (status, code, field) = problem(&api, "POST", "/users", &body);
        assert_eq!((status, code.as_str(), field), expected, "{body}");
    }
    // A message never repeats what may be a password.
    let answer = api.change("POST", "/users", &json!({ "name": "b", "password": 87_654_321 }));
    assert!(!String::from_utf8_lossy(&answer.body).contains("87654321"));
    assert_eq!(api.send("DELETE", "/users/zo%C3%AB", &api.owner, b"").status, 204);
    assert_eq!(api.send("GET", "/users/zo%C3%AB", &api.owner, b"").status, 404);
    let answer = api.send("DELETE", "/users/ada", &api.owner, b"");
    assert_eq!(answer.status, 409, "she stands for a vendor");
}

#[test]
fn a_body_must_be_json_of_some_size() {
    let api = Api::start("read");
    let send = |head: &str, body: &[u8]| {
        api.send("POST", "/categories", &format!("{head}{}", api.owner), body).status
    };
    let json = "Content-Type: application/json\r\n";
    assert_eq!(send("", b"{}"), 415);
    assert_eq!(send("Content-Type: text/plain\r\n", b"{}"), 415);
    assert_eq!(send(json, b""), 400);
    assert_eq!(send(json, br#"{"name":"a"} x"#), 400);
    assert_eq!(send(json, br#"["a", 1]"#), 400);
    let padded = |bytes: usize| format!("{}{}", r#"{"name":"a"}"#, " ".repeat(bytes - 12));
    assert_eq!(send(json, padded(64 * 1024 + 1).as_bytes()), 413);
    assert_eq!(send("Content-Type: Application/JSON; charset=utf-8\r\n", padded(64 * 1024).as_bytes()), 201);
}

#[test]
fn a_lost_update_is_refused() {
    let api = Api::start("read");
    let seen = api.send("GET", "/categories/tools", &api.owner, b"");
    let condition = format!(
        "If-Match: {}\r\nContent-Type: application/json\r\n{}",
        seen.header("etag").unwrap(),
        api.owner
    );
    let change = |position: u32| {
        api.send("PATCH", "/categories/tools", &condition, format!(r#"{{"position":{position}}}"#).as_bytes())
            .status
    };
    for wrong in ["", "x", "\"a\", b", "\""] {
        let head = format!("If-Match: {wrong}\r\n{}", api.owner);
        assert_eq!(api.send("DELETE", "/categories/tools", &head, b"").status, 400, "{wrong}");
    }
    assert_eq!(change(7), 200);
    assert_eq!(change(8), 412);
    assert_eq!(api.get("/categories/tools")["position"], 7);
    assert_eq!(api.send("DELETE", "/categories/tools", &condition, b"").status, 412);
}

#[test]
fn categories_have_an_order_and_icons() {
    let api = Api::start("read");
    for (name, position) in [("b/c", 9), ("a", 9), ("z", 0)] {
        let answer = api.change("POST", "/categories", &json!({ "name": name, "position": position }));
        assert_eq!(answer.status, 201);
    }
    let (mut names, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = api.get(&format!("/categories?limit=2{cursor}"));
        names.extend(
            page["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()),
        );
        let Some(next) = page["nextCursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(names.len(), 5);
    let place = |name: &str| names.iter().position(|other| other == name).unwrap();
    assert!(place("z") < place("b/c") && place("b/c") < place("a"), "{names:?}");
    assert_eq!(api.get("/categories/b%2Fc")["position"], 9);
    let put = format!("Content-Type: image/png\r\n{}", api.owner);
    assert_eq!(api.send("PUT", "/categories/a/icon", &put, b"no image").status, 422);
    assert_eq!(api.send("PUT", "/categories/nothing/icon", &put, b"no image").status, 422);
    assert_eq!(api.send("PUT", "/categories/a/icon", &put, &vec![0; 1024 * 1024 + 1]).status, 413);
    assert_eq!(api.send("GET", "/categories/a/icon", "", b"").status, 404);
    assert_eq!(api.send("DELETE", "/categories/a/icon", &api.owner, b"").status, 404);
}

#[test]
fn categories_are_put_into_an_order_in_one_step() {
    let api = Api::start("read");
    for name in ["b", "a"] {
        assert_eq!(api.change("POST", "/categories", &json!({ "name": name, "position": 4 })).status, 201);
    }
    let seen = api.send("GET", "/category-order", &api.owner, b"");
    let before = seen.json()["names"].clone();
    let mut names: Vec<Value> = before.as_array().unwrap().clone();
    names.reverse();
    let put = |condition: &str, names: &Value| {
        let head = format!("{condition}Content-Type: application/json\r\n{}", api.owner);
        api.send("PUT", "/category-order", &head, json!({ "names": names }).to_string().as_bytes())
    };
    let twice = json!([&names[..], &names[..1]].concat());
    for other in [json!(names[1..]), twice, json!([&names[1..], &[json!("c")]].concat()), json!([])] {
        let (status, code, _) = problem(&api, "PUT", "/category-order", &json!({ "names": other }));
        assert_eq!((status, code.as_str()), (409, "other-categories"), "{other}");
    }
    assert_eq!(put("", &json!([" \n"])).status, 400);
    assert_eq!(api.get("/category-order")["names"], before);
    let condition = format!("If-Match: {}\r\n", seen.header("etag").unwrap());
    assert_eq!(put(&condition, &json!(names)).json()["names"], json!(names));
    assert_eq!(put(&condition, &before).status, 412);
    let list = api.get("/categories");
    let listed: Vec<&Value> = list["items"].as_array().unwrap().iter().map(|item| &item["name"]).collect();
    assert_eq!(json!(listed), json!(names));
}

#[test]
fn a_vendor_has_a_user_and_may_have_a_certificate() {
    let api = Api::start("read");
    let pem = std::fs::read_to_string(pki("dev1.crt")).unwrap();
    let new = json!({ "name": "New & Co", "user": "bob", "certificate": pem });
    let answer = api.change("POST", "/vendors", &new);
    assert_eq!((answer.status, answer.header("location")), (201, Some("/api/v1/vendors/New%20%26%20Co")));
    assert!(answer.json()["certificate"]["subject"].is_string());
    let changed = api.change("PATCH", "/vendors/New%20%26%20Co", &json!({ "name": "Newer" })).json();
    assert!(changed["certificate"].is_object(), "what is not named stays");
    let changed = api.change("PATCH", "/vendors/Newer", &json!({ "certificate": null })).json();
    assert_eq!(changed["certificate"], Value::Null);
    for (body, expected) in [
        (json!({ "user": "nobody" }), (422, "missing-user", json!("user"))),
        (json!({ "certificate": "x" }), (422, "invalid-certificate", json!("certificate"))),
        (json!({ "name": "Example" }), (409, "exists", Value::Null)),
        (json!({ "name": null, "x": 1 }), (400, "invalid-body", json!("x"))),
    ] {
        let (status, code, field) = problem(&api, "PATCH", "/vendors/Newer", &body);
        assert_eq!((status, code.as_str(), field), expected, "{body}");
    }
    assert_eq!(problem(&api, "PATCH", "/vendors/nobody", &json!({})).0, 404);
}

#[test]
fn a_token_is_told_once_and_works_at_once() {
    let api = Api::start("none");
    let new = json!({ "name": "ci", "roles": ["upload"], "packages": ["org.example.*"], "expiresInDays": 1 });
    let answer = api.change("POST", "/tokens", &new);
    assert_eq!((answer.status, answer.header("cache-control")), (201, Some("no-store")));
    let created = answer.json();
    let token = created["token"].as_str().unwrap();
    assert_eq!(api.send("GET", "/packages", &bearer(token), b"").status, 200);
    assert_eq!(api.get("/tokens/ci"), created["details"]);
    assert!(!api.get("/tokens").to_string().contains(token));
    assert_eq!(problem(&api, "POST", "/tokens", &new).0, 409);
    for (body, field) in [
        (json!({ "name": "x", "roles": [] }), "roles"),
        (json!({ "name": "x", "roles": ["root"] }), "roles[0]"),
        (json!({ "name": "x", "roles": ["read"], "packages": ["a/b"] }), "packages[0]"),
        (json!({ "name": "x", "roles": ["read"], "expiresInDays": 0 }), "expiresInDays"),
    ] {
        assert_eq!(
            problem(&api, "POST", "/tokens", &body),
            (400, "invalid-body".into(), json!(field)),
            "{body}"
        );
    }
    assert_eq!(api.send("DELETE", "/tokens/ci", &api.owner, b"").status, 204);
    eventually(|| (api.send("GET", "/packages", &bearer(token), b"").status == 401).then_some(()));
    assert_eq!(api.get("/tokens/ci")["status"], "revoked");
}

#[test]
fn the_page_for_people_has_no_script() {
    let api = Api::start("none");
    let answer = api.send("GET", "/", "", b"");
    let policy = answer.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("script"), "{policy}");
    let page = String::from_utf8(answer.body).unwrap();
    assert!(!page.contains("<script") && page.contains("/api/v1/releases/{sequence}/package"));
    for path in api.document()["paths"].as_object().unwrap().keys() {
        assert!(page.contains(&format!("/api/v1{path}<")), "{path}");
    }
}
