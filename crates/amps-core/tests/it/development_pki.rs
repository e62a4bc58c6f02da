//! The folder with keys to try things out: all of it, or nothing.

use std::{fs, path::Path};

use amps_core::{
    CertificateFiles, DevelopmentPkiError, Password, Timestamp, create_development_pki, developer_sign_file,
    store_sign_file, verify_file,
};

use crate::world::tree;

/// 1 December 2026.
const NOW: Timestamp = Timestamp(1_796_083_200);

fn make(folder: &Path) -> Result<String, DevelopmentPkiError> {
    create_development_pki(folder, None, NOW)
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn its_keys_sign_for_those_who_trust_its_root() {
    let world = tempfile::tempdir().unwrap();
    let pki = world.path().join("pki");
    let readme = make(&pki).unwrap();
    assert_eq!(fs::read_to_string(pki.join("README.md")).unwrap(), readme);
    assert_eq!(
        names(&pki),
        [
            "README.md",
            "ca.crl",
            "ca.crt",
            "ca.p12",
            "chain.crt",
            "dev-ec.crt",
            "dev-ec.p12",
            "dev-revoked.crt",
            "dev-revoked.p12",
            "dev1.crt",
            "dev1.p12",
            "dev2.crt",
            "dev2.p12",
            "devca.crl",
            "devca.crt",
            "devca.p12",
            "store.crt",
            "store.p12"
        ]
    );
    // What the README names is there, and nothing else.
    for name in names(&pki) {
        assert!(name == "README.md" || readme.contains(&format!("`{name}`")), "{name}");
    }
    assert_eq!(names(world.path()), ["pki"]);
    let load = |key: &str| {
        let files = CertificateFiles {
            store: Some(pki.join(key)),
            store_password: Some(Password::from("password")),
            developer_cas: vec![pki.join("chain.crt")],
            developer_crls: vec![pki.join("ca.crl"), pki.join("devca.crl")],
            ..CertificateFiles::default()
        };
        files.load(NOW).unwrap()
    };
    let hello = [env!("CARGO_MANIFEST_DIR"), "../../fixtures/packages/qt6/hello.ampkg"]
        .iter()
        .collect::<std::path::PathBuf>();
    let limits = ampkg::Limits::default();
    let (signed, for_device) = (world.path().join("signed.ampkg"), world.path().join("device.ampkg"));
    for (key, is_trusted) in
        [("dev1.p12", true), ("dev2.p12", true), ("dev-ec.p12", true), ("dev-revoked.p12", false)]
    {
        let (loaded, verified) = (load(key), verify_file(&hello, None, NOW, &limits).unwrap());
        assert_eq!(loaded.warnings, <[&str; 0]>::default());
        developer_sign_file(&hello, &signed, &verified, &*loaded.store.unwrap(), NOW, &limits).unwrap();
        // On its first and on its last day.
        for at in [NOW, Timestamp(NOW.0 + 3653 * 86_400)] {
            let verified = verify_file(&signed, loaded.developers.as_ref(), at, &limits);
            assert_eq!(verified.is_ok(), is_trusted, "{key}: {verified:?}");
        }
        let after = Timestamp(NOW.0 + 3653 * 86_400 + 1);
        verify_file(&signed, loaded.developers.as_ref(), after, &limits).unwrap_err();
    }
    let store = load("store.p12").store.unwrap();
    let verified = verify_file(&hello, None, NOW, &limits).unwrap();
    store_sign_file(&hello, &for_device, &verified, &*store, None, NOW, &limits).unwrap();
}

#[cfg(unix)]
#[test]
fn keys_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = tempfile::tempdir().unwrap();
    let pki = world.path().join("pki");
    make(&pki).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&pki), 0o700);
    for name in names(&pki).into_iter().filter(|name| name.contains(".p12")) {
        assert_eq!(mode(&pki.join(&name)), 0o600, "{name}");
    }
    // No key lies there in the clear.
    for name in names(&pki) {
        let bytes = fs::read(pki.join(&name)).unwrap();
        assert!(!bytes.windows(11).any(|window| window == b"PRIVATE KEY"), "{name}");
    }
}

#[test]
fn an_empty_folder_is_filled_and_any_other_left_alone() {
    let world = tempfile::tempdir().unwrap();
    let path = |name: &str| world.path().join(name);
    fs::create_dir(path("empty")).unwrap();
    make(&path("empty")).unwrap();
    assert!(path("empty/store.p12").exists());
    fs::remove_dir_all(path("empty")).unwrap();

    fs::create_dir(path("full")).unwrap();
    fs::write(path("full/mine"), "x").unwrap();
    fs::write(path("file"), "x").unwrap();
    let before = tree(world.path());
    assert!(matches!(make(&path("full")), Err(DevelopmentPkiError::NotEmpty { .. })));
    assert!(matches!(make(&path("full/.")), Err(DevelopmentPkiError::NotEmpty { .. })));
    for other in ["file", "file/below", "nowhere/below"] {
        let error = make(&path(other)).unwrap_err();
        assert!(matches!(error, DevelopmentPkiError::Io { .. }), "{other}: {error:?}");
    }
    for unnamed in ["", ".", "..", "/"] {
        let error = make(Path::new(unnamed)).unwrap_err();
        assert!(matches!(error, DevelopmentPkiError::NoName { .. }), "{unnamed}: {error:?}");
    }
    assert_eq!(tree(world.path()), before);
}

#[test]
fn what_fails_late_leaves_nothing_behind() {
    let world = tempfile::tempdir().unwrap();
    let path = world.path().join("link");
    // Reads as an empty folder, and cannot be replaced by one.
    fs::create_dir(world.path().join("target")).unwrap();
    std::os::unix::fs::symlink("target", &path).unwrap();
    let before = tree(world.path());
    let error = make(&path).unwrap_err();
    assert!(matches!(error, DevelopmentPkiError::Io { action: "create", .. }), "{error:?}");
    assert_eq!(tree(world.path()), before);
    for time in [-1, i64::MAX, 253_402_300_799] {
        let error = create_development_pki(&world.path().join("pki"), None, Timestamp(time)).unwrap_err();
        assert!(matches!(error, DevelopmentPkiError::Clock(_)), "{error:?}");
    }
    assert_eq!(tree(world.path()), before);
}

#[test]
fn a_password_that_somebody_chose_opens_the_keys_and_stands_nowhere() {
    let world = tempfile::tempdir().unwrap();
    let pki = world.path().join("pki");
    let chosen = "open sesame";
    let readme = create_development_pki(&pki, Some(&Password::from(chosen)), NOW).unwrap();
    assert!(!readme.contains(chosen));
    for name in names(&pki) {
        let bytes = fs::read(pki.join(&name)).unwrap();
        assert!(!bytes.windows(chosen.len()).any(|window| window == chosen.as_bytes()), "{name}");
    }
    let open = |password: &str| {
        let (store, password) = (Some(pki.join("store.p12")), Some(Password::from(password)));
        CertificateFiles { store, store_password: password, ..CertificateFiles::default() }.load(NOW)
    };
    assert!(open(chosen).is_ok() && open("password").is_err());
}
