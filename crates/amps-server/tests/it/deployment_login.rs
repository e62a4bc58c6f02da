//! `login` and `logout`.

use amps_core::accounts::{UserChange, Users as _};
use amps_testkit::PackageBuilder;

use crate::deployment_scene::{Form, MULTIPART, PASSWORD, Scene};

#[test]
fn each_failure_has_its_word() {
    let scene = Scene::start();
    let encoded = PASSWORD.replace(' ', "%20");
    for (query, word) in [
        (String::new(), "missing-credentials"),
        ("username=bob".into(), "missing-credentials"),
        (format!("password={encoded}"), "missing-credentials"),
        ("username=bob&password=wrong".into(), "authentication-failed"),
        (format!("username=nobody&password={encoded}"), "authentication-failed"),
        (format!("username=b%00b&password={encoded}"), "authentication-failed"),
        ("username=eve&password=wrong".into(), "authentication-failed"),
        (format!("username=eve&password={encoded}"), "account-disabled"),
        (format!("username=bob&password={encoded}"), "ok"),
    ] {
        let answer = scene.device().get(&format!("/login?{query}"));
        assert_eq!(answer.json()["status"], word, "{query}");
        assert_eq!(answer.header("set-cookie").is_some(), word == "ok", "{query}");
    }
}

#[test]
fn a_login_may_come_as_a_form() {
    let scene = Scene::start();
    assert_eq!(scene.device().log_in("bob"), "ok");
    let form = Form::default().text("username", "bob").text("password", PASSWORD).end();
    let answer = scene.device().send("POST", "/login?username=eve", MULTIPART, &form);
    assert_eq!(answer.json()["status"], "ok");
    let answer = scene.device().send("POST", "/login", MULTIPART, b"no multipart at all");
    assert_eq!((answer.status, answer.json()["error"].as_str()), (400, Some("malformed-form")));
}

#[test]
fn a_login_gives_a_new_session_with_what_the_device_said() {
    let scene = Scene::start();
    let mut device = scene.greeted("&architecture=arm64-little_endian-lp64-linux");
    let before = device.cookie.clone();
    assert_eq!(device.log_in("bob"), "ok");
    assert_ne!(device.cookie, before, "whoever knew the old token gets nothing");
    let mut old = crate::deployment_scene::Device { address: scene.address, cookie: before };
    assert_eq!(old.get("/app/purchase?id=a").status, 403);
    assert_eq!(device.get("/logout").json()["status"], "ok");
    assert_eq!(device.get("/app/purchase?id=a").status, 403);
    assert_eq!(device.get("/logout").json()["status"], "failed");
}

#[test]
fn only_who_is_logged_in_can_log_out() {
    let scene = Scene::start();
    assert_eq!(scene.device().get("/logout").json()["status"], "failed");
    assert_eq!(scene.greeted("").get("/logout").json()["status"], "failed");
    let mut device = scene.logged_in("bob");
    let answer = device.get("/logout");
    assert_eq!(answer.json()["status"], "ok");
    assert!(answer.header("set-cookie").unwrap().starts_with("sessionid=; Path=/; Max-Age=0;"));
}

#[test]
fn guessing_is_slowed_down() {
    let scene = Scene::start();
    let mut slowed = None;
    for _ in 0..100 {
        let answer = scene.device().get("/login?username=bob&password=wrong");
        assert_eq!(answer.json()["status"], "authentication-failed");
        if answer.status == 429 {
            slowed = Some(answer);
            break;
        }
    }
    let seconds: u64 = slowed.unwrap().header("retry-after").unwrap().parse().unwrap();
    assert!(seconds >= 1);
    // Also with the right password: otherwise it could be told.
    assert_eq!(scene.device().log_in("bob"), "authentication-failed");
}

#[test]
fn who_is_made_inactive_by_another_process_is_logged_out_at_once_and_for_good() {
    let scene = Scene::start();
    scene.add(&PackageBuilder::hello().build());
    let mut device = scene.logged_in("bob");
    let url = device.purchase("id=org.example.hello&device_id=car")["url"].clone();
    let download = url.as_str().unwrap().strip_prefix("http://test").unwrap();
    assert_eq!(device.get(download).status, 200);
    let set = |is_active| {
        let change = UserChange { is_active: Some(is_active), is_staff: None };
        scene.catalog().change_user(&"bob".parse().unwrap(), &change).unwrap();
    };
    for is_active in [false, true] {
        set(is_active);
        assert_eq!(device.get("/app/purchase?id=org.example.hello&device_id=car").status, 403);
        assert_eq!(device.get(download).status, 404);
    }
    assert_eq!(device.log_in("bob"), "ok");
}
