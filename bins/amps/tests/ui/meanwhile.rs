//! What happens while somebody is at work: their session ends, or somebody else is faster. Nothing that they have typed is lost.

use crate::{
    browser::{Browser, Value, json},
    demo,
    manage::signed_in,
    scene::{PASSWORD, Scene},
};

/// Ends the session as a time-out would: the page does not know.
fn end_session(browser: &Browser) {
    assert_eq!(browser.status_of("DELETE", "/api/v1/session"), 204);
}

/// Changes something as somebody else would.
fn change_elsewhere(browser: &Browser, path: &str, change: &Value) {
    let request = "fetch(arguments[0], { method: 'PATCH', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(arguments[1]) }).then(answer => answer.ok)";
    assert_eq!(browser.execute_promise(request, &[json!(path), change.clone()]), true);
}

#[test]
fn whoever_signs_in_again_goes_on_with_what_they_have_typed() {
    let scene = Scene::with_users();
    let mut browser = signed_in(&scene, "/ui/manage/users");
    browser.press("New user");
    browser.fill("input[name=name]", "eve");
    browser.fill("input[name=password]", "correct horse");
    end_session(&browser);
    browser.expect_error("status of 401");
    browser.press("Create user");
    browser.wait_for_text("Your session has ended");
    // Their name stands there, and the cursor where the password goes.
    browser.wait("document.querySelector('dialog[open] input[name=username]').value === 'ada'");
    browser.wait("document.activeElement.autocomplete === 'current-password'");
    browser.fill("input[autocomplete=current-password]", "wrong");
    browser.press("Sign in");
    browser.wait_for_text("do not go together");
    browser.fill("input[autocomplete=current-password]", PASSWORD);
    browser.press("Sign in");
    // What was refused is sent by itself.
    browser.wait_for_text("eve can sign in now");
    browser.wait("!document.querySelector('dialog[open]')");
    assert!(scene.command(&["list-users"]).contains("eve"));
}

#[test]
fn whoever_does_not_sign_in_again_is_nobody() {
    let scene = Scene::with_users();
    scene.add(&demo::store());
    let mut browser = Browser::open(&scene.url());
    browser.expect_error("status of 401");
    browser.sign_in("joe");
    browser.wait_for_rows(8);
    scene.command(&["remove-user", "--username", "joe"]);
    browser.fill("input[type=search]", "climate");
    browser.wait_for_text("Your session has ended");
    browser.press("Go on without");
    browser.wait("location.pathname.endsWith('/sign-in')");
    browser.wait("!document.querySelector('header .avatar')");
    browser.wait_for_rows(0);
}

#[test]
fn what_one_who_comes_back_as_somebody_else_has_typed_is_not_sent() {
    let scene = Scene::with_users();
    let mut browser = signed_in(&scene, "/ui/manage/users");
    browser.press("New user");
    browser.fill("input[name=name]", "eve");
    browser.fill("input[name=password]", "correct horse");
    end_session(&browser);
    browser.expect_error("status of 40");
    browser.press("Create user");
    browser.wait_for_text("Your session has ended");
    browser.fill("input[name=username]", "joe");
    browser.fill("input[autocomplete=current-password]", PASSWORD);
    browser.press("Sign in");
    browser.wait_for_text("your user may not manage this store");
    browser.wait("!document.querySelector('dialog[open]')");
    assert!(!scene.command(&["list-users"]).contains("eve"));
}

#[test]
fn a_change_that_somebody_else_was_faster_with_is_told_and_made_only_when_asked_again() {
    let scene = Scene::with_users();
    scene.command(&["create-vendor", "--name", "Acme", "--user", "joe"]);
    let browser = signed_in(&scene, "/ui/manage/vendors");
    browser.press("Change Acme");
    browser.fill("input[name=name]", "Acme Motors");
    change_elsewhere(&browser, "/api/v1/vendors/Acme", &json!({ "user": "ada" }));
    browser.press("Save");
    browser.wait_for_text("Somebody has changed it in the meantime");
    browser.wait("/User\\s+ada/.test(document.querySelector('dialog[open] .refusal').innerText)");
    // What was typed is still there, and nothing was done.
    browser.wait("document.querySelector('input[name=name]').value === 'Acme Motors'");
    assert_eq!(browser.status_of("GET", "/api/v1/vendors/Acme"), 200);
    browser.press("Save");
    browser.wait_for_text("Acme Motors was changed");
    let user =
        "fetch('/api/v1/vendors/Acme%20Motors').then(answer => answer.json()).then(vendor => vendor.user)";
    assert_eq!(browser.execute_promise(user, &[]), "joe");
}

#[test]
fn a_package_that_has_become_another_is_removed_only_when_asked_again() {
    let scene = Scene::with_users();
    let store = demo::store();
    scene.add(&store[..2]);
    let mut browser = signed_in(&scene, "/ui/packages/org.example.navigation");
    browser.expect_error("status of 412");
    browser.press("Remove package");
    browser.fill("dialog[open] input", "org.example.navigation");
    scene.add(&store[2..3]);
    browser.click("dialog[open] button[type=submit]");
    browser.wait_for_text("Somebody has changed it in the meantime");
    browser.wait_for_text("All 3 releases are deleted");
    assert_eq!(browser.status_of("GET", "/api/v1/packages/org.example.navigation"), 200);
    browser.click("dialog[open] button[type=submit]");
    browser.wait_for_text("org.example.navigation was removed");
    assert_eq!(browser.status_of("GET", "/api/v1/packages/org.example.navigation"), 404);
    browser.expect_error("status of 404");
}
