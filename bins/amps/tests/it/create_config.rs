//! `--create-config`.

use std::{
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::Path,
};

use crate::{
    process::{Server, amps, fixture, run},
    scene::names,
};

const HEAD: &str = "formatType: amps-configuration\nformatVersion: 1\n---\n";
const TEXT: &str = "# the settings of our car\nprojectId: CAR # ours\n";

fn config(data: &Path) -> String {
    fs::read_to_string(data.join("amps-config.yaml")).unwrap()
}

fn mode(data: &Path) -> u32 {
    fs::metadata(data.join("amps-config.yaml")).unwrap().permissions().mode() & 0o777
}

fn start(data: &Path, arguments: &[&str]) -> Server {
    Server::with(amps().args(["serve", "--cc", "--dd"]).arg(data).args(arguments))
}

#[test]
fn what_was_given_once_need_not_be_given_again() {
    let (data, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let folder = elsewhere.path().canonicalize().unwrap();
    fs::copy(fixture("../pki/chain.crt"), folder.join("chain.crt")).unwrap();
    fs::copy(fixture("../pki/store.p12"), data.path().join("store.p12")).unwrap();
    let store = data.path().join("store.p12");
    let mut command = amps();
    command.args(["serve", "--create-config", "--la", "127.0.0.1:0", "--pi", "CAR", "--dc", "chain.crt"]);
    command.arg("--sc").arg(&store).arg("--dd").arg(data.path()).current_dir(&folder);
    let server = Server::with(command.env("AMPS_STORE_SIGN_PASSWORD", "password"));
    let banner = server.banner.clone();
    drop(server);
    let expected = format!(
        "{HEAD}developerVerificationCaCertificates: '{}/chain.crt'\nlistenAddress: '127.0.0.1:0'\nprojectId: 'CAR'\n\
         storeSignCertificate: 'store.p12'\n",
        folder.display()
    );
    // The password came from a variable.
    assert_eq!(config(data.path()), expected);
    let mut command = amps();
    command.args(["serve", "--dd"]).arg(data.path()).env("AMPS_STORE_SIGN_PASSWORD", "password");
    let again = Server::with(&mut command).banner.clone();
    let settings = |banner: &str| banner.split_once("> HTTP").unwrap().0.to_owned();
    assert_eq!(settings(&again), settings(&banner));
}

#[test]
fn defaults_are_not_written_unless_they_change_something() {
    let data = tempfile::tempdir().unwrap();
    drop(start(data.path(), &["--pi", "PROJECT", "--la", "localhost:0", "--signer-key-usage", "strict"]));
    assert_eq!(config(data.path()), format!("{HEAD}listenAddress: 'localhost:0'\n"));
    fs::write(data.path().join("amps-config.yaml"), format!("{HEAD}{TEXT}")).unwrap();
    drop(start(data.path(), &["--pi", "PROJECT", "--la", "localhost:0"]));
    assert_eq!(
        config(data.path()),
        format!(
            "{HEAD}# the settings of our car\nprojectId: 'PROJECT' # ours\nlistenAddress: 'localhost:0'\n"
        )
    );
}

#[test]
fn what_stands_there_stays_and_so_does_who_can_read_it() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("real.yaml");
    fs::write(&file, format!("{HEAD}{TEXT}")).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o664)).unwrap();
    symlink("real.yaml", data.path().join("amps-config.yaml")).unwrap();
    drop(start(data.path(), &["--la", "localhost:0"]));
    assert_eq!(config(data.path()), format!("{HEAD}{TEXT}listenAddress: 'localhost:0'\n"));
    assert_eq!(
        (mode(data.path()), fs::read_link(data.path().join("amps-config.yaml")).unwrap()),
        (0o664, "real.yaml".into())
    );
}

#[test]
fn a_password_is_for_the_owner() {
    let data = tempfile::tempdir().unwrap();
    fs::write(data.path().join("amps-config.yaml"), format!("{HEAD}{TEXT}")).unwrap();
    let key = fixture("../pki/store.p12");
    let server =
        start(data.path(), &["--la", "localhost:0", "--sc", key.to_str().unwrap(), "--sp", "password"]);
    let line = " ~ warning  certificates (amps-config.yaml holds the password of the store's key: only its owner can read it)\n";
    assert!(server.banner.contains(line), "{}", server.banner);
    assert_eq!(mode(data.path()), 0o600);
    assert!(config(data.path()).starts_with(&format!("{HEAD}{TEXT}")), "{}", config(data.path()));
    assert!(config(data.path()).contains("\nstoreSignPassword: 'password'\n"));
}

#[test]
fn nothing_is_written_if_the_server_cannot_start() {
    let data = tempfile::tempdir().unwrap();
    let first = Server::start(data.path());
    let second = |arguments: &[&str]| {
        run(amps()
            .args(["serve", "--cc", "--pi", "X", "--la", "localhost:0", "--dd"])
            .arg(data.path())
            .args(arguments))
    };
    let (code, _, stderr) = second(&[]);
    assert!(code == Some(2) && stderr.contains("is in use by the server"), "{stderr}");
    assert!(!names(data.path()).contains(&"amps-config.yaml".to_owned()));
    drop(first);
    assert_eq!(second(&["--sc", "/nowhere"]).0, Some(2));
    assert!(!names(data.path()).contains(&"amps-config.yaml".to_owned()));
    fs::write(data.path().join("amps-config.yaml"), format!("{HEAD}projektId: x\n")).unwrap();
    let (code, _, stderr) = second(&[]);
    assert!(code == Some(2) && stderr.contains("line 4, column 1: unknown field `projektId`"), "{stderr}");
    assert_eq!(config(data.path()), format!("{HEAD}projektId: x\n"));
}
