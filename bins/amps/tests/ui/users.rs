//! Users: made, given rights and other passwords, switched off, deleted, also by themselves.

use crate::{
    browser::{Browser, json},
    manage::signed_in,
    scene::{PASSWORD, Scene},
};

/// What comes of signing in without the page: the status.
const SIGN_IN: &str = "fetch('/api/v1/session', {
    method: 'POST', credentials: 'omit', headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ userName: arguments[0], password: arguments[1] }) }).then(answer => answer.status)";

fn status_of_signing_in(browser: &Browser, name: &str, password: &str) -> u64 {
    browser.execute_promise(SIGN_IN, &[json!(name), json!(password)]).as_u64().unwrap()
}

#[test]
fn a_user_is_made_and_deleted() {
    let scene = Scene::with_users();
    let browser = signed_in(&scene, "/ui/manage/users");
    browser.press("New user");
    browser.fill("input[name=name]", "eve");
    browser.fill("input[name=password]", "12345678");
    browser.press("Create user");
    browser.wait_for_text("does not keep the rules");
    browser.fill("input[name=password]", "correct horse");
    browser.press("Create user");
    browser.wait("!document.querySelector('dialog[open]')");
    browser.wait_for_text("eve");
    assert!(scene.command(&["list-users"]).contains("eve\tactive\tuser"));
    browser.press("Delete eve");
    browser.wait_for_text("They cannot sign in any more");
    browser.press("Delete user");
    browser.wait("!document.querySelector('dialog[open]')");
    browser.wait("document.querySelectorAll('main tbody tr').length === 2");
    assert!(!scene.command(&["list-users"]).contains("eve"));
}

#[test]
fn rights_and_passwords_are_changed_and_count_at_once() {
    let scene = Scene::with_users();
    let mut browser = signed_in(&scene, "/ui/manage/users");
    browser.expect_error("status of 403");
    browser.press("Change what joe may do");
    browser.click("input[name=isStaff]");
    browser.press("Save");
    browser.wait_for_text("joe was changed");
    assert!(
        scene.command(&["list-users"]).contains("joe\tactive\tstaff"),
        "{}",
        scene.command(&["list-users"])
    );

    browser.press("Set another password for joe");
    browser.fill("input[name=password]", "another horse");
    // It can be looked at, and is not shown by itself.
    browser.wait("document.querySelector('input[name=password]').type === 'password'");
    browser.press("Show password");
    browser.wait("document.querySelector('input[name=password]').type === 'text'");
    browser.press("Set password");
    browser.wait_for_text("joe has another password");
    assert_eq!(status_of_signing_in(&browser, "joe", PASSWORD), 401);
    assert_eq!(status_of_signing_in(&browser, "joe", "another horse"), 200);

    browser.press("Change what joe may do");
    browser.click("input[name=isActive]");
    browser.press("Save");
    browser.wait_for_text("Switched off");
    assert_ne!(status_of_signing_in(&browser, "joe", "another horse"), 200);
}

#[test]
fn a_name_that_is_taken_stands_beside_its_field() {
    let scene = Scene::with_users();
    let mut browser = signed_in(&scene, "/ui/manage/users");
    browser.expect_error("status of 4");
    browser.press("New user");
    browser.fill("input[name=name]", "joe");
    browser.fill("input[name=password]", "correct horse");
    browser.press("Create user");
    browser.wait("document.querySelector('dialog[open] .error, dialog[open] [role=alert]').textContent.includes('joe')");
    browser.wait("document.querySelector('input[name=password]').value === 'correct horse'");
}

#[test]
fn who_deletes_themselves_is_warned_and_signed_out() {
    let scene = Scene::with_users();
    let mut browser = signed_in(&scene, "/ui/manage/users");
    browser.expect_error("status of 40");
    browser.press("Delete ada");
    browser.wait_for_text("This is you. You will be signed out");
    browser.press("Cancel");
    assert!(scene.command(&["list-users"]).contains("ada"));
    browser.press("Delete ada");
    browser.press("Delete user");
    browser.wait("!document.querySelector('header .avatar')");
    browser.wait_for_text("This is for administrators");
    assert!(!scene.command(&["list-users"]).contains("ada"));
}
