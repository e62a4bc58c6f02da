//! A hundred thousand packages, and more users than anybody chooses from: what is shown stays bounded, and everything is reached.

use std::{collections::BTreeSet, process::Command};

use amps_testkit::thirtyfour::Key;

use crate::{
    browser::{Browser, Value, json},
    demo,
    scene::Scene,
};

/// What a page shows of a list at most, as `listing.js` has it.
const MOST_SHOWN: usize = 500;

/// Fills the store of a scene, in which something must be already, with `packages` that have up to `releases` each.
pub(crate) fn fill(scene: &Scene, packages: usize, releases: usize) {
    let sql = include_str!("crowd.sql")
        .replace("{packages}", &packages.to_string())
        .replace("{releases}", &releases.to_string());
    change(scene, &sql);
}

fn change(scene: &Scene, sql: &str) {
    let catalog = scene.data.path().join(".amps/catalog.db");
    // The server may be writing.
    let mut command = Command::new("sqlite3");
    command.args(["-bail", "-cmd", ".timeout 60000"]).arg(catalog).arg(sql);
    let (code, _, stderr) = amps_testkit::run(&mut command);
    assert_eq!(code, Some(0), "{stderr}");
}

/// The ids of the packages that are shown, in their order.
fn shown(browser: &Browser) -> Vec<String> {
    let ids = "return [...document.querySelectorAll('table.packages .id')].map(id => id.innerText)";
    serde_json::from_value(browser.execute(ids, &[])).unwrap()
}

fn count_of_elements(browser: &Browser) -> u64 {
    browser.execute("return document.getElementsByTagName('*').length", &[]).as_u64().unwrap()
}

#[test]
fn of_a_hundred_thousand_packages_each_is_found() {
    let scene = Scene::new();
    scene.add(&[demo::reference("qt6/native-arm64.ampkg"), demo::reference("qt6/hello-dev1.ampkg")]);
    fill(&scene, 100_000, 1);
    let browser = Browser::open(&scene.url());
    browser.goto("/ui/");
    browser.wait_for_text("100,002 packages");
    browser.wait_for_rows(50);
    browser.fill("input[type=search]", "camera 098767");
    browser.wait_for_rows(1);
    browser.wait_for_text("org.crowd.v064.p098767");

    // There are too many tags for a list to choose from.
    browser.goto("/ui/");
    browser.click("input[name=tag]");
    browser.type_text("group003");
    browser.keys(&[Key::Enter]);
    browser.wait_for_text("200 packages found");
    assert!(browser.location().contains("tag=group003"));
    browser.press("Clear filters");
    browser.wait_for_text("100,002 packages");
    assert_eq!(browser.execute("return document.querySelector('input[name=tag]').value", &[]), "");

    // Those whose ids end in `.p000000` to `.p000999`, in another order than that of their ids.
    let list = "/ui/?text=.p000&sort=name";
    browser.goto(list);
    browser.wait_for_text("1,000 packages found");
    browser.wait_for_rows(50);
    browser.press("Show more");
    browser.wait_for_rows(100);
    let beginning = shown(&browser);
    browser.wait("location.search.includes('shown=100')");
    browser.reload();
    browser.wait_for_rows(100);
    assert_eq!(shown(&browser), beginning, "after a reload");

    browser.goto(&format!("{list}&shown={}", MOST_SHOWN - 50));
    browser.wait_for_rows(MOST_SHOWN - 50);
    browser.press("Show more");
    browser.wait_for_rows(MOST_SHOWN);
    let first = shown(&browser);
    assert_eq!(first[..100], beginning[..]);
    let elements = count_of_elements(&browser);
    assert!(elements < 30_000, "{elements} elements");
    assert!(!browser.has_text("Show more"));

    browser.press("Go on from here");
    browser.wait_for_text("501 to 550 of 1,000");
    browser.wait_for_rows(50);
    let after = shown(&browser);
    browser.goto(&format!("{}&shown=999999", browser.location()));
    browser.wait_for_text("501 to 1,000 of 1,000");
    browser.wait_for_rows(MOST_SHOWN);
    let second = shown(&browser);
    assert_eq!(second[..50], after[..]);
    assert!(!browser.has_text("Go on from here"));

    let all: BTreeSet<String> = first.into_iter().chain(second).collect();
    let expected = (0..1000).map(|number| format!("org.crowd.v{:03}.p{number:06}", number % 997));
    assert_eq!(all, expected.collect());

    browser.press("Back to the beginning");
    browser.wait_for_text("50 of 1,000 shown");
    assert_eq!(shown(&browser), beginning[..50]);
    browser.back();
    browser.wait_for_rows(MOST_SHOWN);
}

#[test]
fn who_stands_for_a_vendor_is_typed_if_there_are_too_many_to_choose_from() {
    let scene = Scene::with_users();
    change(
        &scene,
        "WITH RECURSIVE number(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM number WHERE n < 699)
         INSERT INTO users (name, password, is_active, is_staff, created_at)
         SELECT printf('user%03d', n), password, 1, 0, created_at FROM number, users WHERE name = 'joe'",
    );
    let mut browser = Browser::open(&scene.url());
    browser.expect_error("status of 4");
    browser.sign_in("ada");
    browser.goto("/ui/manage/users?after=dXNlcjY5OA&skipped=701");
    browser.wait_for_text("702 to 702 of 702");
    browser.wait_for_text("user699");
    browser.goto("/ui/manage/vendors");
    browser.press("New vendor");
    browser.fill("input[name=name]", "Acme");
    browser.fill("input[name=user]", "nobody");
    browser.press("Create vendor");
    browser.wait("document.querySelector('dialog .error')?.innerText");
    browser.fill("input[name=user]", "user699");
    browser.press("Create vendor");
    browser.wait("!document.querySelector('dialog[open]')");
    assert!(scene.command(&["list-vendors"]).contains("Acme"));
}

#[test]
fn a_category_is_dragged_further_than_the_window_shows() {
    let scene = Scene::with_users();
    change(
        &scene,
        "WITH RECURSIVE number(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM number WHERE n < 39)
         INSERT INTO categories (name, position) SELECT printf('section%02d', n), n FROM number",
    );
    let mut browser = Browser::open(&scene.url());
    browser.expect_error("status of 401");
    browser.sign_in("ada");
    browser.goto("/ui/manage/categories");
    let grip = browser.wait(
        "(place => [place.x + place.width / 2, place.y + place.height / 2, innerHeight])(
           document.querySelector('[data-name=section00] [data-part=grip]').getBoundingClientRect())",
    );
    let (x, y, height) = (&grip[0], &grip[1], grip[2].as_f64().unwrap());
    let mouse = |kind: &str, y: &Value| {
        let event = json!({ "type": kind, "x": x, "y": y, "button": "left", "buttons": 1, "clickCount": 1 });
        browser.devtools("Input.dispatchMouseEvent", event);
    };
    mouse("mousePressed", y);
    mouse("mouseMoved", &json!(height - 4.0));
    browser.wait("document.querySelector('.order-list > li:last-child').dataset.name === 'section00'");
    mouse("mouseReleased", &json!(height - 4.0));
    browser.press("Save order");
    browser.wait_for_text("The order is saved");
    let listed = scene.command(&["list-categories"]);
    assert!(listed.trim_end().lines().last().unwrap().contains("section00"), "{listed}");
}
