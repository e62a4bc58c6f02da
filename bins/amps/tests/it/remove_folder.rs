//! The folder `remove`.

use std::{
    fs::{self, File},
    os::unix::fs::symlink,
};

use crate::{
    process::fixture,
    scene::{names, package, wait_until},
    watched::{Watched, with_folder},
};

#[test]
fn names_say_what_goes() {
    let (data, remove) = with_folder("remove");
    let server = Watched::start(data.path());
    let native = ["qt6/native-all.ampkg", "qt6/native-arm64.ampkg", "qt6/native-x86-64.ampkg"];
    for file in native.map(fixture).into_iter().chain(["a", "b"].map(|id| package(data.path(), id, "1", 10)))
    {
        server.curl(&["--upload-file", file.to_str().unwrap()], "/package/upload");
    }
    let packages = data.path().join(".packages");
    assert_eq!(names(&packages).len(), 5);
    let before = server.text().len();
    for (name, lines, left) in [
        ("org.example.native_linux_arm_64.ampkg", " - removing org.example.native [linux_arm_64]\n", 4),
        (
            "org.example.native",
            " - removing org.example.native [all]\n - removing org.example.native [linux_x86_64]\n",
            2,
        ),
        ("a.ampkg", " - removing a [all]\n", 1),
        ("c.ampkg", " = skipping c (no match)\n", 1),
        ("b_all", " - removing b [all]\n", 0),
    ] {
        File::create(remove.join(name)).unwrap();
        server.wait_for(&format!("> Scanning remove\n{lines}"));
        wait_until("the file goes away", || names(&remove).is_empty());
        assert_eq!(names(&packages).len(), left, "{name}");
    }
    assert_eq!(server.text()[before..].matches("> Scanning remove\n").count(), 5);
    assert_eq!(server.curl(&[], "/package/list"), "[]");
}

#[test]
fn what_is_there_at_the_start_goes_before_anything_comes() {
    let (data, remove) = with_folder("remove");
    fs::create_dir(data.path().join("upload")).unwrap();
    fs::copy(fixture("qt6/hello.ampkg"), data.path().join("upload/hello.ampkg")).unwrap();
    File::create(remove.join("org.example.hello")).unwrap();
    let server = Watched::start(data.path());
    server.wait_for(" + adding   org.example.hello [all]\n");
    let expected = "> Scanning remove\n = skipping org.example.hello (no match)\n\
        > Scanning upload\n + adding   org.example.hello [all]\n";
    assert_eq!(server.news(), expected);
}

#[test]
fn only_files_count() {
    let (data, remove) = with_folder("remove");
    let server = Watched::start(data.path());
    let file = fixture("qt6/hello.ampkg");
    server.curl(&["--upload-file", file.to_str().unwrap()], "/package/upload");
    fs::create_dir(remove.join("org.example.hello")).unwrap();
    symlink(&file, remove.join("org.example.hello_all")).unwrap();
    File::create(remove.join(".org.example.hello")).unwrap();
    server.wait_for(" x failed   org.example.hello (it is a folder: expected a file)\n");
    server.wait_for(" x failed   org.example.hello_all (it is a symbolic link: expected a file)\n");
    File::create(remove.join("\u{1b}\n")).unwrap();
    server.wait_for(" = skipping \\u{1b}\\n (no match)\n");
    assert_eq!(server.text().matches("expected a file").count(), 2, "{}", server.text());
    assert_eq!(names(&data.path().join(".packages")), ["org.example.hello_all.ampkg"]);
    assert_eq!(names(&remove), [".org.example.hello", "org.example.hello", "org.example.hello_all"]);
}
