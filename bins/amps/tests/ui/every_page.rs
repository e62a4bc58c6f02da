//! Every page, in light and dark, wide and narrow: what axe-core says of it, and whether it fits the screen. With the variable
//! `UI_SCREENSHOTS`, each leaves a picture in that folder.

use std::{env, fs, path::Path};

use crate::{
    browser::{Browser, Value, json},
    demo,
    scene::Scene,
};

/// Name of the picture, path, and what can be seen when the page is there.
type Page = (&'static str, &'static str, &'static str);

const PAGES: &[Page] = &[
    ("packages", "/ui/", "org.example.navigation"),
    ("search", "/ui/?text=nav&category=navigation", "org.example.navigation"),
    ("nothing-found", "/ui/?text=nothing+like+this", "Nothing fits"),
    ("package", "/ui/packages/org.example.navigation", "Turn-by-turn"),
    ("contents", "/ui/packages/org.example.navigation?view=contents", "maps/tiles.bin"),
    ("manifest", "/ui/packages/org.example.navigation?view=manifest", "runtime"),
    ("signature", "/ui/packages/org.example.navigation?view=signature", "Issued to"),
    ("downloads", "/ui/packages/org.example.navigation?view=downloads", "download"),
    (
        "device",
        "/ui/packages/org.example.navigation?view=device&dialect=package-server&architecture=linux_x86_64&asked=1",
        "The device gets",
    ),
    ("upload", "/ui/upload", "Drop packages here"),
    ("missing", "/ui/no/such/page", "There is nothing here"),
];

const MANAGED: &[Page] = &[
    ("manage", "/ui/manage", "Everything that keeps this store in order"),
    ("categories", "/ui/manage/categories", "navigation"),
    ("vendors", "/ui/manage/vendors", "Acme"),
    ("users", "/ui/manage/users", "joe"),
    ("tokens", "/ui/manage/tokens", "ci"),
    ("retention", "/ui/manage/retention?versions=1", "Try rules"),
    ("audit", "/ui/manage/audit", "Package id"),
    ("certificates", "/ui/manage/certificates", "CN=Example Store"),
    ("server", "/ui/manage/server", "The server can do its work"),
];

#[test]
fn of_whoever_manages_the_store() {
    let key = amps_testkit::fixture("pki/store.p12");
    let scene = Scene::with_options(&[
        "--anonymous-access",
        "read",
        "--sc",
        key.to_str().unwrap(),
        "--sp",
        "password",
    ]);
    scene.create_users();
    scene.add(&demo::store());
    for name in ["navigation", "media", "comfort", "tools"] {
        scene.command(&["create-category", "--name", name]);
    }
    scene.command(&["create-vendor", "--name", "Acme", "--user", "joe"]);
    let browser = Browser::open(&scene.url());
    browser.sign_in("ada");
    look(&browser, MANAGED);
}

#[test]
fn of_whoever_is_signed_in() {
    let scene = Scene::with_users();
    scene.add(&demo::store());
    let mut browser = Browser::open(&scene.url());
    browser.expect_error("status of 404");
    browser.sign_in("ada");
    for _ in 0..4 {
        let download = "fetch('/api/v1/releases/4/package', { cache: 'no-store' }).then(answer => answer.arrayBuffer()).then(() => true)";
        browser.execute_promise(download, &[]);
    }
    look(&browser, PAGES);
}

#[test]
fn of_whoever_is_not() {
    let scene = Scene::with_users();
    let mut browser = Browser::open(&scene.url());
    browser.expect_error("status of 401");
    look(&browser, &[("sign-in", "/ui/sign-in", "Password")]);
}

#[test]
fn of_an_empty_store() {
    let scene = Scene::new();
    let browser = Browser::open(&scene.url());
    look(
        &browser,
        &[("empty", "/ui/", "This store is empty"), ("nobody", "/ui/sign-in", "create-superuser")],
    );
}

fn look(browser: &Browser, pages: &[Page]) {
    if env::var_os("UI_SCREENSHOTS").is_some() {
        browser.later(20);
    }
    let mut complaints = Vec::new();
    for &(name, path, sign) in pages {
        for (scheme, width, height) in
            [("light", 1280, 900), ("dark", 1280, 900), ("light", 390, 844), ("dark", 390, 844)]
        {
            browser.prefer(scheme);
            browser.resize(width, height);
            browser.goto(path);
            browser.wait_for_text(sign);
            browser.wait("!document.querySelector('.skeleton, [aria-busy=true]')");
            browser.wait(
                "document.fonts.status === 'loaded' && [...document.images].every(image => image.complete)",
            );
            let at = format!("{name}, {scheme}, {width} wide");
            complaints.extend(wider_than(browser, width).map(|found| format!("{at}: {found}")));
            if (scheme, width) == ("light", 390) {
                // As wide as 1280 pixels are when they are enlarged to four times their size (WCAG 1.4.10).
                browser.resize(320, height);
                browser.wait("document.documentElement.clientWidth === 320");
                complaints.extend(wider_than(browser, 320).map(|found| format!("{at}, then 320: {found}")));
                browser.resize(width, height);
            }
            complaints.extend(serious_violations(browser).into_iter().map(|found| format!("{at}: {found}")));
            if let Some(folder) = env::var_os("UI_SCREENSHOTS") {
                let file = Path::new(&folder).join(format!("{name}-{scheme}-{width}.png"));
                // The port is another one each time.
                browser.execute(USUAL_ADDRESS, &[]);
                fs::write(file, browser.picture(MOST_HEIGHT)).unwrap();
            }
        }
    }
    assert!(complaints.is_empty(), "{complaints:#?}");
}

/// Of a picture, in CSS pixels.
const MOST_HEIGHT: u32 = 1600;

const USUAL_ADDRESS: &str = "const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) walker.currentNode.data = walker.currentNode.data.replaceAll(location.origin, 'http://localhost:8020')";

/// What reaches over the right edge, if anything does. What a phone shows grows with it, so it is compared with what the phone has.
fn wider_than(browser: &Browser, width: u32) -> Option<String> {
    const WIDE: &str = "const right = document.documentElement.scrollWidth;
        return right <= arguments[0] ? null : right + ' pixels: ' + [...document.querySelectorAll('body *')]
          .filter(e => e.getBoundingClientRect().right > arguments[0] + 1).slice(0, 5).map(e => e.outerHTML.slice(0, 120)).join(' | ')";
    browser.execute(WIDE, &[json!(width)]).as_str().map(|found| format!("wider than the screen: {found}"))
}

/// What axe-core calls serious or critical.
fn serious_violations(browser: &Browser) -> Vec<String> {
    if browser.execute("return typeof axe", &[]) == "undefined" {
        let axe = fs::read_to_string(amps_testkit::fixture("axe-core/axe.min.js")).unwrap();
        browser.execute(&axe, &[]);
    }
    let run = "axe.run(document, { resultTypes: ['violations'] }).then(result => result.violations
        .filter(found => ['serious', 'critical'].includes(found.impact))
        .map(found => ({ id: found.id, help: found.help, nodes: found.nodes.slice(0, 4).map(node => node.html.slice(0, 160) + ' -- ' + node.failureSummary) })))";
    let found = browser.execute_promise(run, &[json!(null)]);
    let describe = |violation: &Value| {
        let nodes: Vec<&str> =
            violation["nodes"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        format!("{}: {}: {}", violation["id"], violation["help"], nodes.join(" | "))
    };
    found.as_array().unwrap().iter().map(describe).collect()
}
