//! Configurations that are understood, and those that are refused.

use super::*;

const HEAD: &str = "formatType: amps-configuration\nformatVersion: 1\n---\n";

#[test]
fn reads_its_fields() {
    let text = "listenAddress: 'any:80'\nanonymousAccess: read\nprojectId: CAR\nstoreSignCertificate: s.p12\nstoreSignPassword: geheim\n\
        developerVerificationCaCertificates: [a.crt, b.crt]\ndeveloperVerificationCrls: a.crl\nsignerKeyUsage: any\n";
    let config = Config::parse(format!("{HEAD}{text}").as_bytes()).unwrap();
    assert_eq!(config.listen_address.unwrap().to_string(), "any:80");
    assert_eq!(config.project_id.as_ref().unwrap().as_str(), "CAR");
    assert_eq!(config.anonymous_access, Some(AnonymousAccess::Read));
    assert!(!format!("{:?}", config.certificates).contains("geheim"));
    let CertificateFiles { store, store_password, developer_cas, developer_crls, signer_key_usage } =
        config.certificates;
    assert_eq!(store, Some("s.p12".into()));
    assert!(store_password.is_some());
    assert_eq!(developer_cas, [PathBuf::from("a.crt"), "b.crt".into()]);
    assert_eq!(developer_crls, [PathBuf::from("a.crl")]);
    assert_eq!(signer_key_usage, SignerKeyUsage::Any);
    let empty = Config::parse(format!("{HEAD}{{}}").as_bytes()).unwrap();
    assert!(
        empty.listen_address.is_none() && empty.project_id.is_none() && empty.certificates.store.is_none()
    );
}

#[test]
fn reads_limits() {
    let text = "limits:\n  connections: 7\n  packageBytes: 0x100000\n  headSeconds: 1_0\n";
    let limits = Config::parse(format!("{HEAD}{text}").as_bytes()).unwrap().limits;
    assert_eq!(
        limits.differing().collect::<Vec<_>>(),
        [("packageBytes", 1 << 20), ("connections", 7), ("headSeconds", 10)]
    );
    for (text, message) in [
        ("connections: 0", "the limit `connections` is `0`: expected a number from 1 to 1000000"),
        ("connections: 1000001", "the limit `connections` is `1000001`: expected a number from 1 to 1000000"),
        ("connections: -1", "the limit `connections` is `-1`: expected a number from 1 to 1000000"),
        ("connections: '7'", "the limit `connections` is `7`: expected a number from 1 to 1000000"),
        ("connections: 7.5", "the limit `connections` is `7.5`: expected a number from 1 to 1000000"),
        ("connections: [7]", "the limit `connections` is `a list`: expected a number from 1 to 1000000"),
    ] {
        let error = Config::parse(format!("{HEAD}limits:\n  {text}\n").as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), format!("line 5, column 16: {message}"));
    }
    let error = Config::parse(format!("{HEAD}limits: {{ conections: 7 }}\n").as_bytes()).unwrap_err();
    let start =
        "line 4, column 11: unknown limit `conections`: expected one of packageBytes, unpackedBytes, ";
    assert!(error.to_string().starts_with(start), "{error}");
}

#[test]
fn a_file_of_comments_sets_nothing() {
    for fields in ["", "# projectId: 'X'\n", "~\n", "{}\n", "limits:\n", "limits:\n  # connections: 5\n"] {
        let text = format!("formatType: amps-configuration\nformatVersion: 1\n---\n{fields}");
        let config = Config::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{fields}: {error}"));
        assert_eq!((config.project_id, config.limits), (None, ServerLimits::default()), "{fields}");
    }
}

#[test]
fn files_lie_beside_the_configuration_or_where_it_was_started() {
    let folder = tempfile::tempdir().unwrap();
    let text = format!("{HEAD}developerVerificationCaCertificates: [here.crt, elsewhere.crt]\n");
    fs::write(folder.path().join(CONFIG_FILE), text).unwrap();
    fs::write(folder.path().join("here.crt"), "").unwrap();
    let config = Config::read(folder.path()).unwrap();
    assert_eq!(config.certificates.developer_cas, [folder.path().join("here.crt"), "elsewhere.crt".into()]);
}

#[test]
fn names_what_is_wrong_and_where() {
    for (text, message) in [
        (
            format!("{HEAD}projectid: x\n"),
            "line 4, column 1: unknown field `projectid`: expected one of listenAddress, projectId, anonymousAccess, nativeApi, webInterface, storeSignCertificate, storeSignPassword, developerVerificationCaCertificates, developerVerificationCrls, signerKeyUsage, limits, retention, trustedProxies, deploymentServer, tls, management, audit",
        ),
        (
            format!("{HEAD}projectId: ''\n"),
            "line 4, column 12: `` is not a project id: expected printable ASCII, at least one character",
        ),
        (
            format!("{HEAD}projectId: 2024\n"),
            "line 4, column 12: `projectId` is `2024`: expected a text; what looks like something else needs quotes",
        ),
        (
            format!("{HEAD}projectId: ~\n"),
            "line 4, column 12: `projectId` is `~`: expected a text; what looks like something else needs quotes",
        ),
        (format!("{HEAD}projectId: [x]\n"), "line 4, column 12: `projectId` is a list: expected a text"),
        (
            format!("{HEAD}listenAddress: ''\n"),
            "line 4, column 16: `` is not a listen address: expected `<ip>`, `any` or `localhost`, optionally with `:port`",
        ),
        (
            format!("{HEAD}anonymousAccess: no\n"),
            "line 4, column 18: `anonymousAccess` is `no`: expected a text; what looks like something else needs quotes",
        ),
        (
            format!("{HEAD}anonymousAccess: some\n"),
            "line 4, column 18: `some` is not what everybody may do: expected `none`, `read` or `all`",
        ),
        (
            format!("{HEAD}signerKeyUsage: lax\n"),
            "line 4, column 17: `signerKeyUsage` is `lax`: expected `strict` or `any`",
        ),
        (
            format!("{HEAD}storeSignPassword: 12345\n"),
            "line 4, column 20: `storeSignPassword` is not a text; what looks like something else needs quotes",
        ),
        ("projectId: x\n".into(), "found 1 YAML documents: expected 2, the format and the configuration"),
        (
            "formatType: am-package\nformatVersion: 1\n---\n{}\n".into(),
            "line 1, column 1: found type `am-package` version `1`: expected type `amps-configuration` version `1`",
        ),
        (format!("{HEAD}- x\n"), "line 4, column 1: the configuration is a list: expected a map"),
    ] {
        assert_eq!(Config::parse(text.as_bytes()).unwrap_err().to_string(), message);
    }
}
