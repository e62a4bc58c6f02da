//! Folders that can become a package and folders that cannot.

use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    path::Path,
};

use ampkg::{DigestForm, Error, Header, PathDefect, Skipped, Tree, TreeError, yaml::Map};
use tempfile::TempDir;

use crate::fixtures::verify;

const FORMAT: &str = "formatVersion: 1\nformatType: am-package\n---\nid: org.example.hello\n";
const APPLICATION: &str = "applications:\n- { id: a, code: main.qml, runtime: qml }\n";

/// A folder with a manifest of these lines, `icon.png` and `main.qml`.
fn folder(lines: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("info.yaml"), format!("{FORMAT}{lines}")).unwrap();
    fs::write(folder.path().join("icon.png"), "icon").unwrap();
    fs::write(folder.path().join("main.qml"), "code").unwrap();
    folder
}

fn hello() -> TempDir {
    folder(APPLICATION)
}

fn names(tree: &Tree) -> Vec<&str> {
    tree.entries.iter().map(|entry| entry.path.as_written()).collect()
}

fn header(tree: &Tree) -> Header {
    tree.header(Map::new(), Map::new())
}

fn written(tree: &Tree) -> Result<Vec<u8>, TreeError> {
    tree.write(Vec::new(), &header(tree), DigestForm::Qt6).map(|(tar, _)| tar)
}

#[track_caller]
fn check(folder: &TempDir, message: &str) {
    let shown = Tree::scan(folder.path(), None).unwrap_err().to_string();
    assert_eq!(shown.replace(&*folder.path().to_string_lossy(), "DIR"), message);
}

#[test]
fn what_devices_need_must_be_there() {
    let intent = "intents:\n- { id: i, icon: intent.png }\n";
    for (lines, remove, message) in [
        (APPLICATION.to_owned(), Some("info.yaml"), "there is no info.yaml in `DIR`"),
        (APPLICATION.to_owned(), Some("icon.png"), "the icon `icon.png` is missing"),
        (APPLICATION.to_owned(), Some("main.qml"), "the code `main.qml` is missing"),
        (format!("{APPLICATION}icon: other.png\n"), None, "the icon `other.png` is missing"),
        (format!("{APPLICATION}icon: ../icon.png\n"), None, "the icon `../icon.png` is missing"),
        (format!("{APPLICATION}{intent}"), None, "the intent icon `intent.png` is missing"),
        (APPLICATION.replace("main.qml", "/bin/sh"), None, "the code `/bin/sh` is missing"),
        ("applications: []\n".to_owned(), None, "the manifest info.yaml is not valid"),
    ] {
        let folder = folder(&lines);
        if let Some(name) = remove {
            fs::remove_file(folder.path().join(name)).unwrap();
        }
        check(&folder, message);
    }
}

#[test]
fn a_directory_is_neither_icon_nor_code() {
    for (name, message) in
        [("icon.png", "the icon `icon.png` is missing"), ("main.qml", "the code `main.qml` is missing")]
    {
        let folder = hello();
        fs::remove_file(folder.path().join(name)).unwrap();
        fs::create_dir(folder.path().join(name)).unwrap();
        check(&folder, message);
    }
}

#[test]
fn code_in_a_resource_is_not_looked_for() {
    let folder = folder(&APPLICATION.replace("main.qml", "':/main.qml'"));
    fs::remove_file(folder.path().join("main.qml")).unwrap();
    assert_eq!(names(&Tree::scan(folder.path(), None).unwrap()), ["info.yaml", "icon.png"]);
}

#[test]
fn files_too_large_for_a_device_are_refused() {
    let folder = hello();
    fs::write(folder.path().join("icon.png"), vec![0; 262_144]).unwrap();
    Tree::scan(folder.path(), None).unwrap();
    fs::write(folder.path().join("icon.png"), vec![0; 262_145]).unwrap();
    check(&folder, "the icon `icon.png` has 262145 bytes: devices take at most 262144");

    let comment = "#".repeat(2 << 20);
    let folder = self::folder(&format!("{APPLICATION}{comment}"));
    let bytes = FORMAT.len() + APPLICATION.len() + comment.len();
    check(&folder, &format!("info.yaml has {bytes} bytes: expected at most 1048576"));
}

#[test]
fn what_is_no_folder_or_not_there_cannot_be_read() {
    let folder = hello();
    for path in [folder.path().join("main.qml"), folder.path().join("nowhere")] {
        match Tree::scan(&path, None) {
            Err(TreeError::Read { path: found, .. }) => assert!(found.starts_with(&path), "{found:?}"),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn the_manifest_comes_first_then_the_icon_then_the_rest_by_name() {
    let folder = folder(&format!("{APPLICATION}icon: b/images/icon.png\n"));
    for name in ["b/images", "a", "b/a"] {
        fs::create_dir_all(folder.path().join(name)).unwrap();
    }
    for name in ["b/images/icon.png", "b/images/a.png", "a/z", "a-b", "B"] {
        fs::write(folder.path().join(name), name).unwrap();
    }
    let tree = Tree::scan(folder.path(), None).unwrap();
    assert_eq!(
        names(&tree),
        [
            "info.yaml",
            "b",
            "b/images",
            "b/images/icon.png",
            "B",
            "a",
            "a-b",
            "a/z",
            "b/a",
            "b/images/a.png",
            "icon.png",
            "main.qml"
        ]
    );
    let package = verify(&amps_testkit::Gzip::new().pack(&written(&tree).unwrap())).unwrap();
    assert_eq!(package.warnings, []);
    assert_eq!(package.icon.as_ref().unwrap().bytes, b"b/images/icon.png");
}

#[test]
fn names_that_no_package_can_have_are_refused() {
    for (name, defect) in [
        ("--PACKAGE-HEADER--", PathDefect::Reserved),
        ("--x", PathDefect::Reserved),
        ("a\u{202e}b", PathDefect::Character('\u{202e}')),
        ("a\nb", PathDefect::Character('\n')),
    ] {
        let folder = hello();
        fs::write(folder.path().join(name), "").unwrap();
        match Tree::scan(folder.path(), None) {
            Err(TreeError::Path { defect: found, .. }) => assert_eq!(found, defect, "{name:?}"),
            other => panic!("{other:?}"),
        }
    }
    let folder = hello();
    fs::create_dir(folder.path().join("d")).unwrap();
    fs::write(folder.path().join("d/--x"), "").unwrap();
    Tree::scan(folder.path(), None).unwrap();
}

#[test]
fn names_are_packed_in_normal_form_and_found_in_any() {
    let nfd = "u\u{308}";
    let nfc = "\u{fc}";
    for name in [nfd, nfc] {
        let lines = format!(
            "icon: {name}.png\napplications:\n- {{ id: a, code: {name}/{name}.qml, runtime: qml }}\n"
        );
        let folder = folder(&lines);
        fs::create_dir(folder.path().join(nfd)).unwrap();
        fs::write(folder.path().join(format!("{nfd}/{nfd}.qml")), "code").unwrap();
        fs::write(folder.path().join(format!("{nfd}.png")), "icon").unwrap();
        let tree = Tree::scan(folder.path(), None).unwrap();
        assert_eq!(
            names(&tree),
            ["info.yaml", "\u{fc}.png", "icon.png", "main.qml", "\u{fc}", "\u{fc}/\u{fc}.qml"]
        );
        let package = verify(&amps_testkit::Gzip::new().pack(&written(&tree).unwrap())).unwrap();
        assert_eq!(package.icon.as_ref().unwrap().bytes, b"icon");
    }
}

#[test]
fn two_names_of_one_normal_form_are_refused() {
    let folder = hello();
    fs::write(folder.path().join("u\u{308}"), "").unwrap();
    fs::write(folder.path().join("\u{fc}"), "").unwrap();
    let scanned = Tree::scan(folder.path(), None);
    assert!(matches!(&scanned, Err(TreeError::Path { defect: PathDefect::Duplicate, .. })), "{scanned:?}");
}

#[test]
fn the_package_in_its_own_folder_is_left_out() {
    let folder = hello();
    fs::create_dir(folder.path().join("out")).unwrap();
    for name in ["hello.ampkg", "out/hello.ampkg"] {
        let package = folder.path().join(name);
        fs::write(&package, "an older package").unwrap();
        let tree = Tree::scan(folder.path(), Some(&package)).unwrap();
        assert!(!names(&tree).contains(&name));
        // However it is spelled.
        let other = folder.path().join("out/..").join(name);
        assert!(!names(&Tree::scan(folder.path(), Some(&other)).unwrap()).contains(&name));
        assert!(
            names(&Tree::scan(&folder.path().join("out/.."), Some(&package)).unwrap()).len()
                == tree.entries.len()
        );
        fs::remove_file(package).unwrap();
    }
    // One of the same name elsewhere is not.
    let elsewhere = hello();
    fs::write(folder.path().join("main.qml"), "code").unwrap();
    assert!(
        names(&Tree::scan(folder.path(), Some(&elsewhere.path().join("main.qml"))).unwrap())
            .contains(&"main.qml")
    );
}

#[test]
fn a_file_that_is_gone_when_it_is_packed_is_named() {
    let folder = hello();
    let tree = Tree::scan(folder.path(), None).unwrap();
    fs::remove_file(folder.path().join("main.qml")).unwrap();
    match written(&tree) {
        Err(TreeError::Read { path, source }) => {
            assert_eq!((path, source.kind()), (folder.path().join("main.qml"), std::io::ErrorKind::NotFound));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_file_that_changes_its_size_is_named() {
    let grow = |path: &Path| OpenOptions::new().append(true).open(path).unwrap().write_all(b"more").unwrap();
    let shrink = |path: &Path| fs::write(path, "c").unwrap();
    for (change, found) in [(&grow as &dyn Fn(&Path), 8), (&shrink, 1)] {
        let folder = hello();
        let tree = Tree::scan(folder.path(), None).unwrap();
        change(&folder.path().join("main.qml"));
        match written(&tree) {
            Err(TreeError::Package(Error::Changed { path, expected: 4, found: now })) => {
                assert_eq!((path.as_str(), now), ("main.qml", found));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn names_too_long_for_a_header_are_refused_before_anything_is_written() {
    let folder = hello();
    let part = "n".repeat(99);
    fs::create_dir_all(folder.path().join(&part)).unwrap();
    fs::write(folder.path().join(&part).join("f".repeat(100)), "").unwrap();
    let tree = Tree::scan(folder.path(), None).unwrap();
    verify(&amps_testkit::Gzip::new().pack(&written(&tree).unwrap())).unwrap();
    for name in ["f".repeat(101), format!("{part}/{}", "f".repeat(101))] {
        fs::write(folder.path().join(&name), "").unwrap();
        match Tree::scan(folder.path(), None) {
            Err(TreeError::Package(Error::NameTooLong { path })) => assert_eq!(path, name),
            other => panic!("{other:?}"),
        }
        fs::remove_file(folder.path().join(&name)).unwrap();
    }
}

#[cfg(unix)]
mod unix {
    use std::{
        ffi::OsStr,
        os::unix::{ffi::OsStrExt as _, fs::PermissionsExt, fs::symlink},
    };

    use super::*;

    #[test]
    fn links_are_skipped_and_reported() {
        let folder = hello();
        let elsewhere = TempDir::new().unwrap();
        fs::write(elsewhere.path().join("secret"), "secret").unwrap();
        symlink(elsewhere.path(), folder.path().join("z-folder")).unwrap();
        symlink("nowhere", folder.path().join("a-dangling")).unwrap();
        symlink("main.qml", folder.path().join("m-file")).unwrap();
        let tree = Tree::scan(folder.path(), None).unwrap();
        assert_eq!(names(&tree), ["info.yaml", "icon.png", "main.qml"]);
        let skipped = ["a-dangling", "m-file", "z-folder"];
        let skipped = skipped.map(|name| Skipped { path: folder.path().join(name), kind: "symbolic link" });
        assert_eq!(tree.skipped, skipped);
    }

    #[test]
    fn a_link_to_the_package_is_a_link() {
        let folder = hello();
        let package = folder.path().join("hello.ampkg");
        fs::write(&package, "an older package").unwrap();
        symlink("hello.ampkg", folder.path().join("link")).unwrap();
        let tree = Tree::scan(folder.path(), Some(&package)).unwrap();
        assert_eq!(tree.skipped, [Skipped { path: folder.path().join("link"), kind: "symbolic link" }]);
    }

    #[test]
    fn a_linked_icon_is_a_missing_one() {
        let folder = hello();
        fs::rename(folder.path().join("icon.png"), folder.path().join("real.png")).unwrap();
        symlink("real.png", folder.path().join("icon.png")).unwrap();
        check(&folder, "the icon `icon.png` is missing");
    }

    #[test]
    fn special_files_are_skipped() {
        let folder = hello();
        let socket = folder.path().join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        let tree = Tree::scan(folder.path(), None).unwrap();
        assert_eq!(tree.skipped, [Skipped { path: socket, kind: "special file" }]);
    }

    #[test]
    fn names_that_are_not_utf8_are_refused() {
        let folder = hello();
        fs::write(folder.path().join(OsStr::from_bytes(b"\xff")), "").unwrap();
        let scanned = Tree::scan(folder.path(), None);
        assert!(matches!(&scanned, Err(TreeError::Path { defect: PathDefect::NotUtf8, .. })), "{scanned:?}");
    }

    #[test]
    fn the_owners_x_bit_is_packed() {
        let folder = hello();
        for (mode, executable) in [(0o700, true), (0o100, true), (0o677, false)] {
            fs::set_permissions(folder.path().join("main.qml"), PermissionsExt::from_mode(mode)).unwrap();
            let tree = Tree::scan(folder.path(), None).unwrap();
            assert_eq!(tree.entries.last().unwrap().executable, executable, "{mode:o}");
        }
    }

    #[test]
    fn what_may_not_be_read_is_named() {
        let folder = hello();
        let path = folder.path().join("main.qml");
        fs::set_permissions(&path, PermissionsExt::from_mode(0o000)).unwrap();
        if fs::File::open(&path).is_ok() {
            return; // root may read everything; `a_file_that_is_gone_when_it_is_packed_is_named` goes the same way
        }
        let tree = Tree::scan(folder.path(), None).unwrap();
        assert!(matches!(written(&tree), Err(TreeError::Read { path: found, .. }) if found == path));
    }
}
