//! Certification authorities run with `openssl ca`, which can issue certificates for any time.

use std::cell::RefCell;
use std::collections::HashSet;
use std::fmt::Write;

use crate::openssl::OpenSsl;

/// A certificate to be issued.
#[derive(Clone, Copy)]
pub(crate) struct Issue<'a> {
    /// The name of the files: `NAME.crt`, `NAME.csr`.
    pub(crate) name: &'a str,
    /// The subject in the form of `openssl req -subj`.
    pub(crate) subject: &'a str,
    /// The key, see [`Authority::key`].
    pub(crate) key: &'a str,
    /// The file name of the issuer's certificate without `.crt`; its key is named like its certificate's.
    /// The certificate's own name: self-signed.
    pub(crate) issuer: &'a str,
    /// The key of the issuer.
    pub(crate) issuer_key: &'a str,
    /// Lines of the extension section; empty: a certificate of version 1.
    pub(crate) extensions: &'a str,
    /// First and last second in the form `YYYYMMDDHHMMSSZ`.
    pub(crate) validity: (&'a str, &'a str),
    /// Further options of `openssl ca`.
    pub(crate) options: &'a str,
}

/// Authorities that share a folder.
pub(crate) struct Authority {
    pub(crate) openssl: OpenSsl,
    keys: RefCell<HashSet<String>>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        Self { openssl: OpenSsl::new(), keys: RefCell::default() }
    }

    /// Makes a key, once. The name tells the kind: `rsa2048-a`, `ed25519-b`, `P-256-c`.
    fn key(&self, name: &str) {
        if !self.keys.borrow_mut().insert(name.to_owned()) {
            return;
        }
        let (kind, _) = name.rsplit_once('-').unwrap();
        let algorithm = match kind.strip_prefix("rsa") {
            Some(bits) => format!("RSA -pkeyopt rsa_keygen_bits:{bits}"),
            None if kind == "ed25519" => "ED25519".to_owned(),
            None => format!("EC -pkeyopt ec_paramgen_curve:{kind}"),
        };
        self.openssl.run(&format!("genpkey -algorithm {algorithm} -out {name}.key"));
    }

    pub(crate) fn issue(&self, issue: &Issue<'_>) {
        let Issue { name, subject, key, issuer, issuer_key, extensions, validity: (from, until), options } =
            issue;
        self.key(key);
        self.key(issuer_key);
        self.configure(issuer, issuer_key, extensions, "");
        let request =
            ["req", "-new", "-utf8", "-key", &format!("{key}.key"), "-subj", subject, "-out", "new.csr"];
        assert!(self.openssl.output(&request).status.success(), "{name}: {request:?}");
        let own = if name == issuer { "-selfsign" } else { "" };
        let ca = format!(
            "ca -batch -config ca.cnf {own} -in new.csr -out {name}.crt -notext -keyfile {issuer_key}.key"
        );
        let with = if extensions.is_empty() { "" } else { "-extensions ext" };
        self.openssl.run(&format!("{ca} {with} -startdate {from} -enddate {until} {options}"));
    }

    /// Writes `NAME.crl` of an issuer, valid in the given time, with these certificates revoked.
    pub(crate) fn revoke(
        &self,
        name: &str,
        (issuer, issuer_key): (&str, &str),
        revoked: &[&str],
        (this_update, next_update): (&str, &str),
        extensions: &str,
    ) {
        self.configure(issuer, issuer_key, "", extensions);
        // A list says just what it is asked to: the records of what was issued are not kept.
        self.openssl.write(&format!("{issuer}.index"), "");
        let ca = format!("ca -config ca.cnf -keyfile {issuer_key}.key -cert {issuer}.crt");
        for certificate in revoked {
            self.openssl.run(&format!("{ca} -revoke {certificate}.crt"));
        }
        let with = if extensions.is_empty() { "" } else { "-crlexts crl" };
        self.openssl.run(&format!(
            "{ca} -gencrl -crl_lastupdate {this_update} -crl_nextupdate {next_update} {with} -out {name}.crl"
        ));
    }

    fn configure(&self, issuer: &str, issuer_key: &str, extensions: &str, crl_extensions: &str) {
        let index = format!("{issuer}.index");
        if !self.openssl.path(&index).exists() {
            self.openssl.write(&index, "");
        }
        let digest = if issuer_key.starts_with("ed25519") { "null" } else { "sha256" };
        let mut text = format!(
            "[ca]\ndefault_ca = d\n[d]\ndatabase = {index}\nnew_certs_dir = .\ncertificate = {issuer}.crt\n\
             rand_serial = yes\nunique_subject = no\nemail_in_dn = yes\npolicy = p\ndefault_md = {digest}\n[p]\n"
        );
        for field in ["countryName", "organizationName", "commonName"] {
            writeln!(text, "{field} = optional").unwrap();
        }
        write!(text, "[ext]\n{extensions}\n[crl]\n{crl_extensions}\n").unwrap();
        self.openssl.write("ca.cnf", text);
    }
}
