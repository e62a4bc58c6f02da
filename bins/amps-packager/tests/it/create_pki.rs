//! `create-pki`: what it makes works with our other commands, and with openssl.

use std::{fs, path::Path, process::Command};

use crate::process::{fixture, packager, run};

fn make(pki: &Path) -> String {
    let (code, stdout, stderr) = run(packager().arg("create-pki").arg(pki));
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    stdout
}

/// The commands of this program in a README, one in each line, with the program itself in place of its name.
fn commands(readme: &str) -> String {
    let lines = readme.lines().filter_map(|line| line.strip_prefix("    "));
    let own = lines.filter(|line| line.starts_with("amps-packager ") || line.starts_with("export "));
    let own: Vec<_> =
        own.map(|line| line.replacen("amps-packager", env!("CARGO_BIN_EXE_amps-packager"), 1)).collect();
    own.join("\n")
}

#[test]
fn the_commands_that_it_prints_work() {
    let root = tempfile::tempdir().unwrap();
    let pki = root.path().join("pki");
    let readme = make(&pki);
    assert!(readme.starts_with("# Development PKI: NOT FOR PRODUCTION\n"), "{readme}");
    assert_eq!(fs::read_to_string(pki.join("README.md")).unwrap(), readme);
    fs::copy(fixture("packages/qt6/hello.ampkg"), pki.join("hello.ampkg")).unwrap();
    let script = commands(&readme);
    assert_eq!(script.lines().count(), 5, "{script}");
    let (code, stdout, stderr) = run(Command::new("bash").args(["-euc", &script]).current_dir(&pki));
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert_eq!(stdout, "valid developer signature\nvalid store signature\n");
}

/// `openssl` in the folder, with arguments that are split at spaces.
fn openssl(pki: &Path, words: &str) -> (Option<i32>, String, String) {
    run(Command::new("openssl").args(words.split(' ')).current_dir(pki))
}

#[test]
fn openssl_accepts_the_certificates_the_lists_and_the_key_files() {
    let root = tempfile::tempdir().unwrap();
    let pki = root.path().join("pki");
    make(&pki);
    let verify = "verify -x509_strict -check_ss_sig -crl_check_all -CRLfile ca.crl -CRLfile devca.crl -purpose smimesign \
                  -CAfile chain.crt";
    for name in ["dev1", "dev2", "dev-ec", "store"] {
        let (code, stdout, stderr) = openssl(&pki, &format!("{verify} {name}.crt"));
        assert_eq!((code, stdout), (Some(0), format!("{name}.crt: OK\n")), "{stderr}");
    }
    let (code, _, stderr) = openssl(&pki, &format!("{verify} dev-revoked.crt"));
    assert!(code == Some(2) && stderr.contains("certificate revoked"), "{stderr}");
    for (name, certificates) in
        [("ca", 1), ("devca", 1), ("dev1", 2), ("dev2", 2), ("dev-ec", 2), ("dev-revoked", 2), ("store", 1)]
    {
        let words = format!("pkcs12 -in {name}.p12 -passin pass:password -nodes");
        let (code, stdout, stderr) = openssl(&pki, &words);
        assert_eq!(code, Some(0), "{name}: {stderr}");
        assert_eq!(stdout.matches("BEGIN PRIVATE KEY").count(), 1, "{name}");
        assert_eq!(stdout.matches("BEGIN CERTIFICATE").count(), certificates, "{name}");
        let own = fs::read_to_string(pki.join(format!("{name}.crt"))).unwrap();
        assert!(stdout.contains(own.trim_end()), "{name}");
    }
}

#[test]
fn the_password_comes_from_an_option_a_file_or_a_variable() {
    let root = tempfile::tempdir().unwrap();
    let (pki, file) = (root.path().join("pki"), root.path().join("secret"));
    fs::write(&file, "open sesame\r\nmore\n").unwrap();
    for (arguments, variable) in [
        (vec!["--password", "open sesame"], None),
        (vec!["--password-file", file.to_str().unwrap()], Some("not this one")),
        (vec![], Some("open sesame")),
    ] {
        let mut command = packager();
        command.arg("create-pki").arg(&pki).args(&arguments);
        let (code, stdout, stderr) = run(command.envs(variable.map(|value| ("AMPS_SIGN_PASSWORD", value))));
        assert_eq!((code, stderr.as_str()), (Some(0), ""), "{arguments:?}");
        assert!(!stdout.contains("sesame"), "{stdout}");
        let open = Command::new("openssl")
            .args(["pkcs12", "-noout", "-passin", "pass:open sesame", "-in"])
            .arg(pki.join("dev1.p12"))
            .status();
        assert!(open.unwrap().success(), "{arguments:?}");
        fs::remove_dir_all(&pki).unwrap();
    }
    let both = ["--password", "x", "--password-file", "x"];
    let (code, _, stderr) = run(packager().arg("create-pki").arg(&pki).args(both));
    assert!(code == Some(1) && stderr.contains("cannot be used with"), "{stderr}");
    let missing = ["--password-file", "/nowhere"];
    let (code, _, stderr) = run(packager().arg("create-pki").arg(&pki).args(missing));
    assert!(
        code == Some(1) && stderr.starts_with("ERROR: cannot read the password file `/nowhere`"),
        "{stderr}"
    );
    assert!(!pki.exists());
}

#[test]
fn a_folder_that_is_not_empty_is_left_alone() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("mine"), "x").unwrap();
    let (code, stdout, stderr) = run(packager().arg("create-pki").arg(root.path()));
    assert_eq!((code, stdout.as_str()), (Some(1), ""));
    let expected =
        format!("ERROR: `{}` is not empty: expected an empty folder, or none\n", root.path().display());
    assert_eq!(stderr, expected);
    assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1);
}
