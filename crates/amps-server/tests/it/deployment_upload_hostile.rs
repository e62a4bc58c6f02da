//! Forms that want to cost more than they may.

use std::{
    io::{BufReader, Read as _, Write as _},
    net::Shutdown,
};

use amps_testkit::PackageBuilder;

use crate::{
    client::{Answer, answer, connect},
    deployment_scene::{Form, MULTIPART, Scene, basic},
};

fn usual() -> Form {
    let texts =
        [("description", "D"), ("short-description", "S"), ("category", "tools"), ("vendor", "Example")];
    texts.iter().fold(Form::default(), |form, (name, text)| form.text(name, text))
}

/// Sends a form in pieces of this size, with or without saying how long it is.
fn send_in_pieces(scene: &Scene, form: &[u8], piece_bytes: usize) -> Answer {
    let mut stream = connect(scene.address);
    let head = format!("POST /upload HTTP/1.1\r\nHost: test\r\n{MULTIPART}{}", basic("ada"));
    write!(stream, "{head}Transfer-Encoding: chunked\r\n\r\n").unwrap();
    for piece in form.chunks(piece_bytes) {
        let chunk = [format!("{:x}\r\n", piece.len()).as_bytes(), piece, b"\r\n"].concat();
        if stream.write_all(&chunk).is_err() {
            break;
        }
    }
    let _ = stream.write_all(b"0\r\n\r\n");
    answer(&mut BufReader::new(stream), true)
}

#[test]
fn a_form_may_come_in_any_pieces() {
    let scene = Scene::start();
    // A boundary that begins and does not end, and line ends at every place.
    let data = b"\r\n--a-bound\r\n\r\r\n--a-boundar\r\n\r\n".repeat(40);
    let form = usual().file("package", &PackageBuilder::hello().file("data", data).build()).end();
    for piece_bytes in [1, 2, 7, 1000, 1 << 20] {
        let answer = send_in_pieces(&scene, &form, piece_bytes);
        assert_eq!(answer.json()["status"], "ok", "{piece_bytes}");
    }
}

#[test]
fn fields_have_a_limit_that_is_inclusive() {
    let scene = Scene::start();
    let package = PackageBuilder::hello().build();
    let before = scene.server.files();
    for (name, most) in
        [("description", 256 * 1024), ("short-description", 4096), ("category", 4096), ("other", 4096)]
    {
        let with = |bytes: usize| {
            let form = Form::default().text(name, &"x".repeat(bytes));
            let form = ["description", "short-description", "category", "vendor"]
                .iter()
                .filter(|other| **other != name)
                .fold(form, |form, other| form.text(other, "x"));
            scene.send(&form.file("package", &package).end(), &basic("ada"))
        };
        assert_eq!(with(most).json()["status"], "Non-existing category", "{name}");
        let answer = with(most + 1);
        assert_eq!((answer.status, answer.json()["error"].as_str()), (413, Some("form-too-large")), "{name}");
    }
    assert!(scene.server.files() == before);
}

#[test]
fn what_is_no_part_is_not_held() {
    let scene = Scene::start();
    let noise = vec![b'x'; 4_000_000];
    let header = Form::default().part(&format!("X: {}\r\n", "y".repeat(4_000_000)), b"").end();
    let many = (0..40).fold(Form::default(), |form, _| form.text("a", "b")).end();
    for (form, status) in
        [(&noise, 400), (&header, 400), (&many, 413), (&Vec::new(), 400), (&b"--a-boundary".to_vec(), 400)]
    {
        assert_eq!(scene.send(form, &basic("ada")).status, status);
    }
    assert_eq!(scene.upload(&PackageBuilder::hello().build())["status"], "ok", "it goes on");
}

#[test]
fn a_form_that_is_cut_off_leaves_nothing() {
    let scene = Scene::start();
    let package = PackageBuilder::hello().build();
    let before = scene.server.files();
    let whole = usual().file("package", &package).unfinished();
    // In the package, between its bytes and the boundary, and with the boundary that ends it missing.
    for length in [whole.len() / 2, whole.len() - 10, whole.len() - 2, whole.len()] {
        let mut stream = connect(scene.address);
        let head = format!("POST /upload HTTP/1.1\r\nHost: test\r\n{MULTIPART}{}", basic("ada"));
        write!(stream, "{head}Connection: close\r\nContent-Length: {length}\r\n\r\n").unwrap();
        stream.write_all(&whole[..length]).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        // The server may close without a word.
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let is_refused = answer.is_empty()
            || answer.starts_with("HTTP/1.1 400 ")
            || answer.contains("Package validation failed");
        assert!(is_refused, "{length}: {answer}");
        assert!(scene.server.files() == before, "{length}");
    }
    assert!(scene.greeted("").list("", "id").is_empty());
}

#[test]
fn of_several_packages_the_first_counts() {
    let scene = Scene::start();
    let form = usual().file("package", &PackageBuilder::hello().build()).file("package", b"x").end();
    assert_eq!(scene.send(&form, &basic("ada")).json()["status"], "ok");
}
