//! `amps store-upload-package`, without a server and beside one.

use std::{
    fs,
    io::{Read as _, Write as _},
    os::unix::net::{UnixListener, UnixStream},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
};

use amps_catalog::SqliteCatalog;
use amps_core::{
    Catalog as _,
    accounts::{Categories as _, StoreEntries as _, Vendors as _},
};
use amps_testkit::PackageBuilder;

use crate::{
    process::{Server, amps, fixture, run},
    scene::{names, package, wait_until},
};

const FORMAT: &str = "formatType: amps-configuration\nformatVersion: 1\n---\n";
const OPEN: &str = "deploymentServer: { listenAddress: 'localhost:0', noSecurity: true }";

/// A data directory with a vendor and a category.
struct Scene {
    data: tempfile::TempDir,
    files: tempfile::TempDir,
}

impl Scene {
    fn new() -> Self {
        Self::configured(OPEN)
    }

    fn configured(configuration: &str) -> Self {
        let scene = Self { data: tempfile::tempdir().unwrap(), files: tempfile::tempdir().unwrap() };
        fs::write(scene.data.path().join("amps-config.yaml"), format!("{FORMAT}{configuration}\n")).unwrap();
        let password = scene.file("password", b"open sesame");
        let mut user = scene.command(&["create-user", "--username", "joe", "--password-stdin"]);
        let created = user.stdin(fs::File::open(password).unwrap()).stdout(Stdio::null()).status();
        assert!(created.unwrap().success());
        scene.create(&["create-vendor", "--name", "Example", "--user", "joe"]);
        scene.create(&["create-category", "--name", "Games"]);
        scene
    }

    fn create(&self, words: &[&str]) {
        assert!(self.command(words).stdout(Stdio::null()).status().unwrap().success());
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = amps();
        command.args(words).arg("--dd").arg(self.data.path());
        command
    }

    fn upload(&self, package: &Path, words: &[&str]) -> Command {
        let mut command = self.command(&["store-upload-package"]);
        command.args(["--vendor", "Example", "--category", "Games"]).args(words).arg(package);
        command
    }

    /// Exit code, standard output and standard error.
    fn answer(&self, package: &Path, words: &[&str]) -> (i32, String, String) {
        let (code, stdout, stderr) = run(&mut self.upload(package, words));
        (code.unwrap(), stdout, stderr)
    }

    #[track_caller]
    fn take(&self, package: &Path, words: &[&str], last: &str) {
        let (code, stdout, stderr) = self.answer(package, words);
        assert_eq!((code, stderr.as_str()), (0, ""), "{stdout}");
        assert_eq!(stdout.lines().last(), Some(last), "{stdout}");
    }

    fn serve(&self) -> Server {
        Server::with(amps().args(["serve", "--la", "localhost:0", "--dd"]).arg(self.data.path()))
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.files.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    fn socket(&self) -> PathBuf {
        self.data.path().join(".amps/store.sock")
    }

    /// Id, version, vendor, category, short description and description of each release.
    fn releases(&self) -> Vec<[String; 6]> {
        let catalog = SqliteCatalog::open(&self.data.path().join(".amps/catalog.db")).unwrap();
        let (vendors, categories) = (catalog.vendors().unwrap(), catalog.categories().unwrap());
        let describe = |release: &amps_core::Release| {
            let entry = catalog.store_entry(release.sequence).unwrap().unwrap();
            let vendor = vendors.iter().find(|vendor| vendor.id == entry.vendor).unwrap();
            let category = categories.iter().find(|category| category.id == entry.category).unwrap();
            [
                release.facts.id.to_string(),
                release.facts.version.clone(),
                vendor.name.to_string(),
                category.name.to_string(),
                entry.brief_description,
                entry.description,
            ]
        };
        catalog.releases().unwrap().iter().map(describe).collect()
    }
}

/// What the deployment server of a server lists.
fn listed(server: &Server) -> serde_json::Value {
    let (_, rest) = server.banner.split_once("Deployment server listening on: ").unwrap();
    let url = format!("http://{}/app/list", rest.lines().next().unwrap());
    let output = Command::new("curl").args(["--silent", "--noproxy", "*", &url]).output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Runs a check in a data directory without a server, and in one with.
fn without_and_beside_a_server(check: impl Fn(&Scene)) {
    check(&Scene::new());
    let scene = Scene::new();
    let server = scene.serve();
    check(&scene);
    server.signal("TERM");
    let (code, _, stderr) = server.wait();
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert!(!scene.socket().exists());
}

#[test]
fn a_package_is_taken_with_what_is_said_about_it() {
    without_and_beside_a_server(|scene| {
        let hello = fixture("qt6/hello.ampkg");
        let (code, stdout, stderr) = scene.answer(&hello, &["--description", "<b>Hello</b>\nworld"]);
        assert_eq!((code, stderr.as_str()), (0, ""));
        let lines: Vec<_> = stdout.lines().collect();
        assert_eq!(lines.first(), Some(&"id: org.example.hello"), "{stdout}");
        assert_eq!(lines[2..], ["architecture: all", "taken: added"], "{stdout}");
        let said = |scene: &Scene| scene.releases().pop().unwrap();
        assert_eq!(said(scene)[2..], ["Example", "Games", "<b>Hello</b>", "<b>Hello</b>\nworld"]);
        // The same again says something else about it.
        let words = ["--description", "all", "--short-description", "It"];
        scene.take(&hello, &words, "taken: no changes");
        assert_eq!(said(scene)[2..], ["Example", "Games", "It", "all"]);
        let next = package(scene.files.path(), "org.example.hello", "9", 0);
        scene.take(&next, &[], "taken: updated");
        assert_eq!(scene.releases().len(), 2);
    });
}

#[test]
fn without_a_description_the_manifest_describes() {
    without_and_beside_a_server(|scene| {
        let manifest = "formatVersion: 1\nformatType: am-package\n---\nid: a\nicon: icon.png\nname: { en: A }\n\
            description: { de: Eins, en: One }\napplications:\n- { id: a, code: a.qml, runtime: qml }\n";
        let package = PackageBuilder::hello().id("a").manifest(manifest).build();
        scene.take(&scene.file("a.ampkg", &package), &[], "taken: added");
        assert_eq!(scene.releases()[0][4..], ["One", "One"]);
    });
}

#[test]
fn devices_see_at_once_what_a_command_has_brought() {
    let scene = Scene::new();
    scene.take(&package(scene.files.path(), "a", "1", 0), &[], "taken: added");
    let server = scene.serve();
    scene.take(&package(scene.files.path(), "b", "1", 0), &[], "taken: added");
    let list = listed(&server);
    for (at, id) in ["a", "b"].into_iter().enumerate() {
        assert_eq!((&list[at]["id"], &list[at]["vendor"]), (&id.into(), &"Example".into()), "{list}");
        assert_eq!(list[at]["category"], "Games");
        assert!(!server.download(id).is_empty());
    }
    server.signal("TERM");
    let (_, stdout, _) = server.wait();
    assert!(stdout.contains("> Upload via command:\n"), "{stdout}");
}

#[test]
fn what_an_upload_refuses_is_refused() {
    without_and_beside_a_server(|scene| {
        let whole = PackageBuilder::hello().build();
        let cases = [
            (scene.file("empty", b""), "not valid: "),
            (scene.file("half.ampkg", &whole[..whole.len() / 2]), "not valid: "),
            (fixture("qt6/hello-store.ampkg"), "not valid: the package has a store signature already"),
        ];
        for (file, message) in cases {
            let (code, stdout, stderr) = scene.answer(&file, &[]);
            assert_eq!((code, stderr.as_str()), (1, ""), "{file:?}");
            assert!(stdout.starts_with(message), "{file:?}: {stdout}");
        }
        let hello = fixture("qt6/hello.ampkg");
        for (option, name, message) in [
            ("--vendor", "Nobody", "ERROR: there is no vendor with the name `Nobody`\n"),
            ("--category", "No", "ERROR: there is no category with the name `No`\n"),
            ("--vendor", "two\nlines", "ERROR: there is no vendor with the name `two\\nlines`\n"),
        ] {
            let mut command = scene.command(&["store-upload-package"]);
            let words = [("--vendor", "Example"), ("--category", "Games")];
            for (word, usual) in words {
                command.args([word, if word == option { name } else { usual }]);
            }
            let (code, stdout, stderr) = run(command.arg(&hello));
            assert_eq!((code, stdout.as_str(), stderr.as_str()), (Some(1), "", message));
        }
        let long = "x".repeat(100 * 1024);
        let (code, _, stderr) = scene.answer(&hello, &["--short-description", &long]);
        assert_eq!(code, 1);
        assert!(stderr.contains("the short description has 102400 bytes, expected at most 4096"), "{stderr}");
        for path in [scene.files.path(), Path::new("/dev/null"), Path::new("/nowhere.ampkg")] {
            assert_eq!(scene.answer(path, &[]).0, 2, "{path:?}");
        }
        assert_eq!(scene.releases(), <[[String; 6]; 0]>::default());
        assert_eq!(names(&scene.data.path().join(".amps/staging")), <[&str; 0]>::default());
    });
}

#[test]
fn signatures_count_as_for_an_upload() {
    let pki = amps_testkit::fixture("pki");
    let (chain, store) = (pki.join("chain.crt"), pki.join("store.p12"));
    let configuration = format!(
        "storeSignCertificate: '{}'\nstoreSignPassword: password\n\
            developerVerificationCaCertificates: ['{}']\ndeploymentServer: {{ listenAddress: 'localhost:0' }}",
        store.display(),
        chain.display()
    );
    let check = |scene: &Scene| {
        let certificate = pki.join("dev2.crt");
        scene.create(&[
            "create-vendor",
            "--name",
            "Two",
            "--user",
            "joe",
            "--certificate",
            certificate.to_str().unwrap(),
        ]);
        let (code, stdout, _) = scene.answer(&fixture("qt6/hello.ampkg"), &[]);
        assert_eq!((code, stdout.as_str()), (1, "not valid: no developer signature\n"));
        let signed = fixture("qt6/hello-dev1.ampkg");
        let mut command = scene.command(&["store-upload-package", "--vendor", "Two", "--category", "Games"]);
        let (code, stdout, _) = run(command.arg(&signed));
        assert_eq!(code, Some(1));
        assert!(stdout.starts_with("not valid: the developer who signed is `"), "{stdout}");
        scene.take(&signed, &[], "taken: added");
    };
    check(&Scene::configured(&configuration));
    let scene = Scene::configured(&configuration);
    let _server = scene.serve();
    check(&scene);
}

#[test]
fn without_a_deployment_server_there_is_nothing_to_take_it_in_for() {
    let scene = Scene::configured("{}");
    let hello = fixture("qt6/hello.ampkg");
    let missing = "amps-config.yaml has no `deploymentServer`";
    let (code, _, stderr) = scene.answer(&hello, &[]);
    assert!(code == 2 && stderr.contains(missing), "{stderr}");
    let server = scene.serve();
    let (code, _, stderr) = scene.answer(&hello, &[]);
    assert!(code == 2 && stderr.contains(missing), "{stderr}");
    drop(server);
    let scene = Scene::configured("deploymentServer: {}");
    let (code, _, stderr) = scene.answer(&hello, &[]);
    assert!(code == 2 && stderr.contains("needs `developerVerificationCaCertificates`"), "{stderr}");
    assert!(scene.releases().is_empty());
}

#[test]
fn commands_at_once_are_all_done() {
    without_and_beside_a_server(|scene| {
        thread::scope(|scope| {
            for number in 0..4 {
                scope.spawn(move || {
                    let id = format!("app{number}");
                    scene.take(&package(scene.files.path(), &id, "1", 200_000), &[], "taken: added");
                });
            }
        });
        let ids: Vec<_> = scene.releases().into_iter().map(|[id, ..]| id).collect();
        assert_eq!(ids.len(), 4, "{ids:?}");
    });
}

#[test]
fn a_killed_server_leaves_nothing_of_what_it_was_handed() {
    let scene = Scene::new();
    let staging = scene.data.path().join(".amps/staging");
    let server = scene.serve();
    let mut stream = UnixStream::connect(scene.socket()).unwrap();
    let package = fs::read(package(scene.files.path(), "a", "1", 1 << 20)).unwrap();
    let head = format!(
        r#"{{"sizeBytes":{},"upload":{{"name":"a","vendor":"Example","category":"Games"}}}}"#,
        package.len()
    );
    writeln!(stream, "{head}").unwrap();
    stream.write_all(&package[..1000]).unwrap();
    wait_until("the package is being read", || names(&staging).len() == 1);
    server.signal("KILL");
    drop(server);
    assert!(scene.socket().exists(), "nobody could take it away");
    // The next one is not put off by what lies there: neither a command nor a server.
    scene.take(&fixture("qt6/hello.ampkg"), &[], "taken: added");
    assert_eq!(names(&staging), <[&str; 0]>::default());
    let server = scene.serve();
    scene.take(&fixture("qt6/hello.ampkg"), &[], "taken: no changes");
    assert_eq!(scene.releases().len(), 1);
    drop(server);
}

#[test]
fn a_package_that_ends_early_is_not_taken() {
    let scene = Scene::new();
    let _server = scene.serve();
    let whole = fs::read(fixture("qt6/hello.ampkg")).unwrap();
    // All that there is of it, and yet not what was announced.
    for (size_bytes, sent) in [(whole.len() + 1, &whole[..]), (whole.len(), &whole[..100])] {
        let mut stream = UnixStream::connect(scene.socket()).unwrap();
        let upload = r#"{"name":"a","vendor":"Example","category":"Games"}"#;
        writeln!(stream, r#"{{"sizeBytes":{size_bytes},"upload":{upload}}}"#).unwrap();
        stream.write_all(sent).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut verdict = String::new();
        stream.read_to_string(&mut verdict).unwrap();
        assert!(verdict.starts_with(r#"{"verdict":"failed""#) && verdict.contains("missing"), "{verdict}");
    }
    for nonsense in [&b"\n"[..], b"", b"{}\n", b"GET / HTTP/1.1\r\n\r\n", &vec![b'x'; 3 * 1024 * 1024]] {
        let mut stream = UnixStream::connect(scene.socket()).unwrap();
        // It may close before it has read all of that.
        let _ = stream.write_all(nonsense);
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let mut verdict = Vec::new();
        let _ = stream.read_to_end(&mut verdict);
        assert!(verdict.starts_with(br#"{"verdict":"failed""#), "{}", String::from_utf8_lossy(&verdict));
    }
    assert!(scene.releases().is_empty());
    scene.take(&fixture("qt6/hello.ampkg"), &[], "taken: added");
}

#[test]
fn a_server_that_goes_away_leaves_the_question_open() {
    let scene = Scene::new();
    let listener = UnixListener::bind(scene.socket()).unwrap();
    let hello = fixture("qt6/hello.ampkg");
    for answer in ["", r#"{"verdict":"tak"#, "{}\n"] {
        let mut command = scene.upload(&hello, &[]);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (mut stream, _) = listener.accept().unwrap();
        let mut first = [0; 1];
        stream.read_exact(&mut first).unwrap();
        stream.write_all(answer.as_bytes()).unwrap();
        drop(stream);
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        let expected = if answer == "{}\n" {
            "the server's answer is not one"
        } else {
            "the server ended before it answered"
        };
        assert!(stderr.contains(expected), "{stderr}");
    }
}

#[test]
fn whoever_else_has_the_directory_is_named() {
    let scene = Scene::new();
    let lock = scene.data.path().join(".lock");
    fs::write(&lock, "4711\n").unwrap();
    let held = fs::File::open(&lock).unwrap();
    held.lock().unwrap();
    let (code, _, stderr) = scene.answer(&fixture("qt6/hello.ampkg"), &["--wait", "0"]);
    assert!(code == 2 && stderr.contains("process id 4711"), "{stderr}");
    // Whoever waits gets it.
    let mut command = scene.upload(&fixture("qt6/hello.ampkg"), &[]);
    let child = command.stdout(Stdio::piped()).spawn().unwrap();
    drop(held);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
}

#[test]
fn a_server_that_is_told_to_end_does_not_wait_for_a_command() {
    let scene = Scene::new();
    let server = scene.serve();
    let mut stream = UnixStream::connect(scene.socket()).unwrap();
    let upload = r#"{"name":"a","vendor":"Example","category":"Games"}"#;
    writeln!(stream, r#"{{"sizeBytes":1000000,"upload":{upload}}}"#).unwrap();
    stream.write_all(&fs::read(fixture("qt6/hello.ampkg")).unwrap()[..100]).unwrap();
    wait_until("the package is being read", || names(&scene.data.path().join(".amps/staging")).len() == 1);
    server.signal("TERM");
    let (code, _, stderr) = server.wait();
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert!(!scene.socket().exists());
    assert_eq!(names(&scene.data.path().join(".amps/staging")), <[&str; 0]>::default());
    assert!(stream.read(&mut [0; 16]).is_ok_and(|count| count == 0), "there is no verdict");
}
