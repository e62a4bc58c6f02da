//! How soon the first screen is there: `cargo xtask paint`.

use std::env;

use crate::{
    browser::{Browser, Value, json},
    crowd, demo,
    replay::Answers,
    scene::Scene,
};

/// Notes when the list, or that there is nothing, was painted.
const WATCH: &str = "new MutationObserver((_, observer) => {
    if (!document.querySelector('table.packages tbody tr, .empty')) return;
    observer.disconnect();
    requestAnimationFrame(() => setTimeout(() => { window.listPainted = performance.now(); }));
  }).observe(document, { childList: true, subtree: true })";

/// A page as it is, without its programs; what it has fetched it fetches still.
const AS_MARKUP: &str = "const page = document.documentElement.cloneNode(true);
    page.querySelectorAll('script').forEach(script => script.remove());
    for (const entry of performance.getEntriesByType('resource').filter(entry => entry.initiatorType === 'fetch')) {
      const link = document.createElement('link');
      Object.assign(link, { rel: 'preload', as: 'fetch', crossOrigin: 'anonymous', href: new URL(entry.name).pathname + new URL(entry.name).search });
      page.querySelector('head').append(link);
    }
    return '<!doctype html>' + page.outerHTML";

/// One load of a page, in milliseconds and bytes.
struct Load {
    first_paint: f64,
    list: f64,
    bytes: f64,
}

fn load(browser: &Browser, url: &str) -> Load {
    browser.goto("about:blank");
    browser.goto(url);
    browser.wait("window.listPainted && performance.getEntriesByName('first-contentful-paint').length");
    let found = browser.execute(
        "const entries = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
         const bytes = entries.filter(entry => !entry.name.endsWith('/icon')).reduce((sum, entry) => sum + entry.transferSize, 0);
         return [performance.getEntriesByName('first-contentful-paint')[0].startTime, window.listPainted, bytes]",
        &[],
    );
    let number = |index: usize| found[index].as_f64().unwrap();
    Load { first_paint: number(0), list: number(1), bytes: number(2) }
}

/// The median, and the smallest and the largest.
fn spread(loads: &[Load], value: impl Fn(&Load) -> f64) -> String {
    let mut values: Vec<f64> = loads.iter().map(value).collect();
    values.sort_by(f64::total_cmp);
    format!("{:.0} ({:.0} to {:.0})", values[values.len() / 2], values[0], values[values.len() - 1])
}

fn median(loads: &[Load], value: impl Fn(&Load) -> f64) -> f64 {
    let mut values: Vec<f64> = loads.iter().map(value).collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

#[test]
#[ignore = "measures: `cargo xtask paint` runs it with a release build"]
fn the_first_screen_beside_a_page_without_programs() {
    let rounds: usize = env::var("UI_ROUNDS").map_or(7, |rounds| rounds.parse().unwrap());
    let (empty, crowded) = (Scene::new(), Scene::new());
    crowded.add(&demo::store());
    crowd::fill(&crowded, 100_000, 5);
    let browser = Browser::open(&crowded.url());
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": WATCH }));
    let url = |scene: &Scene| format!("http://{}/ui/", scene.address());

    // The first one waits for the server to read its catalog.
    load(&browser, &url(&crowded));
    let mut answers = Answers::default();
    // Of the icons a browser asks for as many as come into view, and not always for the same.
    let asked = "return [...performance.getEntriesByType('resource').map(entry => entry.name), ...[...document.images].map(image => image.src)]
        .map(address => new URL(address)).map(url => url.pathname + url.search)";
    for path in browser.execute(asked, &[]).as_array().unwrap().iter().filter_map(Value::as_str) {
        answers.record(crowded.address(), path);
    }
    answers.page("/ui/", browser.execute(AS_MARKUP, &[]).as_str().unwrap());
    let replayed = format!("http://{}/ui/", answers.serve());

    let pages = [
        ("an empty store", url(&empty)),
        ("100,000 packages", url(&crowded)),
        ("the same as markup", replayed),
    ];
    let mut loads: Vec<(Vec<Load>, Vec<Load>)> = pages.iter().map(|_| Default::default()).collect();
    for _ in 0..rounds {
        for ((_, url), (cold, warm)) in pages.iter().zip(&mut loads) {
            browser.devtools("Network.clearBrowserCache", json!({}));
            cold.push(load(&browser, url));
            warm.push(load(&browser, url));
        }
    }
    println!("| first screen of | cache | first paint, ms | list, ms | bytes |\n|---|---|---|---|---|");
    for ((name, _), (cold, warm)) in pages.iter().zip(&loads) {
        for (cache, loads) in [("cold", cold), ("warm", warm)] {
            let (paint, list) = (spread(loads, |load| load.first_paint), spread(loads, |load| load.list));
            println!("| {name} | {cache} | {paint} | {list} | {:.0} |", median(loads, |load| load.bytes));
        }
    }
    let of = |page: usize, value: fn(&Load) -> f64| median(&loads[page].0, value);
    println!(
        "first paint with 100,000 packages beside the same as markup: {:.2}; the list: {:.2}; wanted: 200 ms, 100,000 bytes",
        of(1, |load| load.first_paint) / of(2, |load| load.first_paint),
        of(1, |load| load.list) / of(2, |load| load.first_paint),
    );
}
