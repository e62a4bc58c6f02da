//! What can be set of TLS: `tls` in `amps-config.yaml`, and options.

use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
};

use crate::{
    metrics::Expiry,
    serve::{Tls, TlsError},
};

/// With what a server speaks TLS, and what it asks of its clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsSettings {
    /// The server's certificate and those that lead to its CA, PEM.
    pub certificate: PathBuf,
    /// Its key, PEM; may be the same file.
    pub key: PathBuf,
    /// CA certificates that clients' certificates must lead to. None: clients are not asked for one.
    pub client_cas: Vec<PathBuf>,
    /// Certificate revocation lists for them.
    pub client_crls: Vec<PathBuf>,
    /// Whether clients must have a certificate.
    pub client_certificates: ClientCertificates,
    /// What in a client's certificate is its hardware id.
    pub hardware_id_from: HardwareIdFrom,
}

impl TlsSettings {
    /// Whether TLS can be spoken with the files as they are.
    pub fn check(&self) -> Result<(), TlsError> {
        self.examine().map(drop)
    }

    /// The same; also says what will make trouble soon.
    pub fn examine(&self) -> Result<TlsExamination, TlsError> {
        let (tls, warnings) = Tls::open(self.clone())?;
        let ends = |expiry: Expiry| (expiry.subject, i64::try_from(expiry.ends).unwrap_or(i64::MAX));
        let certificates = tls.expiries().into_iter().map(ends).collect();
        Ok(TlsExamination { certificates, warnings })
    }

    /// The files, each once.
    pub(crate) fn files(&self) -> impl Iterator<Item = &Path> {
        let lists = self.client_cas.iter().chain(&self.client_crls);
        [&self.certificate, &self.key].into_iter().chain(lists).map(PathBuf::as_path)
    }
}

/// What is known of files with which TLS can be spoken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TlsExamination {
    /// Whom the certificates name, and until when they hold; seconds since 1970.
    pub certificates: Vec<(String, i64)>,
    /// What will make trouble, in words for people.
    pub warnings: Vec<String>,
}

/// Whether clients must have a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientCertificates {
    /// They are not asked for one.
    None,
    /// Who has none is served, too.
    Optional,
    /// Who has none is not served.
    Required,
}

/// What in a client's certificate is its hardware id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HardwareIdFrom {
    /// The common name of the subject.
    CommonName,
    /// The DNS name among the alternative names.
    DnsName,
    /// The URI among the alternative names.
    Uri,
    /// Nothing: a certificate lets a client in, and what it asks for counts.
    Nothing,
}

/// A word that a setting cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("found {}: expected {expected}", ampkg::quoted(.found))]
pub struct InvalidTlsWord {
    /// The word.
    pub found: String,
    /// What it can be.
    pub expected: &'static str,
}

macro_rules! words {
    ($type:ident, $expected:literal, $($variant:ident = $word:literal),+) => {
        impl fmt::Display for $type {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(match self { $(Self::$variant => $word),+ })
            }
        }

        impl FromStr for $type {
            type Err = InvalidTlsWord;

            fn from_str(text: &str) -> Result<Self, InvalidTlsWord> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(InvalidTlsWord { found: text.into(), expected: $expected }),
                }
            }
        }
    };
}

words!(
    ClientCertificates,
    "`none`, `optional` or `required`",
    None = "none",
    Optional = "optional",
    Required = "required"
);
words!(
    HardwareIdFrom,
    "`commonName`, `dnsName`, `uri` or `nothing`",
    CommonName = "commonName",
    DnsName = "dnsName",
    Uri = "uri",
    Nothing = "nothing"
);

/// What is said of TLS in one place; what is not said there is not set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsFields {
    /// `certificate`.
    pub certificate: Option<PathBuf>,
    /// `key`; without it, the key is in the file of the certificate.
    pub key: Option<PathBuf>,
    /// `clientCa`.
    pub client_cas: Vec<PathBuf>,
    /// `clientCrls`.
    pub client_crls: Vec<PathBuf>,
    /// `clientCertificates`; without it, they are required if there is a CA for them.
    pub client_certificates: Option<ClientCertificates>,
    /// `hardwareIdFrom`; without it, the common name.
    pub hardware_id_from: Option<HardwareIdFrom>,
}

impl TlsFields {
    /// What these say, else what `others` say. A certificate comes with its key.
    #[must_use]
    pub fn or(self, others: Self) -> Self {
        let key = if self.certificate.is_some() { self.key } else { self.key.or(others.key) };
        let list = |own: Vec<_>, other| if own.is_empty() { other } else { own };
        Self {
            certificate: self.certificate.or(others.certificate),
            key,
            client_cas: list(self.client_cas, others.client_cas),
            client_crls: list(self.client_crls, others.client_crls),
            client_certificates: self.client_certificates.or(others.client_certificates),
            hardware_id_from: self.hardware_id_from.or(others.hardware_id_from),
        }
    }

    /// The settings that come of it; none without TLS.
    pub fn settings(self) -> Result<Option<TlsSettings>, TlsSettingsError> {
        let Some(certificate) = self.certificate else {
            let is_said = self.key.is_some()
                || !self.client_cas.is_empty()
                || !self.client_crls.is_empty()
                || self.client_certificates.is_some_and(|clients| clients != ClientCertificates::None)
                || self.hardware_id_from.is_some();
            return if is_said { Err(TlsSettingsError::NoCertificate) } else { Ok(None) };
        };
        let has_ca = !self.client_cas.is_empty();
        let client_certificates = match self.client_certificates {
            None if has_ca => ClientCertificates::Required,
            None => ClientCertificates::None,
            Some(clients) if has_ca || clients == ClientCertificates::None => clients,
            Some(clients) => return Err(TlsSettingsError::NoClientCa { clients }),
        };
        if !has_ca && (!self.client_crls.is_empty() || self.hardware_id_from.is_some()) {
            return Err(TlsSettingsError::NothingToVerify);
        }
        Ok(Some(TlsSettings {
            key: self.key.unwrap_or_else(|| certificate.clone()),
            certificate,
            client_cas: self.client_cas,
            client_crls: self.client_crls,
            client_certificates,
            hardware_id_from: self.hardware_id_from.unwrap_or(HardwareIdFrom::CommonName),
        }))
    }
}

/// Settings of TLS that do not go together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TlsSettingsError {
    /// There is something for TLS, and no certificate.
    #[error(
        "there are settings of TLS and no certificate: expected `certificate` in `tls`, or --tls-certificate"
    )]
    NoCertificate,
    /// Clients need certificates that nothing can be told of.
    #[error(
        "client certificates are `{clients}`, and there is no CA for them: expected `clientCa` in `tls`, or --tls-client-ca"
    )]
    NoClientCa {
        /// What is asked of them.
        clients: ClientCertificates,
    },
    /// There is something for client certificates, and no CA.
    #[error(
        "there are settings of client certificates and no CA for them: expected `clientCa` in `tls`, or --tls-client-ca"
    )]
    NothingToVerify,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields() -> TlsFields {
        TlsFields { certificate: Some("c".into()), ..TlsFields::default() }
    }

    #[test]
    fn what_is_not_said_is_the_safe_choice() {
        assert_eq!(TlsFields::default().settings(), Ok(None));
        let settings = fields().settings().unwrap().unwrap();
        assert_eq!((settings.key, settings.client_certificates), ("c".into(), ClientCertificates::None));
        let settings = TlsFields { client_cas: vec!["ca".into()], ..fields() }.settings().unwrap().unwrap();
        assert_eq!(settings.client_certificates, ClientCertificates::Required);
        assert_eq!(settings.hardware_id_from, HardwareIdFrom::CommonName);
    }

    #[test]
    fn what_does_not_go_together_is_refused() {
        let no_certificate = TlsFields { key: Some("k".into()), ..TlsFields::default() };
        assert_eq!(no_certificate.settings(), Err(TlsSettingsError::NoCertificate));
        let clients = ClientCertificates::Optional;
        let no_ca = TlsFields { client_certificates: Some(clients), ..fields() };
        assert_eq!(no_ca.settings(), Err(TlsSettingsError::NoClientCa { clients }));
        let crl = TlsFields { client_crls: vec!["crl".into()], ..fields() };
        assert_eq!(crl.settings(), Err(TlsSettingsError::NothingToVerify));
        let id = TlsFields { hardware_id_from: Some(HardwareIdFrom::Uri), ..fields() };
        assert_eq!(id.settings(), Err(TlsSettingsError::NothingToVerify));
    }

    #[test]
    fn a_certificate_does_not_get_the_key_of_another() {
        let configured = TlsFields { key: Some("k".into()), ..fields() };
        let stated = TlsFields { certificate: Some("other".into()), ..TlsFields::default() };
        let settings = stated.or(configured.clone()).settings().unwrap().unwrap();
        assert_eq!(settings.key, PathBuf::from("other"));
        let settings = TlsFields::default().or(configured).settings().unwrap().unwrap();
        assert_eq!(settings.key, PathBuf::from("k"));
    }

    #[test]
    fn words_are_read_as_they_are_shown() {
        for word in ["none", "optional", "required"] {
            assert_eq!(word.parse::<ClientCertificates>().unwrap().to_string(), word);
        }
        for word in ["commonName", "dnsName", "uri", "nothing"] {
            assert_eq!(word.parse::<HardwareIdFrom>().unwrap().to_string(), word);
        }
        let error = "CN".parse::<HardwareIdFrom>().unwrap_err().to_string();
        assert_eq!(error, "found `CN`: expected `commonName`, `dnsName`, `uri` or `nothing`");
    }
}
