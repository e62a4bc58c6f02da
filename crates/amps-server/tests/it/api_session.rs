//! Signing in with a browser: the cookie, what it opens, when it ends, and what it does not open.

use amps_core::{
    Certificates, Timestamp,
    accounts::{BrowserToken, Greeting, SessionRecords as _, SessionTimes, Users as _},
};
use serde_json::{Value, json};

use crate::{
    access_scene::{ID, bearer, package},
    api_scene::{Api, JSON, OWN_PAGE},
    client::{Answer, request},
    deployment_scene::PASSWORD,
    running::eventually,
};

fn sign_in(api: &Api, head: &str, user: &str, password: &str) -> Answer {
    let body = json!({ "userName": user, "password": password }).to_string();
    api.send("POST", "/session", &format!("{JSON}{head}"), body.as_bytes())
}

fn session(api: &Api, head: &str) -> Value {
    let answer = api.send("GET", "/session", head, b"");
    assert_eq!(answer.status, 200);
    answer.json()
}

fn problem(answer: &Answer) -> (u16, String) {
    let problem: Value = serde_json::from_slice(&answer.body).unwrap();
    (answer.status, problem["code"].as_str().unwrap().to_owned())
}

#[test]
fn somebody_signs_in_and_out() {
    let api = Api::start("none");
    let nobody = json!({
        "user": null, "token": null, "roles": [], "packages": null, "expiresAt": null, "canSignIn": true
    });
    assert_eq!(session(&api, ""), nobody);
    let answer = sign_in(&api, "", "ada", PASSWORD);
    let cookie = answer.header("set-cookie").unwrap();
    let attributes: Vec<&str> = cookie.split("; ").skip(1).collect();
    assert_eq!(attributes, ["Path=/api/v1", "Max-Age=43200", "HttpOnly", "SameSite=Strict"]);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let head = format!("Cookie: {}\r\n", cookie.split(';').next().unwrap());
    let known = session(&api, &head);
    assert_eq!(known, answer.json());
    assert_eq!(known["user"], json!({ "name": "ada", "isStaff": true }));
    assert_eq!(
        (&known["roles"], &known["packages"]),
        (&json!(["read", "upload", "remove", "admin"]), &Value::Null)
    );
    assert!(known["expiresAt"].is_string());
    assert_eq!(session(&api, &api.signed_in("bob"))["roles"], json!(["read"]));
    let answer = api.send("DELETE", "/session", &format!("{head}{OWN_PAGE}"), b"");
    assert_eq!(answer.status, 204);
    assert!(answer.header("set-cookie").unwrap().starts_with("amps-session=; Path=/api/v1; Max-Age=0"));
    assert_eq!(session(&api, &head), nobody);
    assert_eq!(api.send("GET", "/packages", &head, b"").status, 401);
}

#[test]
fn a_new_sign_in_ends_the_old_session() {
    let api = Api::start("none");
    let old = api.signed_in("ada");
    let answer = sign_in(&api, &old, "bob", PASSWORD);
    let new = format!("Cookie: {}\r\n", answer.header("set-cookie").unwrap().split(';').next().unwrap());
    assert_eq!(session(&api, &old)["user"], Value::Null);
    assert_eq!(session(&api, &new)["user"]["name"], "bob");
}

#[test]
fn the_roles_of_everybody_are_told() {
    for (anonymous, roles) in
        [("none", json!([])), ("read", json!(["read"])), ("all", json!(["read", "upload", "remove"]))]
    {
        let api = Api::start(anonymous);
        assert_eq!(session(&api, "")["roles"], roles, "{anonymous}");
        // A cookie that opens nothing is none.
        let unknown = format!("Cookie: amps-session={}\r\n", BrowserToken::generate().unwrap().reveal());
        assert_eq!(session(&api, &unknown)["roles"], roles, "{anonymous}");
        let token = bearer(&api.token("ci", "upload", &["org.example.*"], None));
        let known = eventually(|| {
            let answer = api.send("GET", "/session", &token, b"");
            (answer.status == 200).then(|| answer.json())
        });
        assert_eq!((&known["token"], &known["user"]), (&json!({ "name": "ci" }), &Value::Null));
        assert_eq!(known["roles"], json!(["read", "upload"]));
        assert_eq!(known["packages"], json!(["org.example.*"]));
        // The header counts more than the cookie.
        let both = session(&api, &format!("{token}{}", api.signed_in("ada")));
        assert_eq!((&both["token"], &both["user"]), (&json!({ "name": "ci" }), &Value::Null));
    }
}

#[test]
fn whoever_may_not_sign_in_is_told_why() {
    let api = Api::start("none");
    assert_eq!(problem(&sign_in(&api, "", "ada", "wrong")), (401, "wrong-credentials".into()));
    assert_eq!(problem(&sign_in(&api, "", "nobody at all", PASSWORD)), (401, "wrong-credentials".into()));
    assert_eq!(problem(&sign_in(&api, "", "eve", PASSWORD)), (403, "account-disabled".into()));
    let challenge = sign_in(&api, "", "ada", "wrong").header("www-authenticate").unwrap().to_owned();
    assert!(!challenge.to_lowercase().contains("basic"), "a browser would ask: {challenge}");
    let refused = eventually(|| {
        let answer = sign_in(&api, "", "bob", "wrong");
        (answer.status == 429).then_some(answer)
    });
    assert_eq!(problem(&refused), (429, "slowed".into()));
    assert!(refused.header("retry-after").unwrap().parse::<u64>().unwrap() >= 1);
    // The deployment server knows of it.
    let mut device = api.scene.greeted("");
    assert_eq!(device.post("/login", "username=bob&password=wrong").status, 429);
    for (body, expected) in [("{}", 400), (r#"{"userName":"ada","password":7}"#, 400), ("[]", 400)] {
        assert_eq!(api.send("POST", "/session", JSON, body.as_bytes()).status, expected, "{body}");
    }
}

#[test]
fn only_a_page_of_this_server_changes_anything_with_the_cookie() {
    let api = Api::start("all");
    let cookie = api.signed_in("ada").replace(OWN_PAGE, "");
    api.add(&package(ID));
    for foreign in
        ["", "Origin: http://evil.example\r\n", "Sec-Fetch-Site: cross-site\r\n", "Sec-Fetch-Site: none\r\n"]
    {
        for (method, path) in [("DELETE", format!("/packages/{ID}")), ("DELETE", "/session".into())] {
            let answer = api.send(method, &path, &format!("{cookie}{foreign}"), b"");
            assert_eq!(problem(&answer), (403, "foreign-origin".into()), "{method} {path} {foreign:?}");
        }
    }
    assert_eq!(api.send("GET", &format!("/packages/{ID}"), &cookie, b"").status, 200);
    let own = format!("{cookie}Origin: http://test\r\n");
    assert_eq!(api.send("DELETE", &format!("/packages/{ID}"), &own, b"").status, 204);
}

#[test]
fn a_user_who_may_not_any_more_is_out_at_once() {
    let api = Api::start("none");
    let (bob, ada) = (api.signed_in("bob"), api.signed_in("ada"));
    api.change("PATCH", "/users/bob", &json!({ "isActive": false }));
    assert_eq!(api.send("GET", "/packages", &bob, b"").status, 401);
    api.change("PATCH", "/users/ada", &json!({ "isStaff": false }));
    assert_eq!(api.send("GET", "/users", &ada, b"").status, 403);
    assert_eq!(session(&api, &ada)["roles"], json!(["read"]));
    api.change("PATCH", "/users/ada", &json!({ "isActive": false }));
    assert_eq!(session(&api, &ada)["canSignIn"], false);
}

#[test]
fn a_session_that_has_ended_opens_nothing() {
    let api = Api::start("none");
    let catalog = api.scene.catalog();
    let ada = catalog.users().unwrap().into_iter().find(|user| user.name.as_str() == "ada").unwrap();
    let token = BrowserToken::generate().unwrap();
    let times = SessionTimes { created_at: Timestamp(0), expires_at: Timestamp(1) };
    catalog.begin_session(&token.hash(), &Greeting::default(), Some(ada.id), times, 10).unwrap();
    let head = format!("Cookie: amps-session={}\r\n", token.reveal());
    assert_eq!(api.send("GET", "/packages", &head, b"").status, 401);
    assert_eq!(session(&api, &head)["user"], Value::Null);
}

#[test]
fn the_sessions_of_browsers_and_devices_open_nothing_of_each_other() {
    let api = Api::start("none");
    let mut device = api.scene.logged_in("ada");
    let of_device = device.cookie.clone().unwrap();
    let text = of_device.strip_prefix("sessionid=").unwrap();
    for head in [format!("Cookie: {of_device}\r\n"), format!("Cookie: amps-session={text}\r\n")] {
        assert_eq!(api.send("GET", "/packages", &head, b"").status, 401, "a device's session");
    }
    assert_eq!(device.get("/app/list").status, 200);
    let of_browser = api.signed_in("ada");
    let text = of_browser.split_once('=').unwrap().1.split_once('\r').unwrap().0.to_owned();
    device.cookie = Some(format!("sessionid={text}; amps-session={text}"));
    assert_eq!(device.get("/app/list").status, 401, "a browser's session");
    let answer = request(api.scene.server.address, "GET", "/package/list?id=", &of_browser, b"");
    assert_eq!(answer.status, 401, "the package server knows no users");
}

#[test]
fn the_cookie_is_for_tls_only_if_the_client_speaks_it() {
    let api = Api::with("none", Certificates::default(), |settings| {
        settings.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()];
    });
    let cookie = |head: &str| sign_in(&api, head, "ada", PASSWORD).header("set-cookie").unwrap().to_owned();
    assert!(!cookie("X-Forwarded-Proto: http\r\n").contains("Secure"));
    assert!(cookie("X-Forwarded-Proto: https\r\n").ends_with("; SameSite=Strict; Secure"));
    // Behind a proxy, the host is the one that the browser knows.
    let proxied = "X-Forwarded-Proto: https\r\nX-Forwarded-Host: store.example\r\n";
    let own = format!("{proxied}Origin: https://store.example\r\n");
    assert_eq!(sign_in(&api, &own, "ada", PASSWORD).status, 200);
    let foreign = format!("{proxied}Origin: https://evil.example\r\n");
    assert_eq!(problem(&sign_in(&api, &foreign, "ada", PASSWORD)), (403, "foreign-origin".into()));
}

#[test]
fn a_page_that_is_not_let_in_is_not_made_to_ask_for_a_password() {
    let api = Api::start("none");
    let challenge = |head: &str| {
        let answer = api.send("GET", "/packages", head, b"");
        assert_eq!(answer.status, 401);
        answer.header("www-authenticate").unwrap().to_lowercase()
    };
    assert!(challenge("").contains("basic"));
    assert!(!challenge("Sec-Fetch-Dest: empty\r\n").contains("basic"));
}

#[test]
fn what_a_user_uploads_bears_their_name() {
    let api = Api::start("read");
    let head = api.signed_in("ada");
    let answer = api.send("POST", "/uploads", &head, &package(ID));
    assert_eq!(answer.status, 201);
    let release = &answer.json()["release"];
    assert!(release["uploadedBy"].as_str().unwrap().starts_with("ada, HTTP from "), "{release}");
    let path = format!("/releases/{}", release["sequence"]);
    assert!(api.send("GET", &path, &head, b"").json()["uploadedBy"].is_string());
    assert_eq!(api.send("GET", &path, &api.signed_in("bob"), b"").json()["uploadedBy"], Value::Null);
}
