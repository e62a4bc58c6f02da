//! Whatever key the store has: openssl accepts the signature in a download, for its device and its content only.

use std::{fs, path::Path, process::Command};

use crate::{
    signed_scene::{NOW, download, key, pki, signing_with},
    signed_tools::{output, python, run},
    verdicts::fixture,
};

/// Whether `openssl cms` accepts the signature in a package, as taken out by Python, for a device.
fn openssl_accepts(package: &Path, device: &str, authorities: &Path) -> bool {
    let folder = package.parent().unwrap();
    python("extract", [package.as_os_str(), device.as_ref(), folder.as_os_str()]);
    let mut command = Command::new("openssl");
    command.current_dir(folder).args(["cms", "-verify", "-binary", "-inform", "DER", "-in", "signature.der"]);
    command.args(["-content", "content", "-purpose", "any", "-out", "verified", "-CAfile"]).arg(authorities);
    output(command.args(["-attime", &NOW.0.to_string()])).status.success()
}

#[test]
fn openssl_accepts_what_a_server_signs_with_each_key() {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("own.p12");
    let new_key = |algorithm: &str| {
        let openssl = |words: &str| {
            run(Command::new("openssl").current_dir(folder.path()).args(words.split(' ')));
        };
        openssl(&format!("genpkey -algorithm {algorithm} -out own.key"));
        openssl("req -x509 -key own.key -out own.crt -days 36500 -subj /CN=own");
        openssl("pkcs12 -export -inkey own.key -in own.crt -out own.p12 -passout pass:");
    };
    for (file, password, authorities) in [
        ("store.p12", "password", "ca.crt"),
        ("store-legacy.p12", "password", "ca.crt"),
        ("store-nopassword.p12", "", "ca.crt"),
        ("store-utf8password.p12", "pässwörd", "ca.crt"),
        ("store-rsa4096.p12", "password", "ca.crt"),
        ("dev-ec.p12", "password", "chain.crt"),
        ("dev1.p12", "password", "chain.crt"),
        ("dev1-legacy.p12", "password", "chain.crt"),
        ("dev2.p12", "password", "chain.crt"),
        ("dev-email.p12", "password", "chain.crt"),
        ("dev-tls.p12", "password", "chain.crt"),
        ("other.p12", "password", "other-ca.crt"),
        ("RSA -pkeyopt rsa_keygen_bits:3072", "", "own.crt"),
        ("EC -pkeyopt ec_paramgen_curve:P-384", "", "own.crt"),
        ("EC -pkeyopt ec_paramgen_curve:P-521", "", "own.crt"),
    ] {
        let is_made_here = authorities == "own.crt";
        if is_made_here {
            new_key(file);
        }
        let authorities = if is_made_here { folder.path().join(authorities) } else { pki(authorities) };
        let server = signing_with(key(if is_made_here { own.to_str().unwrap() } else { file }, password));
        server.add(&fixture("qt6/hello-dev1.ampkg"));
        let package = folder.path().join("package.ampkg");
        for device in [Some("Ger%C3%A4t-7"), None] {
            fs::write(&package, download(&server, "org.example.hello", device)).unwrap();
            for (as_device, is_right) in [("Gerät-7", device.is_some()), ("", device.is_none())] {
                assert_eq!(
                    openssl_accepts(&package, as_device, &authorities),
                    is_right,
                    "{file}, signed for {device:?}, read by {as_device:?}"
                );
            }
        }
        let foreign = if file.starts_with("other") { pki("ca.crt") } else { pki("other-ca.crt") };
        assert!(!openssl_accepts(&package, "", &foreign), "{file}: anybody is trusted");
    }
}
