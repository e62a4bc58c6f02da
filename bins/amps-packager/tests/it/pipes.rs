//! Output that nobody reads, and input that has no end.

use std::{
    fs::File,
    process::{Command, Stdio},
};

use crate::process::{fixture, packager};

/// A pipe whose reader has gone away.
fn closed_pipe() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

#[test]
fn a_reader_that_went_away_is_no_error_for_any_command() {
    let folder = tempfile::tempdir().unwrap();
    let package = folder.path().join("p.ampkg");
    let (package, source) = (package.to_str().unwrap(), fixture("hello"));
    let source = source.to_str().unwrap();
    let manifest = [source, "/info.yaml"].concat();
    for arguments in [
        &["create-package", "--verbose", package, source][..],
        &["create-package", "--verbose", "--json", package, source],
        &["inspect", package],
        &["inspect", "--json", package],
        &["yaml-to-json", &manifest],
    ] {
        let output =
            packager().args(arguments).stdout(closed_pipe()).stderr(Stdio::piped()).output().unwrap();
        assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]), "{arguments:?}");
    }
    assert!(Command::new("gzip").args(["-t", package]).status().unwrap().success());
}

#[test]
fn a_full_disk_is_an_error() {
    let arguments = ["inspect", "--json"];
    let full = File::options().write(true).open("/dev/full").unwrap();
    let mut command = packager();
    command.args(arguments).arg(fixture("packages/qt6/hello.ampkg")).stdout(full).stderr(Stdio::piped());
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.starts_with("ERROR: ") && error.contains("No space left"), "{error}");
}

#[test]
fn a_warning_that_nobody_reads_does_not_spoil_the_package() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("source");
    std::fs::create_dir(&folder).unwrap();
    for name in ["info.yaml", "icon.png", "main.qml"] {
        std::fs::copy(fixture("hello").join(name), folder.join(name)).unwrap();
    }
    std::os::unix::fs::symlink("main.qml", folder.join("link")).unwrap();
    let package = root.path().join("p.ampkg");
    let status =
        packager().arg("create-package").arg(&package).arg(&folder).stderr(closed_pipe()).status().unwrap();
    assert_eq!(status.code(), Some(0));
    assert!(package.exists());
}

#[test]
fn an_endless_text_is_refused() {
    for arguments in [&["yaml-to-json", "/dev/zero"][..], &["create-package", "-M", "/dev/zero", "x", "y"]] {
        let output = packager().args(arguments).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(
            (output.status.code(), error.as_str()),
            (Some(1), "ERROR: `/dev/zero` has more than 16777216 bytes\n"),
            "{arguments:?}"
        );
    }
    let output = packager().args(["inspect", "/dev/zero"]).output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(error.starts_with("ERROR: not a gzip-compressed file"), "{error}");
}
