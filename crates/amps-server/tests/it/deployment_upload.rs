//! `upload`: who may, and what is said first.

use amps_testkit::PackageBuilder;
use base64::{Engine as _, prelude::BASE64_STANDARD};

use crate::{
    client::{Answer, request},
    deployment_scene::{Form, MULTIPART, Scene, basic},
};

fn form(leave_out: &[&str]) -> Form {
    let texts =
        [("description", "D"), ("short-description", "S"), ("category", "tools"), ("vendor", "Example")];
    texts
        .iter()
        .filter(|(name, _)| !leave_out.contains(name))
        .fold(Form::default(), |form, (name, text)| form.text(name, text))
}

#[track_caller]
fn status(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    answer.json()["status"].as_str().unwrap().to_owned()
}

#[test]
fn only_staff_may() {
    let scene = Scene::start();
    let package = PackageBuilder::hello().build();
    let form = form(&[]).file("package", &package).end();
    let before = scene.server.files();
    let wrong = format!("Authorization: Basic {}\r\n", BASE64_STANDARD.encode("ada:wrong"));
    for (head, expected) in [
        (String::new(), 401),
        (wrong, 401),
        ("Authorization: Bearer x\r\n".into(), 401),
        ("Authorization: Basic !\r\n".into(), 401),
        (basic("eve"), 401),
        (basic("bob"), 403),
    ] {
        let answer = scene.send(&form, &head);
        assert_eq!(answer.status, expected, "{head}");
        let challenge = (expected == 401).then_some("Basic realm=\"amps\", charset=\"UTF-8\", Bearer");
        assert_eq!(answer.header("www-authenticate"), challenge);
    }
    assert_eq!(scene.logged_in("bob").send("POST", "/upload", MULTIPART, &form).status, 403);
    assert!(scene.server.files() == before);
    assert_eq!(status(&scene.logged_in("ada").send("POST", "/upload", MULTIPART, &form)), "ok");
    assert_eq!(scene.device().get("/upload").status, 401);
}

#[test]
fn the_first_thing_that_is_missing_is_said() {
    let scene = Scene::start();
    let package = PackageBuilder::hello().build();
    let names = ["description", "short-description", "category", "vendor"];
    for (count, word) in
        ["no vendor", "no category", "no short description", "no description"].iter().enumerate()
    {
        let missing = &names[3 - count..];
        let answer = scene.send(&form(missing).file("package", b"not a package").end(), &basic("ada"));
        assert_eq!(&status(&answer), word);
        let answer = scene.send(&form(missing).file("package", &package).end(), &basic("ada"));
        assert_eq!(&status(&answer), word);
    }
    assert_eq!(status(&scene.send(&form(&[]).end(), &basic("ada"))), "no package to upload");
    let texts = "description=&short-description=&category=x&vendor=x";
    let form_head = format!("Content-Type: application/x-www-form-urlencoded\r\n{}", basic("ada"));
    let answer = request(scene.address, "POST", "/upload", &form_head, texts.as_bytes());
    assert_eq!(status(&answer), "no package to upload");
    let answer = request(scene.address, "GET", &format!("/upload?{texts}"), &basic("ada"), b"");
    assert_eq!(status(&answer), "no package to upload");
    let answer = request(scene.address, "GET", "/upload?description=x", &basic("ada"), b"");
    assert_eq!(status(&answer), "no short description");
    for (texts, package, word) in [
        (&[("category", "none"), ("vendor", "none")][..], &b"x"[..], "Non-existing category"),
        (&[("category", "Tools")], &package, "Non-existing category"),
        (&[("category", "a\nb")], &package, "Non-existing category"),
        (&[("vendor", "none")], b"x", "Non-existing vendor"),
        (&[], b"x", "Package validation failed"),
        (&[("description", ""), ("short-description", "")], &package, "ok"),
    ] {
        assert_eq!(scene.upload_form(texts, package)["status"], word, "{texts:?}");
    }
}

#[test]
fn fields_may_stand_behind_the_package() {
    let scene = Scene::start();
    let package = PackageBuilder::hello().build();
    let first = |package: &[u8]| Form::default().file("package", package);
    let behind =
        |form: Form| form.text("vendor", "Example").text("category", "tools").text("short-description", "S");
    let answer = scene.send(&behind(first(&package)).end(), &basic("ada"));
    assert_eq!(status(&answer), "no description");
    assert!(scene.greeted("").list("", "id").is_empty());
    let answer = scene.send(&behind(first(&package)).text("description", "D").end(), &basic("ada"));
    assert_eq!(status(&answer), "ok");
    assert_eq!(scene.greeted("").list("", "vendor"), ["Example"]);
    // Also if the package is refused long before its end.
    let mut broken = package.clone();
    broken.resize(3_000_000, b'x');
    let answer = scene.send(&behind(first(&broken)).end(), &basic("ada"));
    assert_eq!(status(&answer), "no description");
    let answer = scene.send(&behind(first(&broken)).text("description", "D").end(), &basic("ada"));
    assert_eq!(status(&answer), "Package validation failed");
}

#[test]
fn the_same_release_is_replaced_and_others_stand_beside_it() {
    let scene = Scene::start();
    let package = |version: &str, name: &str| PackageBuilder::hello().version(version).name(name).build();
    for (version, name) in [("1.0", "A"), ("1.0", "B"), ("0.9", "C")] {
        scene.add(&package(version, name));
    }
    assert_eq!(scene.greeted("").list("", "name"), ["B"], "the newest version, not the last upload");
    scene.add(&package("1.10", "D"));
    scene.add(&package("1.9", "E"));
    assert_eq!(scene.greeted("").list("", "name"), ["D"]);
}

#[test]
fn a_page_of_another_origin_cannot_upload() {
    let scene = Scene::start();
    let form = form(&[]).file("package", &PackageBuilder::hello().build()).end();
    let mut device = scene.logged_in("ada");
    for origin in ["http://evil.example", "null", "http://test.evil.example"] {
        let head = format!("{MULTIPART}Origin: {origin}\r\n");
        let answer = device.send("POST", "/upload", &head, &form);
        assert_eq!(
            (answer.status, answer.json()["error"].as_str()),
            (403, Some("foreign-origin")),
            "{origin}"
        );
    }
    let own = device.send("POST", "/upload", &format!("{MULTIPART}Origin: http://test\r\n"), &form);
    assert_eq!(status(&own), "ok");
}

#[test]
fn the_console_and_the_catalog_name_who_uploaded() {
    let scene = Scene::start();
    scene.add(&PackageBuilder::hello().build());
    scene.upload(b"not a package");
    let console = scene.server.console();
    assert!(console.contains(" + adding   org.example.hello [all]\n"), "{console}");
    assert!(console.contains(" x failed   upload from 127.0.0.1 (not a gzip-compressed file"), "{console}");
}
