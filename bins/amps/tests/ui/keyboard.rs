//! Everything without a mouse.

use amps_testkit::thirtyfour::Key;

use crate::{browser::Browser, demo, scene::Scene};

/// What has the focus, as a person hears it.
const FOCUSED: &str = "const e = document.activeElement;
    return [e.localName, e.getAttribute('aria-label') || e.labels?.[0]?.innerText || e.innerText || ''].join(' ').replace(/\\s+/g, ' ').trim()";

/// Whether that can be seen: inside the window, and marked.
const FOCUS_SHOWS: &str = "const e = document.activeElement, box = e.getBoundingClientRect();
    const marks = s => (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0) || s.boxShadow !== 'none';
    const styles = [getComputedStyle(e), getComputedStyle(e, '::before'), getComputedStyle(e, '::after'), getComputedStyle(e.parentElement ?? e)];
    return box.width > 0 && box.bottom > 0 && box.top < innerHeight && styles.some(marks)";

impl Browser {
    fn focused(&self) -> String {
        self.execute(FOCUSED, &[]).as_str().unwrap().to_owned()
    }

    /// Presses Tab until something has the focus that contains `text`; all on the way must be seen.
    fn tab_to(&self, text: &str) {
        let mut passed = Vec::new();
        for _ in 0..60 {
            self.keys(&[Key::Tab]);
            let focused = self.focused();
            assert!(
                focused.starts_with("body") || self.execute(FOCUS_SHOWS, &[]) == true,
                "the focus on `{focused}` cannot be seen"
            );
            if focused.contains(text) {
                return;
            }
            passed.push(focused);
        }
        panic!("Tab never comes to `{text}`: {passed:#?}");
    }
}

#[test]
fn a_package_is_found_and_looked_at_with_the_keyboard() {
    let scene = Scene::new();
    scene.add(&demo::store());
    let browser = Browser::open(&scene.url());
    browser.goto("/ui/");
    browser.wait_for_rows(8);
    browser.keys(&[Key::Tab]);
    assert_eq!(browser.focused(), "a Skip to the content");
    browser.keys(&[Key::Enter]);
    browser.wait("document.activeElement.closest('main')");
    browser.tab_to("Search by name or id");
    browser.type_text("radio");
    browser.wait_for_rows(1);
    browser.tab_to("Radio");
    browser.keys(&[Key::Enter]);
    browser.wait("location.pathname.endsWith('/packages/org.example.radio')");
    // Whoever listens hears where they are.
    browser.wait("document.activeElement.localName === 'h1' || document.activeElement.querySelector?.('h1')");
    browser.wait("document.title.includes('Radio')");
    for view in ["Contents", "Manifest", "Signature", "Downloads", "Device check"] {
        browser.tab_to(view);
        browser.keys(&[Key::Enter]);
        browser.wait_with("document.activeElement.innerText?.includes(arguments[0]) || document.querySelector('[aria-current], [aria-selected=true]')", &[view.into()]);
        browser.wait("!document.querySelector('.skeleton')");
        // From the start of the page again.
        browser
            .execute("document.activeElement.blur(); getSelection().removeAllRanges(); scrollTo(0, 0)", &[]);
    }
}

#[test]
fn the_slash_leads_to_the_search() {
    let scene = Scene::new();
    scene.add(&demo::store());
    let browser = Browser::open(&scene.url());
    browser.goto("/ui/");
    browser.wait_for_rows(8);
    browser.type_text("/");
    browser.wait("document.activeElement.type === 'search'");
    browser.type_text("weather");
    browser.wait_for_rows(1);
}
