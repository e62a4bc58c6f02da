//! The password is in no place where others can see it.

use std::{
    fs::{self, File},
    process::{Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use amps_testkit::run;

use crate::{package, pki, store_sign};

/// What no output may hold. It is the password of no key.
const SECRET: &str = "correct-horse-battery";

/// Only a failing test waits that long.
const PATIENCE: Duration = Duration::from_secs(30);

fn assert_says_nothing(what: &str, bytes: &[u8]) {
    assert!(
        !bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes()),
        "{what} holds the password"
    );
}

#[test]
fn no_output_says_it_wherever_it_comes_from() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    fs::write(&file, format!("{SECRET}\n")).unwrap();
    let file = file.to_str().unwrap();
    for (key, input) in [
        ("store.p12", "qt6/hello-dev1.ampkg"),
        ("store-nokey.p12", "qt6/hello-dev1.ampkg"),
        ("ca.crt", "qt6/hello-dev1.ampkg"),
        ("nowhere.p12", "bad/tampered-file.ampkg"),
    ] {
        for (arguments, variable) in [
            (&["--store-sign-password-file", file][..], None),
            (&["--sp", SECRET], None),
            (&[], Some("AMPS_STORE_SIGN_PASSWORD")),
            (&[], Some("APPSTORE_STORE_SIGN_PKCS12_PASSWORD")),
            (&["--sp", SECRET, "--store-sign-password-file", file], None),
            (&["--sp", SECRET, "--nonsense"], None),
        ] {
            let mut command = store_sign();
            command.arg(package(input)).arg(folder.path().join("out.ampkg")).args(["--sc", &pki(key)]);
            command.args(arguments).envs(variable.map(|name| (name, SECRET)));
            let (code, stdout, stderr) = run(&mut command);
            assert_eq!(code, Some(2), "{key} {stderr}");
            assert!(!stderr.is_empty());
            assert_says_nothing("standard output", stdout.as_bytes());
            assert_says_nothing("standard error", stderr.as_bytes());
        }
    }
}

/// A process that has read its password and its key, and waits for its package.
#[test]
fn the_list_of_processes_does_not_say_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let words = format!(
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=Store -days 2 -keyout {} -out {}",
        path("key"),
        path("crt")
    );
    assert!(Command::new("openssl").args(words.split(' ')).stderr(Stdio::null()).status().unwrap().success());
    let words = format!(
        "pkcs12 -export -inkey {} -in {} -out {} -passout pass:{SECRET}",
        path("key"),
        path("crt"),
        path("p12")
    );
    assert!(Command::new("openssl").args(words.split(' ')).status().unwrap().success());
    fs::write(path("secret"), SECRET).unwrap();
    assert!(Command::new("mkfifo").arg(path("in.ampkg")).status().unwrap().success());

    let mut command = store_sign();
    command.args([path("in.ampkg"), path("out.ampkg")]).args(["--sc", &path("p12")]);
    command.args(["--store-sign-password-file", &path("secret")]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // Opening ends when the other side opens the pipe, too: when it has read everything else.
    let (opened, pipe) = mpsc::channel();
    let name = path("in.ampkg");
    thread::spawn(move || opened.send(File::options().write(true).open(name).unwrap()));
    let pipe = pipe.recv_timeout(PATIENCE).expect("it does not come to its package");
    let process = format!("/proc/{}", child.id());
    let command_line = fs::read(format!("{process}/cmdline")).unwrap();
    assert!(command_line.windows(8).any(|window| window == b"in.ampkg"));
    assert_says_nothing("the command line", &command_line);
    assert_says_nothing("the environment", &fs::read(format!("{process}/environ")).unwrap());
    for task in fs::read_dir(format!("{process}/task")).unwrap() {
        let children = fs::read(task.unwrap().path().join("children")).unwrap();
        assert_eq!(children, b"", "it has started other processes");
    }
    drop(pipe);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        "ERROR: the file is empty: expected a gzip-compressed tar archive\n"
    );
}
