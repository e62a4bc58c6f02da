//! Started under the name `appman-package-server`.

use std::{fs, os::unix::fs::symlink, path::Path, process::Command};

use crate::{
    process::{amps, fixture, run},
    scene::wait_until,
    watched::Watched,
};

/// The program under that name, in a folder.
fn server(folder: &Path) -> Command {
    let program = folder.join("appman-package-server");
    symlink(amps().get_program(), &program).unwrap();
    plain(&program)
}

fn plain(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.env("NO_COLOR", "1").env_remove("AM_FORCE_COLOR_OUTPUT");
    command
}

#[test]
fn prints_the_lines_of_the_reference_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().canonicalize().unwrap().join("data");
    let pki = |name: &str| fixture("../pki").join(name);
    let watched = Watched::with(
        server(folder.path())
            .arg("--dd")
            .arg(&data)
            .args(["--la", "localhost:0", "--pi", "CAR", "--cc", "--sp", "password", "--sc"])
            .arg(pki("store.p12"))
            // An expired one, of which amps warns under its own name.
            .arg("--dc")
            .arg(pki("dev-expired.crt"))
            .arg("--dc")
            .arg(pki("chain.crt")),
    );
    let upload =
        |name: &str| watched.curl(&["--upload-file", fixture(name).to_str().unwrap()], "/package/upload");
    upload("qt6/hello-dev1.ampkg");
    upload("qt6/hello-dev1.ampkg");
    watched.curl(&["--request", "POST"], "/package/remove?id=org.example.hello");
    fs::copy(fixture("qt6/hello-dev1.ampkg"), data.join("upload/a.ampkg")).unwrap();
    wait_until("it is taken in", || fs::read_dir(data.join("upload")).unwrap().next().is_none());
    fs::copy(fixture("qt6/hello.ampkg"), data.join("upload/b.ampkg")).unwrap();
    watched.wait_for(" x failed ");
    fs::write(data.join("remove/org.example.hello_all.ampkg"), "").unwrap();
    watched.wait_for(" - removing org.example.hello [all]\n> Scanning upload\n");
    watched.wait_for("> Scanning remove\n");
    fs::write(data.join("remove/nothing.ampkg"), "").unwrap();
    watched.wait_for("(no match)");
    let text = watched.text();
    let address = text.split_once("listening on: ").unwrap().1.split_once('\n').unwrap().0.to_owned();
    let expected = format!(
        "Qt ApplicationManager Package Server\n> Data directory: {}\n> Project: CAR\n\
         > Verify developer signature on upload: yes\n> Add store signature on download: yes\n\
         > Scanning .packages\n (none found)\n> HTTP server listening on: {address}\n\
         > Upload via HTTP:\n + adding   org.example.hello [all]\n\
         > Upload via HTTP:\n = skipping org.example.hello [all] (no changes)\n\
         > Remove via HTTP:\n - removing org.example.hello [all]\n\
         > Scanning upload\n + adding   org.example.hello [all]\n\
         > Scanning upload\n x failed   b.ampkg (no developer signature)\n\
         > Scanning remove\n - removing org.example.hello [all]\n\
         > Scanning remove\n = skipping nothing (no match)\n",
        data.display()
    );
    assert_eq!(text, expected);
    assert_eq!(watched.end(), (Some(0), String::new()));
}

#[test]
fn a_copy_does_what_a_link_does() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["appman-package-server", "appman-package-server.exe"] {
        let program = folder.path().join(name);
        fs::copy(amps().get_program(), &program).unwrap();
        let (code, stdout, stderr) = run(plain(&program).arg("--version"));
        let expected = format!("appman-package-server (amps {})\n", env!("CARGO_PKG_VERSION"));
        assert_eq!((code, stdout, stderr), (Some(0), expected.clone(), String::new()));
        assert_eq!(run(plain(&program).arg("-v")).1, expected);
    }
}

#[test]
fn says_how_it_is_used_under_its_own_name() {
    let folder = tempfile::tempdir().unwrap();
    let (code, stdout, stderr) = run(server(folder.path()).current_dir(folder.path()));
    assert_eq!(code, Some(1));
    assert!(stdout.contains("Usage: appman-package-server [OPTIONS]"), "{stdout}");
    assert!(stderr.contains("appman-package-server --dd DIR"), "{stderr}");
    for spelling in [
        "--dd",
        "--data-directory",
        "--la",
        "--listen-address",
        "--pi",
        "--project-id",
        "--sc",
        "--sp",
        "--dc",
        "--cc",
        "--create-config",
        "--version",
    ] {
        assert!(stdout.contains(spelling), "{spelling}: {stdout}");
    }
    let program = folder.path().join("appman-package-server");
    let (code, stdout, _) = run(plain(&program).arg("--help"));
    assert!(code == Some(0) && stdout.contains("Usage: appman-package-server [OPTIONS]"), "{stdout}");
    for arguments in [&["serve"][..], &["--nonsense"], &["--la", "nowhere"]] {
        let (code, stdout, stderr) = run(plain(&program).args(arguments).current_dir(folder.path()));
        assert!(
            code == Some(1) && stdout.is_empty() && !stderr.is_empty(),
            "{arguments:?}: {stdout}{stderr}"
        );
    }
    let (code, _, stderr) = run(plain(&program).args(["--sc", "/nowhere", "--dd"]).arg(folder.path()));
    assert!(code == Some(2) && stderr.starts_with("ERROR: "), "{stderr}");
}

#[test]
fn pages_that_the_reference_does_not_have_are_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let start = |mut program: Command| {
        let data = tempfile::tempdir_in(folder.path()).unwrap().keep();
        Watched::with(program.arg("--dd").arg(data).args(["--la", "localhost:0"]))
    };
    let mut as_amps = amps();
    as_amps.arg("serve");
    for (watched, code) in [(start(server(folder.path())), "404"), (start(as_amps), "200")] {
        for page in ["/healthz", "/readyz"] {
            let found = watched.curl(&["--output", "/dev/null", "--write-out", "%{http_code}"], page);
            assert_eq!(found, code, "{page}");
        }
        assert!(watched.curl(&[], "/metrics").contains("\"not-found\""));
        watched.kill();
    }
}

#[test]
fn the_native_api_is_there_only_if_somebody_wants_it() {
    let folder = tempfile::tempdir().unwrap();
    let old = server(folder.path()).get_program().to_owned();
    let config = "formatType: amps-configuration\nformatVersion: 1\n---\n";
    for (program, setting, status) in [
        (amps().get_program().to_owned(), "{}", "200"),
        (amps().get_program().to_owned(), "nativeApi: false", "404"),
        (old.clone(), "{}", "404"),
        (old.clone(), "nativeApi: true", "200"),
    ] {
        let data = tempfile::tempdir().unwrap();
        fs::write(data.path().join("amps-config.yaml"), format!("{config}{setting}\n")).unwrap();
        let mut command = plain(Path::new(&program));
        if program != old {
            command.arg("serve");
        }
        let watched = Watched::with(command.arg("--dd").arg(data.path()).args(["--la", "localhost:0"]));
        for path in ["/api/v1/packages", "/api/v1/"] {
            let answer = watched.curl(&["--output", "/dev/null", "--write-out", "%{http_code}"], path);
            assert_eq!(answer, status, "{setting} {path}");
        }
    }
}

#[test]
fn the_web_interface_is_there_only_if_somebody_wants_it() {
    let folder = tempfile::tempdir().unwrap();
    let old = server(folder.path()).get_program().to_owned();
    let config = "formatType: amps-configuration\nformatVersion: 1\n---\n";
    for (program, setting, status) in [
        (amps().get_program().to_owned(), "{}", "200"),
        (amps().get_program().to_owned(), "webInterface: false", "404"),
        (amps().get_program().to_owned(), "nativeApi: false", "404"),
        (old.clone(), "nativeApi: true", "404"),
        (old.clone(), "nativeApi: true\nwebInterface: true", "200"),
    ] {
        let data = tempfile::tempdir().unwrap();
        fs::write(data.path().join("amps-config.yaml"), format!("{config}{setting}\n")).unwrap();
        let mut command = plain(Path::new(&program));
        if program != old {
            command.arg("serve");
        }
        let watched = Watched::with(command.arg("--dd").arg(data.path()).args(["--la", "localhost:0"]));
        let answer = watched.curl(&["--output", "/dev/null", "--write-out", "%{http_code}"], "/ui/upload");
        assert_eq!(answer, status, "{setting}");
    }
}
