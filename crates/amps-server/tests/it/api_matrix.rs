//! Every operation, whoever asks: `api_matrix.txt` has the answers. Together the rows are all that the document describes.

use std::collections::BTreeSet;

use amps_core::{
    Timestamp,
    accounts::{AccessTokens as _, ApiToken},
};
use amps_testkit::PackageBuilder;

use crate::{
    access_scene::{ID, bearer, package, password},
    api_scene::{Api, BYTES, JSON},
    client::Answer,
    deployment_scene::PASSWORD,
    running::eventually,
};

const MATRIX: &str = include_str!("api_matrix.txt");
const CALLERS: [&str; 14] = [
    "none",
    "read-all",
    "all",
    "read",
    "upload",
    "remove",
    "admin",
    "owner",
    "user",
    "staff",
    "wrong",
    "expired",
    "revoked",
    "elsewhere",
];
const TUS: &str = "Tus-Resumable: 1.0.0\r\n";

struct Row {
    method: &'static str,
    path: &'static str,
    expected: Vec<u16>,
}

fn rows() -> Vec<Row> {
    let lines = MATRIX.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    lines
        .map(|line| {
            let words: Vec<&'static str> = line.split_whitespace().collect();
            assert_eq!(words.len(), 3 + CALLERS.len(), "{line}");
            let expected = words[3..].iter().map(|word| word.parse().unwrap()).collect();
            Row { method: words[0], path: words[1], expected }
        })
        .collect()
}

/// The header lines with which a caller asks, on a server with this setting.
fn heads(api: &Api, anonymous: &str, caller: &str) -> Vec<String> {
    let token = match caller {
        "none" | "read-all" | "all" => {
            let setting = if caller == "read-all" { "read" } else { caller };
            return if setting == anonymous { vec![String::new()] } else { vec![] };
        }
        "owner" => return vec![api.owner.clone()],
        "user" => return vec![api.signed_in("bob")],
        "staff" => return vec![api.signed_in("ada")],
        "wrong" => ApiToken::generate().unwrap().reveal(),
        "expired" => api.token(caller, "admin", &[], Some(Timestamp(1))),
        "revoked" => {
            let token = api.token(caller, "admin", &[], None);
            let catalog = api.scene.catalog();
            assert!(catalog.revoke_access_token(&caller.parse().unwrap(), Timestamp(0)).unwrap());
            token
        }
        "elsewhere" => api.token(caller, "admin", &["org.other.*", "?"], None),
        role => api.token(role, role, &["org.example.*"], None),
    };
    if !matches!(caller, "wrong" | "expired" | "revoked") {
        let status = || api.send("GET", "/server", &bearer(&token), b"").status;
        eventually(|| (status() == 200).then_some(()));
    }
    vec![bearer(&token), password(&token)]
}

/// What a row needs to be there, and its request.
fn send(api: &Api, row: &Row, head: &str, number: usize) -> Answer {
    let json = format!("{JSON}{head}");
    let name = format!("n{number}");
    let icon = PackageBuilder::hello().files().into_iter().find(|entry| entry.name() == b"icon.png").unwrap();
    match (row.method, row.path) {
        ("POST" | "DELETE", "/session") => {
            // It ends the session that the request shows.
            let fresh = if head.contains("Cookie:") { api.signed_in("bob") } else { head.to_owned() };
            let body = format!(r#"{{"userName":"bob","password":"{PASSWORD}"}}"#);
            let (kind, body) = if row.method == "POST" { (JSON, &*body) } else { ("", "") };
            api.send(row.method, row.path, &format!("{kind}{fresh}"), body.as_bytes())
        }
        ("POST", "/uploads") => {
            let _ = api.send("DELETE", &format!("/packages/{ID}"), &api.owner, b"");
            api.send("POST", row.path, &format!("{BYTES}{head}"), &package(ID))
        }
        ("POST", "/uploads/tus") => {
            let answer = api.send("POST", row.path, &format!("{TUS}Upload-Length: 5\r\n{head}"), b"");
            if let Some(location) = answer.header("location") {
                let path = location.strip_prefix("/api/v1").unwrap();
                assert_eq!(api.send("DELETE", path, &format!("{TUS}{head}"), b"").status, 204);
            }
            answer
        }
        ("OPTIONS", _) => api.send("OPTIONS", row.path, head, b""),
        (method, "/uploads/tus/{upload}") => {
            // An upload of the caller's own, if they may have one.
            let package = package(ID);
            let length = format!("{TUS}Upload-Length: {}\r\n", package.len());
            let begun = api.send("POST", "/uploads/tus", &format!("{length}{head}"), b"");
            let (begun, mine) = match begun.header("location") {
                Some(_) => (begun, head),
                None => {
                    (api.send("POST", "/uploads/tus", &format!("{length}{}", api.owner), b""), &*api.owner)
                }
            };
            let path = begun.header("location").unwrap().strip_prefix("/api/v1").unwrap().to_owned();
            let piece = "Content-Type: application/offset+octet-stream\r\nUpload-Offset: 0\r\n";
            let answer = match method {
                "PATCH" => api.send(method, &path, &format!("{TUS}{piece}{head}"), &package),
                _ => api.send(method, &path, &format!("{TUS}{head}"), b""),
            };
            api.send("DELETE", &path, &format!("{TUS}{mine}"), b"");
            answer
        }
        ("POST", "/retention/plan") => api.send("POST", row.path, head, b""),
        ("POST", "/retention/run") => api.send("POST", row.path, &json, br#"{"expectedReleases":0}"#),
        ("POST", "/users") => {
            let body = format!(r#"{{"name":"{name}","password":"correct horse"}}"#);
            api.send("POST", row.path, &json, body.as_bytes())
        }
        ("POST", "/vendors") => {
            api.send("POST", row.path, &json, format!(r#"{{"name":"{name}","user":"ada"}}"#).as_bytes())
        }
        ("POST", "/categories") => {
            api.send("POST", row.path, &json, format!(r#"{{"name":"{name}"}}"#).as_bytes())
        }
        ("PUT", "/category-order") => {
            let order = api.send("GET", row.path, &api.owner, b"");
            api.send("PUT", row.path, &json, &order.body)
        }
        ("POST", "/tokens") => {
            api.send("POST", row.path, &json, format!(r#"{{"name":"{name}","roles":["read"]}}"#).as_bytes())
        }
        (method, path) => {
            let sequence = api.add(&package(ID))["release"]["sequence"].to_string();
            api.need_user("zoe");
            api.need_vendor("V");
            let _ = api.change("POST", "/categories", &serde_json::json!({ "name": "zoe" }));
            let put = format!("Content-Type: image/png\r\n{}", api.owner);
            api.send("PUT", "/categories/zoe/icon", &put, icon.data());
            let list = path.split('/').nth(1).unwrap();
            let name = match list {
                "vendors" => "V",
                "tokens" => {
                    api.token(&name, "read", &[], None);
                    &*name
                }
                _ => "zoe",
            };
            let target = path.replace("{id}", ID).replace("{sequence}", &sequence).replace("{name}", name);
            match method {
                "PUT" => {
                    api.send(method, &target, &format!("Content-Type: image/png\r\n{head}"), icon.data())
                }
                "PATCH" => api.send(method, &target, &json, b"{}"),
                _ => api.send(method, &target, head, b""),
            }
        }
    }
}

fn check(anonymous: &str) {
    let api = Api::start(anonymous);
    let mut answers = 0;
    for (place, caller) in CALLERS.iter().enumerate() {
        for head in heads(&api, anonymous, caller) {
            for row in rows() {
                answers += 1;
                let answer = send(&api, &row, &head, answers);
                let what = format!("{} {} by {caller} with {anonymous}", row.method, row.path);
                assert_eq!(answer.status, row.expected[place], "{what}");
            }
        }
    }
    assert!(answers > 400, "only {answers} answers");
    // Every operation of the document was asked for, and there was no other.
    let described = api.document()["paths"].as_object().unwrap().iter().flat_map(|(path, item)| {
        item.as_object().unwrap().keys().map(move |method| (method.to_uppercase(), path.clone()))
    });
    let seen: BTreeSet<_> = api.seen().into_keys().collect();
    assert_eq!(described.collect::<BTreeSet<_>>(), seen);
    assert_eq!(rows().len(), seen.len());
}

#[test]
fn everybody_gets_what_is_theirs_where_strangers_may_do_nothing() {
    check("none");
}

#[test]
fn everybody_gets_what_is_theirs_where_strangers_may_read() {
    check("read");
}

#[test]
fn everybody_gets_what_is_theirs_where_strangers_may_do_everything() {
    check("all");
}

#[test]
fn a_page_of_another_origin_changes_nothing() {
    let api = Api::start("all");
    for row in rows().into_iter().filter(|row| !matches!(row.method, "GET" | "HEAD" | "OPTIONS")) {
        let path = row.path.replace("{id}", ID).replace("{sequence}", "1").replace("{name}", "ada");
        let path = path.replace("{upload}", &"A".repeat(43));
        for site in ["Origin: http://evil.example\r\n", "Sec-Fetch-Site: cross-site\r\n"] {
            let answer = api.send(row.method, &path, &format!("{site}{JSON}{TUS}{}", api.owner), b"{}");
            assert_eq!(answer.status, 403, "{} {path}", row.method);
        }
    }
}
