//! A server that verifies developers and signs downloads, and a device's view of what it gives.

use std::{fs, path::PathBuf, sync::Arc};

use amps_core::{
    CertificateFiles, Certificates, HardwareId, Limits, SignatureInput, SigningKey, Timestamp, TrustAnchors,
    Verified, developer_sign_file, examine, verify_file, verify_signature,
};
use amps_server::Settings;
use flate2::read::MultiGzDecoder;

use crate::running::Running;

/// 1 December 2026: all certificates of the fixtures but the expired one are valid.
pub(crate) const NOW: Timestamp = Timestamp(1_796_083_200);

pub(crate) fn pki(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "../../fixtures/pki", name].iter().collect()
}

/// The key in a PKCS#12 file of the fixtures.
pub(crate) fn key(file: &str, password: &str) -> Arc<dyn SigningKey> {
    let files = CertificateFiles {
        store: Some(pki(file)),
        store_password: Some(password.into()),
        ..CertificateFiles::default()
    };
    files.load(NOW).unwrap_or_else(|error| panic!("{}", amps_core::chain(&error))).store.unwrap()
}

/// What signatures must lead to.
pub(crate) fn anchors(files: &[&str]) -> TrustAnchors {
    let files = CertificateFiles {
        developer_cas: files.iter().map(|name| pki(name)).collect(),
        ..CertificateFiles::default()
    };
    files.load(NOW).unwrap().developers.unwrap()
}

/// A server that signs with a key, and takes packages from anybody.
pub(crate) fn signing_with(store: Arc<dyn SigningKey>) -> Running {
    let certificates = Certificates { store: Some(store), ..Certificates::default() };
    Running::with_certificates(tempfile::tempdir().unwrap(), Settings::default(), certificates)
}

/// A server that takes packages from developers only, and signs.
pub(crate) fn signing_for_developers() -> Running {
    let certificates = Certificates {
        developers: Some(anchors(&["chain.crt"])),
        store: Some(key("store.p12", "password")),
        ..Certificates::default()
    };
    Running::with_certificates(tempfile::tempdir().unwrap(), Settings::default(), certificates)
}

/// The package with a developer's signature.
pub(crate) fn signed_by_developer(package: &[u8], key: &dyn SigningKey) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let (input, output) = (folder.path().join("in"), folder.path().join("out"));
    fs::write(&input, package).unwrap();
    let limits = Limits::default();
    let verified = verify_file(&input, None, NOW, &limits).unwrap();
    developer_sign_file(&input, &output, &verified, key, NOW, &limits).unwrap();
    fs::read(&output).unwrap()
}

/// What a device gets that asks for the package of the examples; without an id, it asks for one that is for all.
pub(crate) fn download(server: &Running, id: &str, device: Option<&str>) -> Vec<u8> {
    let device = device.map_or_else(String::new, |device| format!("&hardware-id={device}"));
    let answer = server.get(&format!("/package/download?id={id}{device}"));
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    answer.body
}

/// Reads and verifies a package as a device does, without its signatures.
pub(crate) fn read(package: &[u8]) -> Result<Verified, String> {
    let examination = examine(package, &Limits::default()).map_err(|error| error.to_string())?;
    examination.verify().map_err(|refusal| refusal.to_string())
}

/// Whether the store's signature is one for this device.
pub(crate) fn is_for(package: &Verified, store: &TrustAnchors, device: Option<&str>) -> Result<(), String> {
    let footer = &package.package.footer;
    let device = device.map(|device| HardwareId::new(device.to_owned()).unwrap());
    let input = SignatureInput::store(&footer.digest.0, device.as_ref());
    let signature = footer.store_signature.as_deref().ok_or("no store signature")?;
    verify_signature(signature, &input, store, NOW.for_certificates().unwrap())
        .map_err(|error| error.to_string())?;
    Ok(())
}

/// Whether a developer has signed.
pub(crate) fn is_from(package: &Verified, developers: &TrustAnchors) -> Result<(), String> {
    let footer = &package.package.footer;
    let input = SignatureInput::developer(&footer.digest.0);
    let signature = footer.developer_signature.as_deref().ok_or("no developer signature")?;
    verify_signature(signature, &input, developers, NOW.for_certificates().unwrap())
        .map_err(|error| error.to_string())?;
    Ok(())
}

/// The archive in a package. Zeros behind the last member, which this decoder does not take, are left out.
pub(crate) fn unpacked(package: &[u8]) -> Vec<u8> {
    let end = package.iter().rposition(|&byte| byte != 0).unwrap() + 1;
    // Checksum, length and the end of the data may be zeros, too.
    for end in end..=package.len().min(end + 9) {
        let mut tar = Vec::new();
        if std::io::Read::read_to_end(&mut MultiGzDecoder::new(&package[..end]), &mut tar).is_ok() {
            return tar;
        }
    }
    panic!("it cannot be unpacked");
}

/// Where the footers begin in an archive: before that stands the payload.
pub(crate) fn footers_at(tar: &[u8]) -> usize {
    let name = b"--PACKAGE-FOOTER--";
    let at = |from: usize| tar.get(from..from + name.len()) == Some(name);
    (0..tar.len()).step_by(512).find(|&from| at(from)).unwrap()
}
