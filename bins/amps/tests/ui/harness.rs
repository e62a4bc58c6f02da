//! The harness itself: what it is to notice is noticed.

use crate::{browser::Browser, demo, scene::Scene};

#[test]
fn errors_of_the_console_are_noticed() {
    let scene = Scene::new();
    let mut browser = Browser::open(&scene.url());
    browser.goto("/api/v1/");
    browser.wait("document.querySelector('h1')");
    assert_eq!(browser.console_errors(), [""; 0]);
    let inline = "const script = document.createElement('script'); script.textContent = '1'; document.head.append(script)";
    browser.execute(inline, &[]);
    let errors = browser.console_errors();
    assert!(errors.iter().any(|error| error.contains("Content Security Policy")), "{errors:?}");
    browser.execute("setTimeout(() => { throw new Error('thrown') })", &[]);
    browser.execute_promise("new Promise(done => setTimeout(done))", &[]);
    let errors = browser.console_errors();
    assert!(errors.iter().any(|error| error.contains("thrown")), "{errors:?}");
    browser.expect_error("expected");
    browser.execute("console.error('expected')", &[]);
    assert_eq!(browser.console_errors(), [""; 0]);
}

#[test]
fn the_store_takes_the_packages_of_the_demonstration() {
    let scene = Scene::with_users();
    let (store, hostile) = (demo::store(), demo::hostile());
    scene.add(&store);
    scene.add(&hostile);
}
