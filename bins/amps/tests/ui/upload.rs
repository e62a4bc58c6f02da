//! Uploads: several, refused ones, and such as are interrupted by a reload or by a server that dies.

use std::{
    fs,
    path::PathBuf,
    thread,
    time::{Duration, Instant},
};

use amps_testkit::{HalfFile, PackageBuilder};
use tempfile::TempDir;

use crate::{
    browser::{Browser, PATIENCE, json},
    demo,
    scene::Scene,
};

const FILES: &str = "main input[type=file]";

/// More than one piece of an upload, and nothing that can be compressed.
const LARGE_BYTES: usize = 20 * 1024 * 1024;

/// Files to choose.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    }
}

fn noise(bytes: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    (0..bytes).map(|_| next()).collect()
}

fn large() -> Vec<u8> {
    PackageBuilder::hello().id("org.example.large").name("Large").file("noise", noise(LARGE_BYTES)).build()
}

#[test]
fn several_packages_are_uploaded_at_once() {
    let scene = Scene::new();
    let browser = Browser::open(&scene.url());
    let folder = Folder::new();
    let files: Vec<PathBuf> = demo::many(5)
        .enumerate()
        .map(|(index, package)| folder.file(&format!("many{index}.ampkg"), &package))
        .collect();
    browser.goto("/ui/upload");
    browser.choose_files(FILES, &files);
    browser.wait("document.body.innerText.split('It is in the store').length === 6");
    browser.goto("/ui/");
    browser.wait_for_rows(5);
}

#[test]
fn files_are_dropped_onto_the_page() {
    let scene = Scene::new();
    let browser = Browser::open(&scene.url());
    let package = demo::reference("qt6/hello.ampkg");
    let hex = amps_testkit::hex(&package);
    for page in ["/ui/upload", "/ui/"] {
        browser.goto(page);
        browser.wait("document.querySelector('h1')");
        browser.wait("!document.querySelector('.skeleton')");
        browser.execute(
            "const bytes = Uint8Array.from(arguments[0].match(/../g), pair => parseInt(pair, 16));
             const files = new DataTransfer();
             files.items.add(new File([bytes], 'dropped.ampkg'));
             for (const type of ['dragenter', 'dragover', 'drop']) {
               document.querySelector('main').dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: files }));
             }",
            &[json!(hex)],
        );
        browser.wait_for_text("It is in the store");
    }
    browser.goto("/ui/");
    browser.wait_for_rows(1);
}

#[test]
fn a_refused_package_says_which_check_failed_and_what_to_do() {
    let scene = Scene::new();
    let mut browser = Browser::open(&scene.url());
    browser.expect_error("status of 4");
    let folder = Folder::new();
    browser.goto("/ui/upload");
    for (name, words) in [
        ("bad/not-an-archive.ampkg", "This is not a package"),
        ("bad/tampered-file.ampkg", "Pack and sign it again"),
        ("bad/info-no-id.ampkg", "Something in info.yaml is wrong"),
        ("bad/symlink.ampkg", "links"),
    ] {
        let file = folder.file(name.trim_start_matches("bad/"), &demo::reference(name));
        browser.choose_files(FILES, &[file]);
        browser.wait_for_text(words);
    }
    browser.wait("document.body.innerText.split('It was not taken').length >= 5");
    assert_eq!(browser.status_of("GET", "/api/v1/packages/org.example.hello"), 404);
}

#[test]
fn an_upload_goes_on_where_it_stopped_when_the_server_was_killed() {
    let mut scene = Scene::new();
    let mut browser = Browser::open(&scene.url());
    browser.expect_error("net::ERR_");
    let folder = Folder::new();
    browser.goto("/ui/upload");
    browser.wait("!document.querySelector('.skeleton')");
    scene.gate.close_after(10 * 1024 * 1024);
    browser.choose_files(FILES, &[folder.file("large.ampkg", &large())]);
    scene.gate.wait_until_closed();
    scene.kill();
    browser.wait_for_text("The connection is lost");
    // What went over the network before counts: with this many bytes more, it cannot begin anew.
    scene.start();
    scene.gate.close_after(LARGE_BYTES as u64);
    browser.wait_for_text("It is in the store");
    browser.goto("/ui/");
    browser.wait_for_rows(1);
}

#[test]
fn an_upload_goes_on_where_it_stopped_after_a_reload() {
    let mut scene = Scene::new();
    let mut browser = Browser::open(&scene.url());
    browser.expect_error("net::ERR_");
    // It would ask a person whether to leave; nobody has touched this page.
    browser.expect_error("beforeunload");
    let folder = Folder::new();
    let file = folder.file("large.ampkg", &large());
    browser.goto("/ui/upload");
    browser.wait("!document.querySelector('.skeleton')");
    scene.gate.close_after(10 * 1024 * 1024);
    browser.choose_files(FILES, std::slice::from_ref(&file));
    scene.gate.wait_until_closed();
    scene.kill();
    scene.start();
    browser.goto("/ui/upload");
    browser.wait_for_text("Not finished yet");
    scene.gate.close_after(LARGE_BYTES as u64);
    browser.choose_files(FILES, &[file]);
    browser.wait_for_text("It is in the store");
}

#[test]
fn an_upload_can_be_cancelled() {
    let scene = Scene::new();
    let mut browser = Browser::open(&scene.url());
    browser.expect_error("net::ERR_");
    let folder = Folder::new();
    browser.goto("/ui/upload");
    browser.wait("!document.querySelector('.skeleton')");
    scene.gate.hold(true);
    browser.choose_files(FILES, &[folder.file("large.ampkg", &large())]);
    browser.press("Cancel large.ampkg");
    scene.gate.hold(false);
    browser.wait_for_text("Cancelled");
    browser.goto("/ui/");
    browser.wait_for_text("This store is empty");
}

/// `check: verdict` of the newest upload, in the order of the page.
fn checks(browser: &Browser) -> Vec<String> {
    let script = "return [...(document.querySelector('.upload-item .checks')?.children ?? [])].map(li => `${li.dataset.check}: ${li.dataset.verdict}`)";
    serde_json::from_value(browser.execute(script, &[])).unwrap()
}

/// What a reader of the page, or a listener, is told of a check of the newest upload.
fn words(browser: &Browser, check: &str) -> String {
    let script = "return document.querySelector(`.upload-item .checks [data-check=${arguments[0]}]`).textContent.replace(/\\s+/g, ' ').trim()";
    browser.execute(script, &[json!(check)]).as_str().unwrap().to_owned()
}

/// Uploads a package, and waits for the whole list.
fn upload_and_wait(browser: &Browser, folder: &Folder, fixture: &str, words: &str) {
    browser.goto("/ui/upload");
    browser.wait("!document.querySelector('.skeleton')");
    let name = fixture.rsplit('/').next().unwrap();
    browser.choose_files(FILES, &[folder.file(name, &demo::reference(fixture))]);
    browser.wait_for_text(words);
    browser.wait("document.querySelectorAll('.upload-item .checks li').length === 9");
}

/// The file that an upload comes into, as soon as something of it is there: from then on the server has it open.
fn arriving(scene: &Scene) -> PathBuf {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let files = fs::read_dir(scene.data.path().join(".amps/uploads")).unwrap();
        let mut files = files.map(|file| file.unwrap().path());
        let is_part = |file: &PathBuf| file.extension().is_some_and(|ending| ending == "part");
        let found = files.find(|file| is_part(file) && fs::metadata(file).is_ok_and(|file| file.len() > 0));
        if let Some(file) = found {
            return file;
        }
        assert!(Instant::now() < deadline, "after {PATIENCE:?} nothing has come");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn the_verdict_of_each_check_is_shown_as_it_comes() {
    let scene = Scene::new();
    let (browser, folder) = (Browser::open(&scene.url()), Folder::new());
    let package = PackageBuilder::hello().file("noise", noise(1024 * 1024)).build();
    browser.goto("/ui/upload");
    browser.wait("!document.querySelector('.skeleton')");
    scene.gate.hold_after(300 * 1024);
    browser.choose_files(FILES, &[folder.file("noise.ampkg", &package)]);
    // The server verifies another file than the one it writes: one that comes to it half first.
    let half = HalfFile::in_place_of(&arriving(&scene), package);
    scene.gate.go_on();
    browser.wait("document.querySelector('[data-check=manifest][data-verdict=passed]')");
    let half_way = [
        "format: waiting",
        "structure: waiting",
        "manifest: passed",
        "digest: waiting",
        "architecture: waiting",
        "storeSignature: waiting",
        "scope: waiting",
        "developerSignature: waiting",
        "publication: waiting",
    ];
    assert_eq!(checks(&browser), half_way);
    assert_eq!(words(&browser, "digest"), "Digest matches: waiting");
    drop(half);
    browser.wait_for_text("It is in the store");
    browser.wait("document.querySelector('[data-check=publication][data-verdict=passed]')");
    assert_eq!(checks(&browser)[7], "developerSignature: skipped");
}

#[test]
fn what_nobody_has_verified_has_no_tick() {
    let scene = Scene::new();
    let (browser, folder) = (Browser::open(&scene.url()), Folder::new());
    upload_and_wait(&browser, &folder, "qt6/hello.ampkg", "It is in the store");
    let expected = [
        "format: passed",
        "structure: passed",
        "manifest: passed",
        "digest: passed",
        "architecture: passed",
        "storeSignature: skipped",
        "scope: skipped",
        "developerSignature: skipped",
        "publication: passed",
    ];
    assert_eq!(checks(&browser), expected);
    let said = words(&browser, "developerSignature");
    assert!(
        said.starts_with("Developer signature: not checked the package has none, and needs none"),
        "{said}"
    );
    assert!(said.ends_with("names their CA certificates."), "{said}");
    assert_eq!(words(&browser, "manifest"), "Manifest is valid: passed org.example.hello in version `1.0`");
}

#[test]
fn what_a_known_developer_has_signed_has_a_tick() {
    let chain = amps_testkit::fixture("pki/chain.crt");
    let scene = Scene::with_options(&["--dc", chain.to_str().unwrap()]);
    let (mut browser, folder) = (Browser::open(&scene.url()), Folder::new());
    browser.expect_error("status of 4");
    upload_and_wait(&browser, &folder, "qt6/hello-dev1.ampkg", "It is in the store");
    assert_eq!(checks(&browser)[7], "developerSignature: passed");
    let said = words(&browser, "developerSignature");
    assert!(said.contains("signed by `emailAddress=dev1@example.org,CN=Developer 1"), "{said}");
    upload_and_wait(
        &browser,
        &folder,
        "qt6/hello.ampkg",
        "This store takes only what a developer has signed",
    );
    assert_eq!(checks(&browser)[7..], ["developerSignature: failed", "publication: notReached"]);
}

#[test]
fn what_was_tampered_with_stops_where_it_was_found() {
    let scene = Scene::new();
    let (mut browser, folder) = (Browser::open(&scene.url()), Folder::new());
    browser.expect_error("status of 4");
    upload_and_wait(&browser, &folder, "bad/tampered-file.ampkg", "It was not taken");
    let expected = [
        "format: passed",
        "structure: passed",
        "manifest: passed",
        "digest: failed",
        "architecture: notReached",
        "storeSignature: notReached",
        "scope: notReached",
        "developerSignature: notReached",
        "publication: notReached",
    ];
    assert_eq!(checks(&browser), expected);
}
