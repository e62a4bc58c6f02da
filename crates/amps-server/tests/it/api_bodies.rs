//! Whether a body may be missing: what the document says is what happens.

use serde_json::{Value, json};

use crate::{
    access_scene::package,
    api_scene::{Api, BYTES, JSON},
};

const TUS: &str = "Tus-Resumable: 1.0.0\r\n";

/// The operations that are documented with a body: method, path, and whether it must be there.
fn operations(api: &Api) -> Vec<(String, String, bool)> {
    let mut found = Vec::new();
    for (path, item) in api.document()["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if let Some(body) = operation.get("requestBody") {
                // OpenAPI 3.1, section 4.8.13.1: without the field, it may be missing.
                let needed = body.get("required").is_some_and(|required| *required == json!(true));
                found.push((method.to_uppercase(), path.clone(), needed));
            }
        }
    }
    found
}

#[test]
fn a_body_may_be_missing_where_the_document_says_so_and_nowhere_else() {
    let api = Api::start("none");
    assert_eq!(api.change("POST", "/categories", &json!({ "name": "ada" })).status, 201);
    api.need_vendor("ada");
    let operations = operations(&api);
    let may_be_missing: Vec<&str> =
        operations.iter().filter(|(_, _, needed)| !needed).map(|(_, path, _)| path.as_str()).collect();
    assert_eq!(may_be_missing, ["/retention/plan"]);
    assert!(operations.len() >= 14, "only {} operations have a body", operations.len());
    for (method, path, needed) in operations {
        let mut head = api.owner.clone();
        let mut target = path.replace("{name}", "ada");
        if path == "/uploads/tus/{upload}" {
            head = format!("{TUS}Upload-Offset: 0\r\n{head}");
            let begun = api.send("POST", "/uploads/tus", &format!("Upload-Length: 5\r\n{head}"), b"");
            target = begun.header("location").unwrap().strip_prefix("/api/v1").unwrap().to_owned();
        }
        let status = api.send(&method, &target, &head, b"").status;
        let expected: &[u16] = if needed { &[400, 415, 422] } else { &[200] };
        assert!(
            expected.contains(&status),
            "{method} {path} without a body: {status}, expected {expected:?}"
        );
    }
}

#[test]
fn a_body_that_may_be_missing_is_looked_at_if_it_is_there() {
    let api = Api::start("none");
    api.add(&package("org.example.a"));
    let plan = |head: &str, body: &[u8]| {
        api.send("POST", "/retention/plan", &format!("{head}{}", api.owner), body).status
    };
    assert_eq!(plan("", b""), 200);
    assert_eq!(plan(JSON, b"{}"), 200);
    // Whoever says of what kind it is sends one.
    assert_eq!(plan(JSON, b""), 400);
    assert_eq!(plan(JSON, b"null"), 400);
    assert_eq!(plan(BYTES, b""), 415);
    assert_eq!(plan("", b"{}"), 415);
    let both = api.send("POST", "/retention/plan", &api.owner, b"").json();
    assert_eq!(both, api.change("POST", "/retention/plan", &Value::Object(serde_json::Map::new())).json());
}
