//! Packages whose words and files want to be more than text.

use crate::{
    browser::{Browser, json},
    demo,
    scene::Scene,
};

/// What would be there if anything of a package had been taken for markup.
const TRACES: &str = "const found = [];
    if (window.evil !== undefined) found.push('script ' + window.evil);
    for (const element of document.querySelectorAll('*')) {
      for (const { name } of element.attributes) if (name.startsWith('on')) found.push(element.outerHTML.slice(0, 200));
    }
    for (const script of document.scripts) if (!script.src) found.push(script.outerHTML.slice(0, 200));
    for (const image of document.images) if (new URL(image.src, location).origin !== location.origin && !image.src.startsWith('blob:')) found.push(image.src);
    if (document.querySelector('table b[onclick], svg[onload]')) found.push('markup');
    return found";

fn is_harmless(browser: &Browser) {
    assert_eq!(browser.execute(TRACES, &[]), json!([]), "{}", browser.location());
    let scrolls = "return document.documentElement.scrollWidth > innerWidth";
    assert_eq!(browser.execute(scrolls, &[]), false, "{} is wider than the screen", browser.location());
}

#[test]
fn hostile_packages_are_text_in_the_list() {
    let scene = Scene::new();
    scene.add(&demo::hostile());
    let browser = Browser::open(&scene.url());
    for width in [1280, 390] {
        browser.resize(width, 800);
        browser.goto("/ui/");
        browser.wait_for_rows(6);
        browser.wait_for_text("<script>window.evil=1</script>");
        is_harmless(&browser);
    }
    // Icons that are none become placeholders: no image is left that shows as broken.
    browser.wait("[...document.images].every(image => image.complete && (image.naturalWidth > 0 || !image.checkVisibility()))");
    for id in ["org.evil.svg", "org.evil.html"] {
        let row = json!(id);
        browser.wait_with(
            "[...document.querySelectorAll('table.packages tbody tr')].find(row => row.innerText.includes(arguments[0]))?.querySelector('svg')",
            &[row],
        );
    }
}

#[test]
fn a_direction_override_does_not_leave_its_name() {
    let scene = Scene::new();
    scene.add(&demo::hostile());
    let browser = Browser::open(&scene.url());
    browser.goto("/ui/");
    browser.wait_for_rows(6);
    // Either it can be seen, or it ends with the element that holds the name.
    let open = "const link = document.querySelector('a[href$=\"org.evil.bidi\"]');
        const text = link.textContent;
        const isolated = [link, ...link.querySelectorAll('*')].some(e => e.localName === 'bdi' || getComputedStyle(e).unicodeBidi.includes('isolate'));
        return /[\\u202a-\\u202e\\u2066-\\u2069]/.test(text) && !isolated";
    assert_eq!(browser.execute(open, &[]), false);
}

#[test]
fn hostile_packages_are_text_on_their_pages() {
    let scene = Scene::new();
    scene.add(&demo::hostile());
    let browser = Browser::open(&scene.url());
    for id in ["script", "bidi", "words", "word", "svg", "html"] {
        for width in [1280, 390] {
            browser.resize(width, 800);
            browser.goto(&format!("/ui/packages/org.evil.{id}"));
            browser.wait_for_text(&format!("org.evil.{id}"));
            browser.wait("!document.querySelector('.skeleton')");
            is_harmless(&browser);
        }
    }
}

#[test]
fn an_address_is_not_taken_for_markup() {
    let scene = Scene::new();
    scene.add(&demo::hostile());
    let mut browser = Browser::open(&scene.url());
    browser.expect_error("status of 404");
    browser.expect_error("status of 400");
    for path in [
        "/ui/packages/%3Cimg%20src=x%20onerror=window.evil=1%3E",
        "/ui/%3Cscript%3Ewindow.evil=1%3C%2Fscript%3E",
        "/ui/?text=%3Cimg%20src=x%20onerror=window.evil=1%3E",
        "/ui/?tag=%22%3E%3Cimg%20src=x%20onerror=window.evil=1%3E",
        "/ui/sign-in?next=javascript:window.evil=1",
        "/ui/sign-in?next=//other.example/",
        "/ui/packages/%2e%2e%2f%2e%2e",
        "/ui/packages/%ff",
    ] {
        browser.goto(path);
        browser.wait("document.querySelector('h1')");
        browser.wait("!document.querySelector('.skeleton')");
        is_harmless(&browser);
    }
}
