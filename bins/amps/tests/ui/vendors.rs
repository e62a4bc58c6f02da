//! Vendors: made, changed, bound to a certificate, deleted.

use std::fs;

use crate::{browser::json, manage::signed_in, scene::Scene};

#[test]
fn a_vendor_is_made_with_what_it_needs() {
    let scene = Scene::with_users();
    let mut browser = signed_in(&scene, "/ui/manage/vendors");
    browser.expect_error("status of 422");
    browser.wait_for_text("No vendors yet");
    browser.press("New vendor");
    browser.press("Create vendor");
    browser.wait_for_text("Enter a name.");
    browser.wait_for_text("Choose a user.");
    // Whoever cannot see where it is wrong is led there.
    browser.wait("document.activeElement.name === 'name'");
    browser.fill("input[name=name]", "Acme");
    browser.choose("select[name=user]", "joe");
    browser.fill("textarea[name=certificate]", "no certificate");
    browser.press("Create vendor");
    browser.wait("document.activeElement.name === 'certificate'");
    browser.wait("document.querySelector('dialog[open] .error').textContent.length > 10");
    // What was typed is still there.
    browser.wait("document.querySelector('input[name=name]').value === 'Acme'");
    let certificate = fs::read_to_string(amps_testkit::fixture("pki/dev1.crt")).unwrap();
    browser.fill("textarea[name=certificate]", &certificate);
    browser.press("Create vendor");
    browser.wait_for_text("Acme was created");
    browser.wait("!document.querySelector('dialog[open]')");
    browser.wait("document.querySelector('main tbody .badge').title || document.querySelector('main tbody [title*=SHA-256]')");
    assert!(scene.command(&["list-vendors"]).contains("Acme"));
}

#[test]
fn a_vendor_is_changed_and_loses_its_certificate() {
    let scene = Scene::with_users();
    let certificate = amps_testkit::fixture("pki/dev1.crt");
    scene.command(&[
        "create-vendor",
        "--name",
        "Acme",
        "--user",
        "joe",
        "--certificate",
        certificate.to_str().unwrap(),
    ]);
    let browser = signed_in(&scene, "/ui/manage/vendors");
    browser.press("Change Acme");
    browser.fill("input[name=name]", "Acme الشركة");
    browser.choose("select[name=fate]", "remove");
    browser.press("Save");
    browser.wait_for_text("was changed");
    browser.wait_for_text("Any signature");
    // A name that is written from right to left does not turn what stands around it.
    browser.wait("document.querySelector('main tbody th bdi[dir=auto]').textContent === 'Acme الشركة'");
    let offset = "const name = document.querySelector('main tbody th bdi'), range = document.createRange();
        range.selectNodeContents(name);
        return range.getBoundingClientRect().left - name.closest('tr').getBoundingClientRect().left";
    for width in [1280, 390] {
        browser.resize(width, 800);
        let offset = browser.execute(offset, &[]).as_f64().unwrap();
        assert!(offset < 40.0, "the name begins {offset} pixels from the edge at {width}");
    }
    let vendor = "fetch('/api/v1/vendors/' + encodeURIComponent('Acme الشركة')).then(answer => answer.json()).then(vendor => [vendor.user, vendor.certificate])";
    assert_eq!(browser.execute_promise(vendor, &[]), json!(["joe", null]));
}

#[test]
fn a_vendor_is_deleted_only_after_a_question() {
    let scene = Scene::with_users();
    scene.command(&["create-vendor", "--name", "Acme", "--user", "joe"]);
    let browser = signed_in(&scene, "/ui/manage/vendors");
    browser.press("Delete Acme");
    browser.wait_for_text("The vendor will be gone");
    // What is safe has the focus.
    browser.wait("document.activeElement.textContent === 'Cancel'");
    browser.press("Cancel");
    browser.wait("!document.querySelector('dialog[open]')");
    assert!(scene.command(&["list-vendors"]).contains("Acme"));
    browser.press("Delete Acme");
    browser.press("Delete vendor");
    browser.wait_for_text("No vendors yet");
    assert!(!scene.command(&["list-vendors"]).contains("Acme"));
}
