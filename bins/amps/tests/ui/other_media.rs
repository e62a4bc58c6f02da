//! Where colours are not ours, and paper; and a theme that somebody has chosen.

use crate::{
    browser::{Browser, json},
    demo,
    scene::Scene,
};

impl Browser {
    /// A medium like `print`, and what is preferred.
    fn emulate(&self, medium: &str, features: &[(&str, &str)]) {
        let features: Vec<_> =
            features.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
        self.devtools("Emulation.setEmulatedMedia", json!({ "media": medium, "features": features }));
    }
}

const GROUND: &str = "getComputedStyle(document.documentElement).backgroundColor";

fn demo_scene() -> Scene {
    let scene = Scene::new();
    scene.add(&demo::store());
    scene
}

#[test]
fn a_chosen_theme_counts_more_than_that_of_the_system_and_is_kept() {
    let scene = Scene::new();
    let browser = Browser::open(&scene.url());
    let ground =
        |expected: &str| browser.wait_with(&format!("{GROUND} === arguments[0]"), &[json!(expected)]);
    let (light, dark) = ("rgb(247, 246, 242)", "rgb(18, 18, 16)");
    browser.prefer("dark");
    browser.goto("/ui/");
    ground(dark);
    browser.press("Theme: as the system. Switch to light.");
    ground(light);
    browser.reload();
    ground(light);
    browser.press("Theme: light. Switch to dark.");
    browser.prefer("light");
    ground(dark);
    browser.press("Theme: dark. Switch to as the system.");
    ground(light);
}

#[test]
fn on_paper_there_is_what_can_be_read_and_nothing_to_press() {
    let scene = demo_scene();
    let browser = Browser::open(&scene.url());
    browser.prefer("dark");
    for (path, sign) in
        [("/ui/", "org.example.radio"), ("/ui/packages/org.example.navigation", "Turn-by-turn")]
    {
        browser.emulate("", &[("prefers-color-scheme", "dark")]);
        browser.goto(path);
        browser.wait_for_text(sign);
        browser.wait("!document.querySelector('.skeleton, [aria-busy=true]')");
        browser.emulate("print", &[("prefers-color-scheme", "dark")]);
        browser.wait(&format!("{GROUND} === 'rgb(255, 255, 255)'"));
        let pressable = "return [...document.querySelectorAll('button, select, nav')].filter(e => e.checkVisibility()).map(e => e.outerHTML.slice(0, 120))";
        assert_eq!(browser.execute(pressable, &[]), json!([]), "{path}");
        browser.wait_for_text(sign);
    }
}

#[test]
fn where_colours_are_forced_the_page_that_one_is_on_is_still_marked() {
    let scene = demo_scene();
    let browser = Browser::open(&scene.url());
    browser.emulate("", &[("forced-colors", "active")]);
    browser.goto("/ui/packages/org.example.navigation?view=signature");
    browser.wait_for_text("Issued to");
    // Shadows and grounds are gone; lines are not.
    let marked = "return [...document.querySelectorAll('nav a')].map(link => [link.innerText, link.hasAttribute('aria-current'),
        parseFloat(getComputedStyle(link).borderBlockEndWidth) > 2])";
    let links = browser.execute(marked, &[]);
    let links = links.as_array().unwrap();
    assert!(links.len() > 6, "{links:?}");
    assert!(links.iter().all(|link| link[1] == link[2]), "{links:?}");
    let chips = "return [...document.querySelectorAll('main .chip, main .badge')].every(chip => getComputedStyle(chip).borderInlineStartStyle === 'solid')";
    assert_eq!(browser.execute(chips, &[]), true);
}
