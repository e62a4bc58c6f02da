//! Certificates for tests of TLS, made by openssl, and a client that has them.

use std::{
    fs,
    io::{self, BufReader, Write as _},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};

use amps_server::{Settings, TlsFields, TlsSettings};
use amps_testkit::run;
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject as _},
};
use tempfile::TempDir;

use crate::{
    client::{Answer, answer},
    running::{PATIENCE, Running},
};

/// What `openssl ca` needs to know.
const CA_CONFIG: &str = "[ca]\ndefault_ca = own\n[own]\ndatabase = index.txt\nnew_certs_dir = .\nrand_serial = yes\n\
    default_md = sha256\ndefault_days = 60\ndefault_crl_days = 60\npolicy = any\nunique_subject = no\n\
    crlnumber = crlnumber\ncrl_extensions = list\n[list]\nauthorityKeyIdentifier = keyid\n\
    [any]\ncommonName = supplied\n";
pub(crate) const SERVER: &str =
    "subjectAltName = IP:127.0.0.1,DNS:localhost\nextendedKeyUsage = serverAuth\n";
const CLIENT: &str = "extendedKeyUsage = clientAuth\n";

/// A folder with a CA and what it has issued: `NAME.pem` and `NAME.key`.
pub(crate) struct Pki {
    folder: TempDir,
}

impl Pki {
    /// A CA and a certificate `server` of it.
    pub(crate) fn new() -> Self {
        let pki = Self { folder: tempfile::tempdir().unwrap() };
        fs::write(pki.path("ca.conf"), CA_CONFIG).unwrap();
        fs::write(pki.path("index.txt"), "").unwrap();
        fs::write(pki.path("crlnumber"), "01\n").unwrap();
        pki.authority("ca");
        pki.issue("server", SERVER);
        pki
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    #[track_caller]
    pub(crate) fn openssl(&self, words: &[&str]) {
        let (code, _, error) = run(Command::new("openssl").args(words).current_dir(&self.folder));
        assert_eq!(code, Some(0), "openssl {words:?}: {error}");
    }

    /// Another root.
    pub(crate) fn authority(&self, name: &str) {
        let (key, certificate) = (format!("{name}.key"), format!("{name}.pem"));
        let subject = format!("/CN={name}");
        let make =
            ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "60"];
        let usage = ["-addext", "keyUsage=critical,keyCertSign,cRLSign"];
        self.openssl(
            &[&make[..], &usage, &["-keyout", &key, "-out", &certificate, "-subj", &subject]].concat(),
        );
    }

    /// A certificate of the CA for `/CN=NAME`.
    pub(crate) fn issue(&self, name: &str, extensions: &str) {
        self.issue_by("ca", name, &format!("/CN={name}"), extensions, &[]);
    }

    /// One for a client.
    pub(crate) fn client(&self, name: &str, alternatives: &str) {
        let alternatives = if alternatives.is_empty() {
            String::new()
        } else {
            format!("subjectAltName = {alternatives}\n")
        };
        self.issue(name, &format!("{CLIENT}{alternatives}"));
    }

    pub(crate) fn issue_by(&self, ca: &str, name: &str, subject: &str, extensions: &str, more: &[&str]) {
        let (key, request, certificate) =
            (format!("{name}.key"), format!("{name}.csr"), format!("{name}.pem"));
        fs::write(self.path("extensions"), extensions).unwrap();
        let make =
            ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", subject];
        self.openssl(&[&make[..], &["-keyout", &key, "-out", &request]].concat());
        let (ca_key, ca) = (format!("{ca}.key"), format!("{ca}.pem"));
        let sign = ["ca", "-batch", "-notext", "-config", "ca.conf", "-cert", &ca, "-keyfile", &ca_key];
        let files = ["-extfile", "extensions", "-in", &request, "-out", &certificate];
        self.openssl(&[&sign[..], &files, more].concat());
    }

    /// A client's certificate that ended in 2021.
    pub(crate) fn expired(&self, name: &str) {
        let time = ["-startdate", "20200101000000Z", "-enddate", "20210101000000Z"];
        self.issue_by("ca", name, &format!("/CN={name}"), CLIENT, &time);
    }

    pub(crate) fn revoke(&self, name: &str) {
        let certificate = format!("{name}.pem");
        let own = ["ca", "-config", "ca.conf", "-cert", "ca.pem", "-keyfile", "ca.key"];
        self.openssl(&[&own[..], &["-revoke", &certificate]].concat());
        self.list();
    }

    /// Writes `crl.pem`.
    pub(crate) fn list(&self) {
        let own = ["ca", "-config", "ca.conf", "-cert", "ca.pem", "-keyfile", "ca.key"];
        self.openssl(&[&own[..], &["-gencrl", "-out", "crl.pem"]].concat());
    }

    pub(crate) fn fields(&self) -> TlsFields {
        TlsFields {
            certificate: Some(self.path("server.pem")),
            key: Some(self.path("server.key")),
            ..TlsFields::default()
        }
    }

    pub(crate) fn settings(&self, set: impl FnOnce(&mut TlsFields)) -> TlsSettings {
        let mut fields = self.fields();
        set(&mut fields);
        fields.settings().unwrap().unwrap()
    }

    /// A server with the certificate `server`.
    pub(crate) fn serve(&self, set: impl FnOnce(&mut TlsFields)) -> Running {
        Running::with(Settings { tls: Some(self.settings(set)), ..Settings::default() })
    }

    /// A client that trusts the CA and has a certificate, if it is given one.
    pub(crate) fn trusting(&self, identity: Option<&str>) -> Arc<ClientConfig> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(self.path("ca.pem")).unwrap()).unwrap();
        let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots);
        Arc::new(match identity {
            None => builder.with_no_client_auth(),
            Some(name) => {
                let file = |end| self.path(&format!("{name}.{end}"));
                let certificate = CertificateDer::from_pem_file(file("pem")).unwrap();
                let key = PrivateKeyDer::from_pem_file(file("key")).unwrap();
                builder.with_client_auth_cert(vec![certificate], key).unwrap()
            }
        })
    }
}

/// A connection over TLS; the handshake happens with the first byte.
pub(crate) fn secured(
    address: SocketAddr,
    config: &Arc<ClientConfig>,
) -> StreamOwned<ClientConnection, TcpStream> {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    StreamOwned::new(ClientConnection::new(Arc::clone(config), name).unwrap(), stream)
}

/// Asks for something over a connection of its own. The error is that of TLS.
pub(crate) fn ask(
    address: SocketAddr,
    config: &Arc<ClientConfig>,
    target: &str,
    head: &str,
) -> Result<Answer, io::Error> {
    let mut stream = secured(address, config);
    write!(stream, "GET {target} HTTP/1.1\r\nHost: test\r\n{head}\r\n")?;
    stream.flush()?;
    // With TLS 1.3, a client learns only afterwards that its certificate was refused.
    let mut reader = BufReader::new(stream);
    io::BufRead::fill_buf(&mut reader)?;
    Ok(answer(&mut reader, true))
}

/// Runs curl with the CA; gives its exit code, what it was told to write out, and the body.
pub(crate) fn curl(pki: &Pki, url: &str, options: &[&str]) -> (Option<i32>, String, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let body = folder.path().join("body");
    let mut command = Command::new("curl");
    command.args(["-sS", "-m", "20", "-w", "%{http_version} %{http_code}", "--cacert"]);
    command.arg(pki.path("ca.pem")).arg("-o").arg(&body).args(options).arg(url);
    let (code, out, _) = run(&mut command);
    (code, out, fs::read(&body).unwrap_or_default())
}

/// `--cert` and `--key` of curl.
pub(crate) fn identity(pki: &Pki, name: &str) -> [String; 4] {
    let path = |end| pki.path(&format!("{name}.{end}")).to_str().unwrap().to_owned();
    ["--cert".into(), path("pem"), "--key".into(), path("key")]
}

/// Puts a file in the place of another one in one step.
pub(crate) fn replace(from: &Path, to: &Path) {
    let beside = to.with_extension("new");
    fs::copy(from, &beside).unwrap();
    fs::rename(beside, to).unwrap();
}
