//! `hello`, and the session that it begins.

use crate::deployment_scene::Scene;

#[test]
fn a_device_gets_a_session_and_keeps_it() {
    let scene = Scene::start();
    let mut device = scene.device();
    let answer = device.get("/hello?platform=NEPTUNE3&version=1");
    assert_eq!((answer.status, answer.json()["status"].as_str()), (200, Some("ok")));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let cookie = answer.header("set-cookie").unwrap();
    let (token, attributes) = cookie.split_once("; ").unwrap();
    assert_eq!(token.strip_prefix("sessionid=").unwrap().len(), 43);
    assert_eq!(attributes, "Path=/; Max-Age=1209600; HttpOnly; SameSite=Lax");
    let again = device.get("/hello?platform=NEPTUNE3&version=1");
    assert!(again.header("set-cookie").unwrap().starts_with(token), "the session stays");
    device.cookie = Some(format!("sessionid={}", "A".repeat(43)));
    let forged = device.get("/hello?platform=NEPTUNE3&version=1");
    assert!(!forged.header("set-cookie").unwrap().contains("AAAAAAA"), "a client does not choose its token");
}

#[test]
fn a_form_replaces_the_query() {
    let scene = Scene::start();
    let mut device = scene.device();
    let mut status = |target: &str, form: Option<&str>| {
        let answer = match form {
            Some(form) => device.post(target, form),
            None => device.send("POST", target, "", b""),
        };
        answer.json()["status"].as_str().unwrap().to_owned()
    };
    let good = "platform=NEPTUNE3&version=1";
    assert_eq!(status("/hello", Some(good)), "ok");
    assert_eq!(status("/hello?platform=X&version=9", Some(good)), "ok");
    assert_eq!(status(&format!("/hello?{good}"), Some("version=1")), "incompatible-platform");
    assert_eq!(status(&format!("/hello?{good}"), None), "ok", "without a form there is the query");
    assert_eq!(status("/hello", Some("version=9&version=1&platform=X&platform=NEPTUNE3")), "ok");
}

#[test]
fn maintenance_is_said_first() {
    let scene = Scene::with(|settings| settings.maintenance = true);
    assert_eq!(scene.device().get("/hello").json()["status"], "maintenance");
}

#[test]
fn the_prefix_stands_before_every_path() {
    let scene = Scene::with(|settings| settings.url_prefix = "store/v1".parse().unwrap());
    let mut device = scene.device();
    assert_eq!(device.get("/store/v1/hello?platform=NEPTUNE3&version=1").json()["status"], "ok");
    for path in ["/hello", "/store/hello", "/store/v1", "/store/v1/nothing", "/store/v1//hello", "/"] {
        let answer = device.get(path);
        assert_eq!((answer.status, answer.json()["error"].as_str()), (404, Some("not-found")), "{path}");
    }
    let answer = device.send("DELETE", "/store/v1/hello", "", b"");
    assert_eq!((answer.status, answer.json()["error"].as_str()), (405, Some("wrong-method")));
}

#[test]
fn the_package_server_beside_it_stays_what_it_is() {
    let scene = Scene::start();
    assert_eq!(scene.server.get("/hello?project-id=PROJECT").json()["status"], "ok");
    assert_eq!(scene.server.get("/app/list").status, 404);
    assert_eq!(scene.device().get("/package/list").status, 404);
}

#[test]
fn sessions_survive_a_restart() {
    let scene = Scene::start();
    let cookie = scene.logged_in("bob").cookie;
    let settings = amps_server::Settings {
        deployment: Some(amps_server::DeploymentSettings {
            listen_address: "localhost:0".parse().unwrap(),
            no_security: true,
            ..Default::default()
        }),
        ..Default::default()
    };
    let server = crate::running::Running::on(scene.server.stop(), settings);
    let address = server.deployment.unwrap();
    let mut device = crate::deployment_scene::Device { address, cookie };
    let answer = device.purchase("id=nothing&device_id=1");
    assert_eq!(answer["error"], "no such application");
}
