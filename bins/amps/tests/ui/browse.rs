//! The list of packages: search, filters, languages, many packages, none, and a server that is slow or gone.

use crate::{
    browser::{Browser, json},
    demo,
    scene::Scene,
};

const ROWS: &str = "document.querySelectorAll('table.packages tbody tr').length";

impl Browser {
    /// Waits until the list shows so many packages.
    pub(crate) fn wait_for_rows(&self, count: usize) {
        self.wait_with(&format!("{ROWS} === arguments[0]"), &[json!(count)]);
    }
}

fn demo_scene() -> Scene {
    let scene = Scene::new();
    scene.add(&demo::store());
    scene
}

#[test]
fn an_empty_store_says_how_to_fill_it() {
    let scene = Scene::new();
    let browser = Browser::open(&scene.url());
    browser.goto("/ui/");
    browser.wait_for_text("This store is empty");
    browser.wait_for_text("amps-packager");
    scene.add(&[demo::reference("qt6/hello.ampkg")]);
    browser.reload();
    browser.wait_for_rows(1);
}

#[test]
fn a_browser_that_asks_for_the_server_itself_is_led_to_the_interface() {
    let scene = Scene::new();
    let browser = Browser::open(&scene.url());
    browser.goto("/");
    browser.wait_for_text("This store is empty");
    assert_eq!(browser.location(), "/ui/");
}

#[test]
fn search_and_filters_are_links_that_can_be_shared() {
    let scene = demo_scene();
    let browser = Browser::open(&scene.url());
    browser.goto("/ui/");
    browser.wait_for_rows(8);
    browser.fill("input[type=search]", "climat");
    browser.wait_for_rows(1);
    browser.wait("location.search.includes('text=climat')");
    browser.back();
    browser.wait_for_rows(8);
    browser.forward();
    browser.wait_for_rows(1);
    assert_eq!(browser.execute("return document.querySelector('input[type=search]').value", &[]), "climat");

    browser.goto("/ui/");
    browser.wait_for_rows(8);
    browser.choose("select[name=tag]", "premium");
    browser.wait_for_rows(2);
    browser.choose("select[name=category]", "navigation");
    browser.wait_for_rows(1);
    let shared = browser.location();
    browser.goto("about:blank");
    browser.goto(&shared);
    browser.wait_for_rows(1);
    browser.wait_for_text("org.example.navigation");
    assert_eq!(browser.execute("return document.querySelector('select[name=tag]').value", &[]), "premium");
    browser.press("Clear filters");
    browser.wait_for_rows(8);
    browser.back();
    browser.wait_for_rows(1);

    browser.goto("/ui/?text=nothing+is+called+this");
    browser.wait_for_text("Nothing fits");
    browser.press("Clear filters");
    browser.wait_for_rows(8);
}

#[test]
fn the_order_and_the_signature_can_be_chosen() {
    let scene = demo_scene();
    let browser = Browser::open(&scene.url());
    browser.goto("/ui/");
    browser.wait_for_rows(8);
    browser.choose("select[name=signer]", "unsigned");
    browser.wait_for_rows(2);
    browser.wait_for_text("org.example.weather");
    browser.choose("select[name=signer]", "");
    browser.wait_for_rows(8);
    browser.choose("select[name=sort]", "sizeBytes");
    browser.wait(
        "document.querySelector('table.packages tbody tr').innerText.includes('org.example.navigation')",
    );
    assert!(browser.location().contains("sort=sizeBytes"));
}

#[test]
fn many_packages_come_in_pages() {
    let scene = Scene::new();
    scene.add(&demo::many(300).collect::<Vec<_>>());
    let browser = Browser::open(&scene.url());
    browser.goto("/ui/");
    browser.wait_for_text("300 packages");
    let first = browser.wait(ROWS).as_u64().unwrap();
    assert!(first < 300, "all {first} at once");
    browser.press("Show more");
    browser.wait_with(&format!("{ROWS} > arguments[0]"), &[json!(first)]);
    browser.fill("input[type=search]", "Sample 299");
    browser.wait_for_rows(1);
    browser.wait_for_text("org.example.many299");
}

#[test]
fn names_are_in_the_language_of_the_reader() {
    let scene = demo_scene();
    let browser = Browser::reading(&scene.url(), "de-AT,de");
    browser.goto("/ui/");
    browser.wait_for_text("Navigation und Karten");
    browser.wait_for_text("Rundfunk");
    // Nothing is said in German or English here: its own language, its own direction.
    let direction = "const link = document.querySelector('a[href$=\"com.supplier.arabic\"]');
        const text = [link, ...link.querySelectorAll('*')].pop();
        return getComputedStyle(text).direction";
    assert_eq!(browser.execute(direction, &[]), "rtl");
}

#[test]
fn a_dead_server_is_named_and_found_again() {
    let mut scene = demo_scene();
    let mut browser = Browser::open(&scene.url());
    browser.expect_error("net::ERR_");
    browser.goto("/ui/");
    browser.wait_for_rows(8);
    scene.gate.close();
    scene.kill();
    browser.fill("input[type=search]", "climate");
    browser.wait("/does not answer|cannot be reached/.test(document.body.innerText)");
    scene.start();
    browser.wait_for_rows(1);
    browser.wait("!/does not answer|cannot be reached/.test(document.body.innerText)");
}

#[test]
fn a_slow_server_is_waited_for() {
    let scene = demo_scene();
    let browser = Browser::open(&scene.url());
    browser.goto("/ui/");
    browser.wait_for_rows(8);
    scene.gate.hold(true);
    browser.fill("input[type=search]", "climate");
    browser.wait("document.querySelector('[aria-busy=true]')");
    scene.gate.hold(false);
    browser.wait_for_rows(1);
    browser.wait("!document.querySelector('[aria-busy=true]')");
}
