//! `tls:` in `amps-config.yaml`: certificate and key, and what clients must show.

use std::path::PathBuf;

use ampkg::yaml::Node;

use crate::{
    config::{ConfigProblem, fields_of, paths_of, text_of},
    tls_settings::{InvalidTlsWord, TlsFields},
};

/// For messages.
const FIELDS: &str = "certificate, key, clientCa, clientCrls, clientCertificates, hardwareIdFrom";

/// Names of settings with their values.
pub(crate) fn tls_of(node: &Node) -> Result<TlsFields, ConfigProblem> {
    let mut tls = TlsFields::default();
    for (key, node) in fields_of(node, "`tls`")? {
        let field = key.text.as_str();
        let text = || text_of(node, field);
        let word = |error: InvalidTlsWord| ConfigProblem::Value {
            position: node.position,
            message: format!("`{field}`: {error}"),
        };
        match field {
            "certificate" => tls.certificate = Some(text()?.into()),
            "key" => tls.key = Some(text()?.into()),
            "clientCa" => tls.client_cas = paths_of(node, field)?,
            "clientCrls" => tls.client_crls = paths_of(node, field)?,
            "clientCertificates" => tls.client_certificates = Some(text()?.parse().map_err(word)?),
            "hardwareIdFrom" => tls.hardware_id_from = Some(text()?.parse().map_err(word)?),
            _ => {
                let found = ampkg::quoted(field);
                let message = format!("unknown field {found} of `tls`: expected one of {FIELDS}");
                return Err(ConfigProblem::Value { position: key.position, message });
            }
        }
    }
    Ok(tls)
}

/// The names of files, for finding out what they are relative to.
pub(crate) fn files_of(tls: &mut TlsFields) -> impl Iterator<Item = &mut PathBuf> {
    let TlsFields { certificate, key, client_cas, client_crls, .. } = tls;
    certificate.iter_mut().chain(key).chain(client_cas).chain(client_crls)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use crate::{CONFIG_FILE, ClientCertificates, Config, HardwareIdFrom, TlsFields};

    const HEAD: &str = "formatType: amps-configuration\nformatVersion: 1\n---\n";

    fn parse(text: &str) -> Result<TlsFields, String> {
        let config = Config::parse(format!("{HEAD}{text}").as_bytes()).map_err(|error| error.to_string())?;
        Ok(config.tls)
    }

    #[test]
    fn reads_its_fields() {
        let text = "tls:\n  certificate: c.pem\n  key: k.pem\n  clientCa: [a.pem, b.pem]\n  clientCrls: l.pem\n  \
            clientCertificates: optional\n  hardwareIdFrom: uri\n";
        let expected = TlsFields {
            certificate: Some("c.pem".into()),
            key: Some("k.pem".into()),
            client_cas: vec!["a.pem".into(), "b.pem".into()],
            client_crls: vec!["l.pem".into()],
            client_certificates: Some(ClientCertificates::Optional),
            hardware_id_from: Some(HardwareIdFrom::Uri),
        };
        assert_eq!(parse(text), Ok(expected));
        assert_eq!(parse("tls:\n"), Ok(TlsFields::default()));
    }

    #[test]
    fn names_what_is_wrong_and_where() {
        for (text, message) in [
            ("tls: yes", "line 4, column 6: `tls` is a scalar: expected a map"),
            (
                "tls: { key: 1 }",
                "line 4, column 13: `key` is `1`: expected a text; what looks like something else needs quotes",
            ),
            (
                "tls: { clientCertificates: maybe }",
                "line 4, column 28: `clientCertificates`: found `maybe`: expected `none`, `optional` or `required`",
            ),
            (
                "tls: { cert: x }",
                "line 4, column 8: unknown field `cert` of `tls`: expected one of certificate, key, clientCa, clientCrls, clientCertificates, hardwareIdFrom",
            ),
        ] {
            assert_eq!(parse(text).unwrap_err(), message);
        }
    }

    #[test]
    fn files_lie_beside_the_configuration() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(
            folder.path().join(CONFIG_FILE),
            format!("{HEAD}tls: {{ certificate: here.pem, key: k }}\n"),
        )
        .unwrap();
        fs::write(folder.path().join("here.pem"), "").unwrap();
        let tls = Config::read(folder.path()).unwrap().tls;
        assert_eq!((tls.certificate, tls.key), (Some(folder.path().join("here.pem")), Some("k".into())));
    }
}
