//! What the first screen costs, with the icons of a handful of packages.

use crate::{
    browser::{Browser, Value},
    demo,
    scene::Scene,
};

/// What the issue asks for, in bytes.
const MOST: u64 = 100_000;

#[test]
fn the_first_screen_takes_less_than_100_kilobytes() {
    let scene = Scene::new();
    scene.add(&demo::store());
    let browser = Browser::open(&scene.url());
    browser.goto("/ui/");
    browser.wait_for_rows(8);
    browser.wait("document.images.length === 8 && [...document.images].every(image => image.complete && image.naturalWidth > 0)");
    let entries = browser.execute(
        "return [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
           .map(entry => ({ name: new URL(entry.name).pathname, bytes: entry.transferSize }))",
        &[],
    );
    let entries: Vec<&Value> = entries.as_array().unwrap().iter().collect();
    let of_the_interface = entries.iter().filter(|entry| entry["name"].as_str().unwrap().starts_with("/ui"));
    assert!(of_the_interface.count() > 2, "{entries:#?}");
    assert!(entries.iter().all(|entry| entry["bytes"].as_u64().unwrap() > 0), "not fetched: {entries:#?}");
    let total: u64 = entries.iter().map(|entry| entry["bytes"].as_u64().unwrap()).sum();
    let paint = browser.wait("performance.getEntriesByName('first-contentful-paint')[0]?.startTime");
    println!(
        "the first screen takes {total} bytes in {} answers; something is painted after {paint} ms",
        entries.len()
    );
    assert!(total < MOST, "{total} bytes: {entries:#?}");
}
