//! Certificates: what they are for, and until when they hold.

use std::process::Command;

use crate::{manage::signed_in, scene::Scene};

#[test]
fn each_says_what_it_is_for_and_one_that_ends_soon_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let (key, certificate) = (folder.path().join("ca.key"), folder.path().join("ca.crt"));
    let mut openssl = Command::new("openssl");
    openssl.args([
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "10",
    ]);
    openssl.args(["-subj", "/CN=Developers until soon", "-addext", "keyUsage=critical,keyCertSign"]);
    openssl.arg("-keyout").arg(&key).arg("-out").arg(&certificate);
    let (code, _, stderr) = amps_testkit::run(&mut openssl);
    assert_eq!(code, Some(0), "{stderr}");
    let store = amps_testkit::fixture("pki/store.p12");
    let options = [store.to_str().unwrap(), certificate.to_str().unwrap()];
    let scene = Scene::with_options(&["--sc", options[0], "--sp", "password", "--dc", options[1]]);
    scene.create_users();
    let browser = signed_in(&scene, "/ui/manage/certificates");
    browser.wait_for_text("The store signs with");
    browser.wait_for_text("CN=Example Store");
    browser.wait_for_text("Developers are verified with");
    browser.wait_for_text("Developers until soon");
    let badge = |name: &str| {
        let script = format!(
            "return [...document.querySelectorAll('.certificate')].find(one => one.innerText.includes('{name}')).querySelector('.badge').innerText"
        );
        browser.execute(&script, &[]).as_str().unwrap().to_owned()
    };
    assert!(badge("Developers until soon").starts_with("Expires in "), "{}", badge("Developers until soon"));
    assert!(badge("CN=Example Store").ends_with(" left"), "{}", badge("CN=Example Store"));
    // The overview has the one that ends first.
    browser.goto("/ui/manage");
    browser.wait("[...document.querySelectorAll('.section-card .badge')].some(badge => badge.innerText.startsWith('Expires in '))");
}
