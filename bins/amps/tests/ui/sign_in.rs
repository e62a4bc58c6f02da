//! Signing in and out: roles decide what is shown, the API what is allowed.

use crate::{
    browser::{Browser, json},
    demo,
    scene::{PASSWORD, Scene},
};

impl Browser {
    /// Signs in and waits until the page knows.
    pub(crate) fn sign_in(&self, name: &str) {
        self.goto("/ui/sign-in");
        self.fill_sign_in(name, PASSWORD);
        self.wait_with(
            "document.querySelector('header .avatar') && !location.pathname.endsWith('/sign-in')",
            &[],
        );
    }

    fn fill_sign_in(&self, name: &str, password: &str) {
        self.fill("input[autocomplete=username]", name);
        self.fill("input[autocomplete=current-password]", password);
        self.click("main form button[type=submit]");
    }

    /// The status of a request that the page itself makes.
    pub(crate) fn status_of(&self, method: &str, path: &str) -> u64 {
        let request = "fetch(arguments[1], { method: arguments[0] }).then(answer => answer.status)";
        self.execute_promise(request, &[json!(method), json!(path)]).as_u64().unwrap()
    }
}

#[test]
fn whoever_may_not_look_is_asked_to_sign_in_and_comes_back() {
    let scene = Scene::with_users();
    scene.add(&demo::store());
    let mut browser = Browser::open(&scene.url());
    browser.expect_error("status of 401");
    browser.goto("/ui/packages/org.example.radio");
    browser.wait("location.pathname.endsWith('/sign-in')");
    browser.fill_sign_in("ada", "wrong");
    browser.wait_for_text("do not go together");
    browser.fill_sign_in("ada", PASSWORD);
    browser.wait("location.pathname.endsWith('/packages/org.example.radio')");
    browser.wait_for_text("org.example.radio");
    // The session is out of reach of scripts, and nothing secret is kept where they reach.
    assert_eq!(browser.execute("return document.cookie", &[]), "");
    let kept = browser.execute("return JSON.stringify({ ...localStorage, ...sessionStorage })", &[]);
    assert!(!kept.as_str().unwrap().contains(PASSWORD), "{kept}");
    browser.reload();
    browser.wait("document.querySelector('header .avatar')");
}

#[test]
fn signing_out_ends_the_session() {
    let scene = Scene::with_users();
    scene.add(&demo::store());
    let mut browser = Browser::open(&scene.url());
    browser.expect_error("status of 401");
    browser.sign_in("ada");
    browser.wait_for_rows(8);
    browser.click("header .who-button");
    browser.press("Sign out");
    browser.wait("!document.body.innerText.includes('org.example.radio')");
    assert_eq!(browser.status_of("GET", "/api/v1/packages"), 401);
    browser.back();
    browser.reload();
    browser.wait("document.querySelector('input[autocomplete=username]') || /Sign in/.test(document.querySelector('main').innerText)");
    browser.wait_for_rows(0);
}

#[test]
fn roles_decide_what_is_shown_and_the_api_what_is_allowed() {
    let scene = Scene::with_users();
    scene.add(&demo::store());
    let mut browser = Browser::open(&scene.url());
    browser.expect_error("status of 40");
    browser.sign_in("joe");
    browser.wait_for_rows(8);
    assert_eq!(
        browser
            .execute("return document.querySelector('nav a[href$=\"/upload\"], nav a[href*=manage]')", &[]),
        json!(null)
    );
    browser.goto("/ui/packages/org.example.radio");
    browser.wait_for_text("org.example.radio");
    browser.wait("!document.querySelector('.skeleton')");
    assert_eq!(browser.execute("return /Remove/.test(document.querySelector('main').innerText)", &[]), false);
    for (method, path) in [
        ("DELETE", "/api/v1/packages/org.example.radio"),
        ("POST", "/api/v1/uploads"),
        ("GET", "/api/v1/users"),
        ("GET", "/api/v1/tokens"),
    ] {
        let status = browser.status_of(method, path);
        assert!(matches!(status, 401 | 403), "{method} {path} is {status}");
    }
    // Pages that are not shown say so when they are asked for all the same.
    browser.goto("/ui/upload");
    browser.wait_for_text("You may not upload");
}

#[test]
fn a_store_without_users_says_how_to_make_one() {
    let scene = Scene::with_options(&["--anonymous-access", "read"]);
    let browser = Browser::open(&scene.url());
    browser.goto("/ui/sign-in");
    browser.wait_for_text("create-superuser");
}
