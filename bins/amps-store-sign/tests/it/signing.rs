//! What is signed, what is refused, and what that leaves behind.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use amps_core::{
    CertificateFiles, Clock as _, HardwareId, Limits, SignatureInput, SystemClock, examine, verify_signature,
};
use amps_testkit::run;

use crate::{package, pki, store_sign};

/// Whether the store's signature of a package is good for a device, or for all.
fn is_signed_for(package: &Path, device: Option<&str>) -> bool {
    let file = fs::File::open(package).unwrap();
    let verified = examine(file, &Limits::default()).unwrap().verify().unwrap();
    let files = CertificateFiles { developer_cas: vec![pki("ca.crt").into()], ..CertificateFiles::default() };
    let now = SystemClock.now();
    let anchors = files.load_developers(now).unwrap().developers.unwrap();
    let device = device.map(|id| HardwareId::new(id.to_owned()).unwrap());
    let footer = &verified.package.footer;
    let input = SignatureInput::store(&footer.digest.0, device.as_ref());
    let signature = footer.store_signature.as_deref().unwrap();
    verify_signature(signature, &input, &anchors, now.for_certificates().unwrap()).is_ok()
}

fn unpacked(package: &Path) -> Vec<u8> {
    let output = Command::new("gzip").arg("-dc").stdin(fs::File::open(package).unwrap()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// The options that name the store's key.
fn key() -> [String; 4] {
    ["--sc".to_owned(), pki("store.p12"), "--sp".to_owned(), "password".to_owned()]
}

#[test]
fn a_package_is_signed_for_one_device_or_for_all_and_its_content_stays() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.ampkg");
    let done = (Some(0), String::new(), String::new());
    for name in
        ["qt6/hello-dev1.ampkg", "qt6/hello.ampkg", "qt6/hello-dev1-store-hw.ampkg", "qt5/hello5-dev1.ampkg"]
    {
        let input = package(name);
        for (arguments, signed_for, not_for) in
            [(&["car 7"][..], Some("car 7"), None), (&[], None, Some("car 7")), (&[""], None, Some("car 8"))]
        {
            let call = run(store_sign().arg(&input).arg(&out).args(arguments).args(key()));
            assert_eq!(call, done, "{name}");
            assert!(is_signed_for(&out, signed_for) && !is_signed_for(&out, not_for), "{name}");
        }
        // Up to the footers the archive is the same.
        let (before, after) = (unpacked(Path::new(&input)), unpacked(&out));
        let same = before.iter().zip(&after).take_while(|(one, other)| one == other).count();
        let footer = before.windows(18).position(|window| window == b"--PACKAGE-FOOTER--").unwrap();
        assert!(same > footer, "{name}: {same} {footer}");
        let tar = Command::new("tar").arg("-tf").arg(&out).stdout(Stdio::null()).status().unwrap();
        assert!(tar.success(), "{name}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn the_environment_names_keys_and_options_count_more() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.ampkg");
    let variables = [
        ("APPSTORE_STORE_SIGN_PKCS12_CERTIFICATE", pki("store.p12")),
        ("APPSTORE_STORE_SIGN_PKCS12_PASSWORD", "password".to_owned()),
        ("APPSTORE_DEV_VERIFY_CA_CERTIFICATES", format!("{}:{}", pki("devca.crt"), pki("ca.crt"))),
    ];
    let sign = |input: &str, arguments: &[&str], more: &[(&str, &str)]| {
        let mut command = store_sign();
        command.arg(package(input)).arg(&out).args(arguments).envs(variables.clone());
        run(command.envs(more.iter().copied()))
    };
    assert_eq!(sign("qt6/hello-dev1.ampkg", &["device-0815"], &[]), (Some(0), String::new(), String::new()));
    assert!(is_signed_for(&out, Some("device-0815")));
    // The store's certificate is one of the trusted CA, but what the developers' CAs are is configured.
    let (code, _, stderr) = sign("qt6/hello.ampkg", &[], &[]);
    assert_eq!((code, stderr.as_str()), (Some(1), "ERROR: no developer signature\n"));
    // The newer variable counts more than the older one, and an option more than both.
    assert_eq!(sign("qt6/hello-dev1.ampkg", &[], &[("AMPS_STORE_SIGN_PASSWORD", "wrong")]).0, Some(2));
    let option = ["--store-sign-password", "password"];
    assert_eq!(sign("qt6/hello-dev1.ampkg", &option, &[("AMPS_STORE_SIGN_PASSWORD", "wrong")]).0, Some(0));
    let (code, _, stderr) = sign("qt6/hello-dev1.ampkg", &["--dc", &pki("other-ca.crt")], &[]);
    assert!(code == Some(1) && stderr.starts_with("ERROR: invalid developer signature: "), "{stderr}");
}

#[test]
fn what_is_refused_says_why_and_leaves_the_output_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.ampkg");
    fs::write(&out, "mine").unwrap();
    let (hello, tampered) = (package("qt6/hello-dev1.ampkg"), package("bad/tampered-file.ampkg"));
    let (store, chain) = (pki("store.p12"), pki("chain.crt"));
    let key = ["--sc", &store, "--sp", "password"];
    let with = |more: &[&'static str]| [&key[..], more].concat();
    let (not_cms, unsigned) = (package("bad/signature-not-cms.ampkg"), package("qt6/hello.ampkg"));
    let crl = pki("devca.crl");
    let without_list = ["--dc", &chain, "--developer-verification-crl", &crl];
    for (input, arguments, code, message) in [
        (&*tampered, with(&[]), 1, "package digest mismatch"),
        (&not_cms, with(&[]), 1, "the developer signature is not one"),
        ("/dev/null", with(&[]), 1, "the file is empty"),
        (&unsigned, [&key[..], &["--dc", &chain]].concat(), 1, "no developer signature"),
        (&hello, [&key[..], &without_list].concat(), 1, "no revocation list"),
        ("/nowhere", with(&[]), 2, "cannot open `/nowhere`"),
        (&hello, vec![], 2, "there is no store certificate to sign with"),
        (&hello, with(&["--dc", "/nowhere"]), 2, "cannot read `/nowhere`"),
        (&hello, vec!["--sc", &store], 2, "the password does not open"),
        (&hello, vec!["--sc", &chain, "--sp", "password"], 2, "cannot be used"),
        (&hello, with(&["a\nb", "--nonsense"]), 2, "unexpected argument"),
        (&hello, with(&["one", "two"]), 2, "unexpected argument"),
    ] {
        let (found, stdout, stderr) = run(store_sign().arg(input).arg(&out).args(&arguments));
        assert_eq!((found, stdout.as_str()), (Some(code), ""), "{input} {arguments:?}: {stderr}");
        assert!(stderr.to_lowercase().starts_with("error: ") && stderr.contains(message), "{stderr}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "{input}");
        assert_eq!(fs::read(&out).unwrap(), b"mine", "{input}");
    }
}

#[test]
fn the_input_is_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("in.ampkg");
    fs::copy(package("qt6/hello-dev1.ampkg"), &input).unwrap();
    let before = fs::read(&input).unwrap();
    std::os::unix::fs::symlink(&input, folder.path().join("link.ampkg")).unwrap();
    for output in ["in.ampkg", "./in.ampkg", "link.ampkg"] {
        let mut command = store_sign();
        command.current_dir(folder.path()).arg("in.ampkg").arg(output).args(key());
        let (code, _, stderr) = run(&mut command);
        assert!(code == Some(2) && stderr.contains("it is the package that is to be signed"), "{stderr}");
        assert!(fs::read(&input).unwrap() == before, "{output}");
    }
}

#[test]
fn help_names_the_variables_and_the_exit_codes() {
    let (code, stdout, stderr) = run(store_sign().arg("--help"));
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    for text in [
        "Usage: amps-store-sign [OPTIONS] <INPUT> <OUTPUT> [DEVICE_ID]",
        "AMPS_STORE_SIGN_PASSWORD",
        "APPSTORE_STORE_SIGN_PKCS12_CERTIFICATE",
        "APPSTORE_STORE_SIGN_PKCS12_PASSWORD",
        "APPSTORE_DEV_VERIFY_CA_CERTIFICATES",
        "Exit codes:",
    ] {
        assert!(stdout.contains(text), "{text}: {stdout}");
    }
}

#[test]
fn an_expired_ca_certificate_is_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    let (expired, chain) = (pki("dev-expired.crt"), pki("chain.crt"));
    let mut command = store_sign();
    command.arg(package("qt6/hello-dev1.ampkg")).arg(folder.path().join("out.ampkg")).args(key());
    let (code, stdout, stderr) = run(command.args(["--dc", &expired, "--dc", &chain]));
    assert_eq!((code, stdout.as_str()), (Some(0), ""));
    assert!(stderr.starts_with("WARNING: ") && stderr.contains("expired since 2020-"), "{stderr}");
}
