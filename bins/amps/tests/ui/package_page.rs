//! The page of a package: releases, manifest, contents, signature, downloads, what a device gets, and removing.

use std::time::Instant;

use crate::{
    browser::{Browser, PATIENCE, json},
    demo,
    scene::Scene,
};

fn page(scene: &Scene, id: &str) -> Browser {
    let browser = Browser::open(&scene.url());
    browser.goto(&format!("/ui/packages/{id}"));
    browser.wait_for_text(id);
    browser
}

fn demo_scene() -> Scene {
    let scene = Scene::new();
    scene.add(&demo::store());
    scene
}

#[test]
fn all_releases_are_listed_with_manifest_contents_and_signature() {
    let scene = demo_scene();
    let browser = page(&scene, "org.example.navigation");
    browser.wait("document.querySelectorAll('main tbody tr').length === 5");
    for text in ["2.0", "1.1", "1.0", "linux_arm_64", "linux_x86_64", "premium", "Turn-by-turn directions"] {
        browser.wait_for_text(text);
    }
    browser.press("Contents");
    for text in ["maps/tiles.bin", "info.yaml", "bin/app"] {
        browser.wait_for_text(text);
    }
    browser.press("Manifest");
    browser.wait_for_text("org.example.navigation");
    browser.wait_for_text("runtime");
    browser.wait_for_text("الملاحة");
    browser.press("Signature");
    browser.wait_for_text("Issued to");
    browser.wait_for_text("SHA-256");
    // Each view is an address of its own.
    let signature = browser.location();
    browser.goto("about:blank");
    browser.goto(&signature);
    browser.wait_for_text("Issued to");
    for _ in 0..3 {
        browser.back();
    }
    browser.wait("location.search.includes('manifest')");
    browser.wait_for_text("الملاحة");
}

#[test]
fn downloads_are_plotted_and_told() {
    let scene = demo_scene();
    let browser = page(&scene, "org.example.radio");
    for _ in 0..3 {
        let download = "fetch('/package/download?id=org.example.radio', { cache: 'no-store' }).then(answer => answer.arrayBuffer()).then(bytes => bytes.byteLength > 0)";
        assert_eq!(browser.execute_promise(download, &[]), true);
    }
    // They are counted in memory first.
    let counted = "fetch('/api/v1/packages/org.example.radio/downloads?days=7').then(a => a.json()).then(d => d.days.reduce((sum, day) => sum + day.downloads, 0))";
    browser.wait_for_promise(counted, &json!(3));
    browser.press("Downloads");
    browser.wait("document.querySelector('main svg[role=img], main figure svg')");
    browser.wait("/3\\s+downloads/.test(document.querySelector('main').innerText)");
}

#[test]
fn a_device_is_told_what_it_gets_and_why() {
    let scene = demo_scene();
    let mut browser = page(&scene, "org.example.navigation");
    browser.expect_error("status of 400");
    browser.press("Device check");
    browser.choose("select[name=dialect]", "deployment-server");
    browser.fill("input[name=architecture]", "x86_64-little_endian-elf");
    browser.press("Check");
    browser.wait_for_text("<cpu>-<endian>-<bits>-<format>");
    browser.fill("input[name=architecture]", "x86_64-little_endian-64-elf");
    browser.fill("input[name=tags]", "qt:6.8,premium");
    browser.press("Check");
    browser.wait_for_text("The device gets");
    browser.wait_for_text("2.0");
    let asked = browser.location();
    assert!(asked.contains("architecture="), "{asked}");
    browser.fill("input[name=architecture]", "mips-big_endian-32-elf");
    browser.press("Check");
    browser.wait_for_text("The device gets nothing");
    browser.wait_for_text("Other architecture");
    browser.goto(&asked);
    browser.wait_for_text("2.0");
    browser.wait_for_no_text("The device gets nothing");
}

#[test]
fn a_release_is_downloaded() {
    let scene = demo_scene();
    let browser = page(&scene, "org.example.radio");
    let folder = scene.data.path().join("downloads");
    std::fs::create_dir(&folder).unwrap();
    browser.devtools("Browser.setDownloadBehavior", json!({ "behavior": "allow", "downloadPath": folder }));
    browser.click("main a[href*='/package'][download], main a[href*='/releases/'][href*='/package']");
    // A browser takes the name first, then writes what comes.
    let is_there = || {
        let files = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
        let whole = files.filter(|file| file.extension().is_some_and(|end| end == "ampkg"));
        whole.into_iter().any(|file| std::fs::read(file).unwrap().starts_with(&[0x1f, 0x8b]))
    };
    let deadline = Instant::now() + PATIENCE;
    while !is_there() {
        assert!(Instant::now() < deadline, "nothing was downloaded");
        std::thread::yield_now();
    }
}

#[test]
fn a_release_is_removed_and_a_whole_package_only_by_its_id() {
    let scene = demo_scene();
    let mut browser = page(&scene, "org.example.navigation");
    browser.expect_error("status of 404");
    browser.wait("document.querySelectorAll('main tbody tr').length === 5");
    browser.press("Remove");
    browser.wait("document.querySelector('dialog[open]')");
    browser.press("Cancel");
    browser.wait("!document.querySelector('dialog[open]')");
    browser.wait("document.querySelectorAll('main tbody tr').length === 5");
    browser.press("Remove package");
    browser.wait_for_text("cannot be undone");
    let confirm =
        "[...document.querySelectorAll('dialog[open] button')].find(b => /remove/i.test(b.innerText))";
    assert_eq!(
        browser.execute(
            &format!("return {confirm}.disabled || {confirm}.getAttribute('aria-disabled') === 'true'"),
            &[]
        ),
        true
    );
    browser.fill("input", "org.example.navigation");
    browser.wait(&format!("!{confirm}.disabled"));
    browser.execute(&format!("{confirm}.click()"), &[]);
    browser.wait("location.pathname === '/ui/'");
    browser.wait_for_rows(7);
    browser.goto("/ui/packages/org.example.navigation");
    browser.wait_for_text("There is no such package");
}
