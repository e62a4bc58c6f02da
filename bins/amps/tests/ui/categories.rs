//! Categories: their order by mouse and keyboard, their icons, and an order that somebody else was faster with.

use std::{fs, path::PathBuf};

use amps_testkit::thirtyfour::Key;
use tempfile::TempDir;

use crate::{
    browser::{Browser, json},
    demo,
    manage::signed_in,
    scene::Scene,
};

fn scene() -> Scene {
    let scene = Scene::with_users();
    for name in ["media", "navigation", "tools"] {
        scene.command(&["create-category", "--name", name]);
    }
    scene
}

fn wait_for_order(browser: &Browser, expected: [&str; 3]) {
    browser.wait_with(
        "JSON.stringify([...document.querySelectorAll('.order-list > li')].map(row => row.dataset.name)) === JSON.stringify(arguments[0])",
        &[json!(expected)],
    );
}

/// Waits until screen readers are told this of the order.
fn wait_for_announcement(browser: &Browser, text: &str) {
    browser.wait_with(
        "document.querySelector('.order-list + [role=status]').textContent === arguments[0]",
        &[json!(text)],
    );
}

#[test]
fn they_are_moved_with_the_keyboard_and_each_move_is_said() {
    let scene = scene();
    let browser = signed_in(&scene, "/ui/manage/categories");
    wait_for_order(&browser, ["media", "navigation", "tools"]);
    browser.wait(
        "(document.querySelector('[data-name=tools] [data-part=grip]').focus(), document.activeElement.dataset.part === 'grip')",
    );
    browser.keys(&[Key::Up]);
    wait_for_order(&browser, ["media", "tools", "navigation"]);
    wait_for_announcement(&browser, "tools is now number 2 of 3");
    browser.keys(&[Key::Home]);
    wait_for_order(&browser, ["tools", "media", "navigation"]);
    wait_for_announcement(&browser, "tools is now number 1 of 3");
    browser.keys(&[Key::Up]);
    wait_for_announcement(&browser, "tools is the first already");
    browser.wait("document.activeElement.closest('[data-name=tools]')");
    browser.press("Save order");
    browser.wait_for_text("The order is saved");
    browser.reload();
    wait_for_order(&browser, ["tools", "media", "navigation"]);
}

#[test]
fn they_are_dragged_by_their_handles() {
    let scene = scene();
    let browser = signed_in(&scene, "/ui/manage/categories");
    wait_for_order(&browser, ["media", "navigation", "tools"]);
    browser.hold("[data-name=media] [data-part=grip]");
    browser.wait("document.querySelector('[data-name=media].dragged')");
    // A place is taken when the pointer has passed its middle.
    browser.move_below("[data-name=tools] [data-part=grip]", 15);
    wait_for_order(&browser, ["navigation", "tools", "media"]);
    wait_for_announcement(&browser, "media is now number 3 of 3");
    browser.let_go();
    browser.wait("!document.querySelector('.dragged')");
    // The pointer has let go: nothing follows it any more.
    browser.move_below("[data-name=navigation] [data-part=grip]", -15);
    wait_for_order(&browser, ["navigation", "tools", "media"]);
    browser.press("Undo");
    wait_for_order(&browser, ["media", "navigation", "tools"]);
    browser.wait_for_no_text("The order is not saved yet");
    browser.hold("[data-name=tools] [data-part=grip]");
    browser.wait("document.querySelector('[data-name=tools].dragged')");
    browser.move_below("[data-name=media] [data-part=grip]", -15);
    wait_for_order(&browser, ["tools", "media", "navigation"]);
    browser.let_go();
    browser.press("Save order");
    browser.wait_for_text("The order is saved");
    let first = "fetch('/api/v1/category-order').then(answer => answer.json()).then(order => order.names[0])";
    assert_eq!(browser.execute_promise(first, &[]), "tools");
}

#[test]
fn an_order_that_somebody_else_was_faster_with_is_told_and_not_overwritten() {
    let scene = scene();
    let mut browser = signed_in(&scene, "/ui/manage/categories");
    browser.expect_error("status of 412");
    wait_for_order(&browser, ["media", "navigation", "tools"]);
    browser.press("Move tools up");
    wait_for_order(&browser, ["media", "tools", "navigation"]);
    let other = "fetch('/api/v1/category-order').then(answer => fetch('/api/v1/category-order', {
        method: 'PUT',
        headers: { 'Content-Type': 'application/json', 'If-Match': answer.headers.get('etag') },
        body: JSON.stringify({ names: ['navigation', 'media', 'tools'] }),
      })).then(answer => answer.ok)";
    assert_eq!(browser.execute_promise(other, &[]), true);
    browser.press("Save order");
    browser.wait_for_text("Somebody else has changed the categories in the meantime");
    wait_for_order(&browser, ["navigation", "media", "tools"]);
}

/// Files as somebody chooses them.
fn file(folder: &TempDir, name: &str, bytes: &[u8]) -> [PathBuf; 1] {
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    [path]
}

#[test]
fn an_icon_is_shown_before_it_is_saved_and_what_is_none_is_refused() {
    const FIELD: &str = "dialog[open] input[type=file]";
    const IN_LIST: &str = "document.querySelector('[data-name=media] .category-icon img')";
    let scene = scene();
    let folder = tempfile::tempdir().unwrap();
    let mut browser = signed_in(&scene, "/ui/manage/categories");
    // The browser itself says that the damaged picture is one.
    browser.expect_error("blob:");
    browser.press("Icon of media");
    browser.wait_for_text("There is no icon yet");

    let svg = "<svg xmlns='http://www.w3.org/2000/svg'><script>window.evil=1</script></svg>";
    browser.choose_files(FIELD, &file(&folder, "drawn.svg", svg.as_bytes()));
    browser.wait_for_text("This is not a PNG or JPEG image");
    browser.wait("document.querySelector('dialog[open] .primary').disabled");

    browser.choose_files(FIELD, &file(&folder, "none.png", b"not a picture"));
    browser.wait_for_text("The browser cannot show this image");
    browser.wait("document.querySelector('dialog[open] .primary').disabled");

    // One byte more than the limit, which the server would refuse, too.
    browser.choose_files(FIELD, &file(&folder, "large.png", &vec![0; 1024 * 1024 + 1]));
    browser.wait_for_text("expected at most 1 MB");
    browser.wait("document.querySelector('dialog[open] .primary').disabled");
    assert_eq!(browser.status_of("GET", "/api/v1/categories/media/icon"), 404);

    browser.choose_files(FIELD, &file(&folder, "good.png", &demo::icon("media")));
    browser.wait("document.querySelector('dialog[open] img[alt=\"How it looks\"]').naturalWidth === 176");
    browser.press("Save icon");
    browser.wait_for_text("media has a new icon");
    browser.wait(&format!("{IN_LIST}.naturalWidth === 176"));
    assert_eq!(browser.status_of("GET", "/api/v1/categories/media/icon"), 200);

    browser.press("Icon of media");
    browser.press("Remove icon");
    browser.wait_for_text("media has no icon any more");
    browser.wait(&format!("!{IN_LIST}"));
    assert_eq!(browser.execute("return window.evil ?? null", &[]), json!(null));
    browser.expect_error("status of 404");
}
