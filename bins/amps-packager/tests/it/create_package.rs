//! `create-package`.

use std::{fs, path::Path, process::Command};

use crate::process::{fixture, packager, run};

const DIGEST: &str = "e1493ab918aa5c3de4fc5ba8aa86dce40835879ad700e8811b51733a634018f8";

/// A folder that can be packed.
fn folder(path: &Path) {
    fs::create_dir(path).unwrap();
    for name in ["info.yaml", "icon.png", "main.qml"] {
        fs::copy(fixture("hello").join(name), path.join(name)).unwrap();
    }
}

#[test]
fn makes_the_package_that_the_reference_made_of_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let package = folder.path().join("hello.ampkg");
    let arguments = ["create-package", package.to_str().unwrap()];
    let (code, stdout, stderr) = run(packager().args(arguments).arg(fixture("hello")).arg("--verbose"));
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert_eq!(
        stdout,
        format!(
            "%YAML 1.1\n---\nformatType: 'am-package-header'\nformatVersion: 2\n---\ndiskSpaceUsed: 577536\npackageId: 'org.example.hello'\n\
             %YAML 1.1\n---\nformatType: 'am-package-footer'\nformatVersion: 2\n---\ndigest: '{DIGEST}'\n"
        )
    );
    let first = fs::read(&package).unwrap();
    assert_eq!(
        run(packager().args(arguments).arg(fixture("hello"))),
        (Some(0), String::new(), String::new())
    );
    assert!(first == fs::read(&package).unwrap(), "the second run made other bytes");
    for (program, arguments) in [("gzip", "-t"), ("tar", "tzf")] {
        assert!(
            Command::new(program).arg(arguments).arg(&package).output().unwrap().status.success(),
            "{program}"
        );
    }
}

#[test]
fn files_come_before_snippets_and_all_are_merged() {
    let folder = tempfile::tempdir().unwrap();
    let package = folder.path().join("hello.ampkg");
    let file = folder.path().join("extra.yaml");
    fs::write(&file, "a: 1\nlist: [x]\nmap: { k: v, deep: { one: 1 } }\n").unwrap();
    let (code, stdout, stderr) = run(packager()
        .args(["create-package", "--verbose", "--json"])
        .args(["-m", "a: 2", "--extra-metadata", "list: [z]", "-m", "map: { deep: { two: 2 } }", "-M"])
        .arg(&file)
        .args(["-s", "tags: ['qt:6']", "--extra-signed-metadata-file"])
        .arg(&file)
        .arg(&package)
        .arg(fixture("hello")));
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    let json: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(
        json["header"]["extra"],
        serde_json::json!({ "a": 2, "list": ["x", "z"], "map": { "k": "v", "deep": { "one": 1, "two": 2 } } })
    );
    assert_eq!(json["header"]["extraSigned"]["tags"], serde_json::json!(["qt:6"]));
    assert_eq!(json["footer"]["digest"].as_str().unwrap().len(), 64);
}

#[test]
fn the_digest_has_the_form_that_was_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let package = folder.path().join("hello.ampkg");
    for (form, fits) in [("qt6", "right on Qt 6 devices only"), ("qt5", "right on Qt 5 devices only")] {
        let mut create = packager();
        create
            .args(["create-package", "--digest-form", form, "-s", "{ a: 1, b: 2 }"])
            .arg(&package)
            .arg(fixture("hello"));
        assert_eq!(run(&mut create).0, Some(0));
        let (code, stdout, _) = run(packager().arg("inspect").arg(&package));
        assert!(code == Some(0) && stdout.contains(fits), "{stdout}");
    }
}

#[test]
fn what_is_wrong_is_said_and_the_old_package_stays() {
    let root = tempfile::tempdir().unwrap();
    let package = root.path().join("p.ampkg");
    fs::write(&package, "old").unwrap();
    let broken = |name: &str, change: &dyn Fn(&Path)| {
        let path = root.path().join(name);
        folder(&path);
        change(&path);
        path
    };
    let cases = [
        (broken("a", &|path| fs::remove_file(path.join("info.yaml")).unwrap()), "there is no info.yaml in `"),
        (
            broken("b", &|path| fs::remove_file(path.join("icon.png")).unwrap()),
            "the icon `icon.png` is missing",
        ),
        (
            broken("c", &|path| fs::remove_file(path.join("main.qml")).unwrap()),
            "the code `main.qml` is missing",
        ),
        (
            broken("d", &|path| fs::write(path.join("--PACKAGE-X"), "").unwrap()),
            "names beginning with `--` are reserved",
        ),
        (
            broken("e", &|path| fs::write(path.join("info.yaml"), "x: 1").unwrap()),
            "the manifest info.yaml is not valid: ",
        ),
        (root.path().join("nowhere"), "cannot read `"),
    ];
    for (folder, message) in cases {
        let (code, stdout, stderr) = run(packager().arg("create-package").arg(&package).arg(&folder));
        assert_eq!((code, stdout.as_str()), (Some(1), ""), "{}", folder.display());
        assert!(
            stderr.starts_with("ERROR: ") && stderr.contains(message) && stderr.lines().count() == 1,
            "{stderr}"
        );
        assert_eq!(fs::read(&package).unwrap(), b"old");
    }
    let (code, _, stderr) = run(packager().arg("create-package").arg(root.path()).arg(fixture("hello")));
    assert!(code == Some(1) && stderr.contains("is a directory"), "{stderr}");
    let names: Vec<_> = fs::read_dir(root.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 6, "nothing temporary stays: {names:?}");
}

#[test]
fn metadata_that_is_no_map_or_would_be_cut_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let package = folder.path().join("p.ampkg");
    for (snippet, message) in [
        ("- 1", "the snippet `- 1` is not a map"),
        ("a: -5000000000", "the integer `-5000000000` does not fit"),
        ("a: &x 1", "anchors and aliases are not supported"),
        ("yes: 1", "the mapping key `yes` is not a string"),
    ] {
        let (code, _, stderr) =
            run(packager().args(["create-package", "-s", snippet]).arg(&package).arg(fixture("hello")));
        assert!(code == Some(1) && stderr.contains(message), "{stderr}");
        assert!(!package.exists());
    }
}

#[cfg(unix)]
#[test]
fn links_are_left_out_with_a_warning() {
    let root = tempfile::tempdir().unwrap();
    let source = root.path().join("source");
    folder(&source);
    std::os::unix::fs::symlink("main.qml", source.join("link.qml")).unwrap();
    let package = source.join("inside.ampkg");
    for _ in 0..2 {
        let (code, stdout, stderr) = run(packager().arg("create-package").arg(&package).arg(&source));
        assert_eq!((code, stdout.as_str()), (Some(0), ""));
        let link = source.join("link.qml");
        assert_eq!(
            stderr,
            format!("WARNING: not packed, because it is a symbolic link: {}\n", link.display())
        );
    }
    let list = Command::new("tar").arg("tzf").arg(&package).output().unwrap();
    let list = String::from_utf8(list.stdout).unwrap();
    assert_eq!(list, "--PACKAGE-HEADER--\ninfo.yaml\nicon.png\nmain.qml\n--PACKAGE-FOOTER--\n");
}

#[test]
fn bad_options_end_with_1_and_help_with_0() {
    for (arguments, code) in [
        (&["create-package"][..], 1),
        (&["create-package", "--digest-form", "qt7", "a", "b"], 1),
        (&["nonsense"], 1),
        (&[], 1),
        (&["--help"], 0),
        (&["create-package", "--help"], 0),
        (&["--version"], 0),
    ] {
        assert_eq!(run(packager().args(arguments)).0, Some(code), "{arguments:?}");
    }
}
