//! Started under the name `appman-packager`.

use std::{
    os::unix::fs::symlink,
    process::{Command, Stdio},
};

use crate::process::{fixture, packager, run};

#[test]
fn texts_and_codes_are_those_of_the_reference() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("appman-packager");
    symlink(packager().get_program(), &program).unwrap();
    let old = |arguments: &[&str]| {
        run(Command::new(&program).args(arguments).env("NO_COLOR", "1").stdin(Stdio::null()))
    };
    let (ca, devca) = (fixture("pki/ca.crt"), fixture("pki/devca.crt"));
    let (ca, devca) = (ca.to_str().unwrap(), devca.to_str().unwrap());
    let package = |name: &str| fixture("packages").join(name).to_str().unwrap().to_owned();
    let dev_verify = |name: &str| old(&["dev-verify-package", &package(name), devca, ca]);
    let valid = (Some(0), "valid developer signature\n".to_owned(), String::new());
    assert_eq!(dev_verify("qt6/hello-dev1.ampkg"), valid);
    let none = (Some(1), "no developer signature\n".to_owned(), String::new());
    assert_eq!(dev_verify("qt6/hello.ampkg"), none);
    let (code, stdout, _) = dev_verify("qt6/hello-other.ampkg");
    assert!(code == Some(2) && stdout.starts_with("invalid developer signature ("), "{stdout}");
    let broken = package("bad/tampered-file.ampkg");
    for arguments in [
        &["dev-verify-package", broken.as_str(), devca, ca][..],
        &["store-verify-package", broken.as_str(), ca, ""],
    ] {
        let (code, stdout, stderr) = old(arguments);
        assert_eq!((code, stdout.as_str()), (Some(1), ""));
        let expected = format!("ERROR: could not extract package {broken}: package digest mismatch");
        assert!(stderr.starts_with(&expected), "{stderr}");
    }
    // Under its own name it does not say that it could not extract what it does not extract.
    let (_, _, stderr) = run(packager().args(["dev-verify-package", &broken, devca, ca]));
    assert!(stderr.starts_with("ERROR: package digest mismatch"), "{stderr}");
    let version = format!("appman-packager (amps {})\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(old(&["--version"]), (Some(0), version, String::new()));
    let (code, stdout, _) = old(&["--help"]);
    assert!(code == Some(0) && stdout.contains("Usage: appman-packager "), "{stdout}");
    assert_eq!(old(&["--nonsense"]).0, Some(1));
}
