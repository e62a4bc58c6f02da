//! What whoever runs the store manages: tokens, retention, the audit trail, the server.

use crate::{
    browser::{Browser, json},
    demo,
    scene::Scene,
};

/// A browser of `ada`, who may manage, on one of the pages.
pub(crate) fn signed_in(scene: &Scene, path: &str) -> Browser {
    let mut browser = Browser::open(&scene.url());
    browser.expect_error("status of 401");
    browser.sign_in("ada");
    browser.goto(path);
    browser.wait("document.querySelector('h1') && !document.querySelector('.skeleton')");
    browser
}

/// The bearer of this is asked what it may do.
const STATUS_WITH_TOKEN: &str =
    "fetch('/api/v1/packages', { credentials: 'omit', headers: { Authorization: 'Bearer ' + arguments[0] } })
    .then(answer => answer.status)";

#[test]
fn a_token_is_shown_once_and_works_until_it_is_revoked() {
    let scene = Scene::with_users();
    scene.add(&demo::store());
    let browser = signed_in(&scene, "/ui/manage/tokens");
    browser.press("New token");
    browser.fill("input[name=name]", "builds");
    browser.press("Create token");
    browser.wait_for_text("Copy the token “builds” now");
    let shown = browser.wait("[...document.querySelectorAll('main code, main output, main input')].map(e => e.value ?? e.innerText).find(text => text.length > 20 && !text.includes(' '))");
    let token = shown.as_str().unwrap();
    assert_eq!(browser.execute_promise(STATUS_WITH_TOKEN, &[json!(token)]), 200);
    browser.press("I have kept it");
    browser.wait_with("!document.documentElement.outerHTML.includes(arguments[0])", &[json!(token)]);
    browser.reload();
    browser.wait_for_text("builds");
    let kept = "return JSON.stringify([document.documentElement.outerHTML, { ...localStorage }, { ...sessionStorage }]).includes(arguments[0])";
    assert_eq!(browser.execute(kept, &[json!(token)]), false);
    browser.press("Revoke builds");
    browser.wait_for_text("stops working");
    browser.press("Revoke token");
    browser.wait_for_text("builds opens nothing any more");
    assert_eq!(browser.execute_promise(STATUS_WITH_TOKEN, &[json!(token)]), 401);
}

#[test]
fn a_token_has_quotas_and_shows_what_is_used_of_them() {
    let scene = Scene::with_users();
    let mut browser = signed_in(&scene, "/ui/manage/tokens");
    browser.expect_error("status of 422");
    browser.press("New token");
    browser.fill("input[name=name]", "builds");
    browser.fill("input[name=uploads]", "0");
    browser.fill("input[name=gigabytes]", "much");
    browser.press("Create token");
    // What is wrong is said of each field, also to those who do not see it, and the first one has the focus.
    browser.wait("document.activeElement.name === 'uploads'");
    let said = |field: &str| {
        let script = "const field = document.querySelector(`dialog input[name=${arguments[0]}]`);
            return [field.labels[0].innerText, field.ariaInvalid, ...field.getAttribute('aria-describedby').split(' ').map(id => document.getElementById(id).innerText)]";
        browser.execute(script, &[json!(field)])
    };
    let (uploads, bytes) = (said("uploads"), said("gigabytes"));
    assert_eq!(uploads.as_array().unwrap()[..2], [json!("Most uploads a day"), json!("true")]);
    assert_eq!(uploads[3], "Enter a whole number, like 20, or nothing.");
    assert_eq!(bytes.as_array().unwrap()[..2], [json!("Most bytes a day, in GB"), json!("true")]);
    assert_eq!(bytes[3], "Enter a number, like 5 or 0.5, or nothing.");
    browser.fill("input[name=uploads]", "3");
    browser.fill("input[name=gigabytes]", "0,5");
    browser.press("Create token");
    browser.wait_for_text("Copy the token “builds” now");
    let token = browser.execute("return document.querySelector('[data-token]').innerText", &[]);
    browser.press("I have kept it");
    let day = || browser.execute("return new Date().toISOString().slice(0, 10)", &[]);
    let upload = "fetch('/api/v1/uploads', { method: 'POST', credentials: 'omit', body: 'x',
        headers: { Authorization: 'Bearer ' + arguments[0], 'Content-Type': 'application/octet-stream' } }).then(answer => answer.status)";
    let told = "fetch('/api/v1/tokens/builds').then(answer => answer.json()).then(token => [token.uploadsToday, token.bytesToday])";
    // A day that ends meanwhile takes with it what was counted.
    loop {
        let begun = day();
        assert_eq!(browser.execute_promise(upload, std::slice::from_ref(&token)), 422);
        browser.reload();
        browser.wait_for_text("of 3 uploads today");
        let shown = browser.execute(
            "return [...document.querySelectorAll('main .col-roles .under')].map(e => e.innerText.replaceAll('\\u00a0', ' '))",
            &[],
        );
        let told = browser.execute_promise(told, &[]);
        if day() == begun {
            let (uploads, bytes) = (&told[0], &told[1]);
            assert!(uploads.as_u64().unwrap() >= 1 && uploads == bytes, "{told}");
            let expected = [format!("{uploads} of 3 uploads today"), format!("{bytes} B of 500 MB today")];
            assert_eq!(shown, json!(expected));
            break;
        }
    }
}

#[test]
fn pages_to_manage_are_for_those_who_may() {
    let scene = Scene::with_users();
    let mut browser = Browser::open(&scene.url());
    browser.expect_error("status of 40");
    browser.sign_in("joe");
    browser.goto("/ui/manage/users");
    browser.wait("document.querySelector('h1') && !document.querySelector('.skeleton')");
    assert_eq!(browser.execute("return document.body.innerText.includes('ada')", &[]), false);
}

#[test]
fn retention_says_what_would_go_before_anything_goes() {
    let scene = Scene::with_users();
    scene.add(&demo::store());
    let browser = signed_in(&scene, "/ui/manage/retention");
    browser.fill("input[name=versions]", "1");
    browser.press("Show what would go");
    browser.wait_for_text("1 release would go");
    assert_eq!(browser.status_of("GET", "/api/v1/releases/1"), 200);
    browser.press("Remove this release now");
    browser.wait_for_text("gone for good");
    browser.press("Remove for good");
    browser.wait_for_text("1 release was removed");
}

#[test]
fn the_audit_trail_is_searched() {
    let scene = Scene::with_users();
    scene.add(&demo::store());
    let browser = signed_in(&scene, "/ui/manage/audit");
    browser.wait_for_text("org.example.radio");
    browser.fill("input[name=package]", "org.example.climate");
    browser.press("Show");
    browser.wait_for_no_text("org.example.radio");
    browser.wait_for_text("org.example.climate");
    let searched = browser.location();
    assert!(searched.contains("org.example.climate"), "{searched}");
    browser.goto("about:blank");
    browser.goto(&searched);
    browser.wait_for_text("org.example.climate");
    browser.wait_for_no_text("org.example.radio");
}

#[test]
fn health_is_told() {
    let scene = Scene::with_users();
    let browser = signed_in(&scene, "/ui/manage/server");
    browser.wait_for_text("The server can do its work");
    browser.wait_for_text("Running for");
}
