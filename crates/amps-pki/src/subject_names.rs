//! The names that a certificate gives its owner: what a device's certificate says of which device it is.

use const_oid::db::rfc4519;
use der::Decode;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use crate::name;

/// The names in a certificate, in its order. All text is as it stands in the certificate, and may be hostile.
///
/// Nothing is verified here: whoever reads names must know already that the certificate can be believed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SubjectNames {
    /// The common names of the subject.
    pub common_names: Vec<String>,
    /// The DNS names among the alternative names.
    pub dns_names: Vec<String>,
    /// The URIs among the alternative names.
    pub uris: Vec<String>,
}

impl SubjectNames {
    /// Reads a certificate in DER. A common name that is no text is an error, not one less.
    pub fn read(der: &[u8]) -> der::Result<Self> {
        let certificate = x509_cert::Certificate::from_der(der)?;
        let tbs = certificate.tbs_certificate();
        let common_names = tbs.subject().iter().filter(|attribute| attribute.oid == rfc4519::CN);
        let mut names = Self {
            common_names: common_names
                .map(|attribute| name::text(&attribute.value).ok_or(der::ErrorKind::Failed.into()))
                .collect::<der::Result<_>>()?,
            ..Self::default()
        };
        let alternatives: Option<(bool, SubjectAltName)> = tbs.get_extension()?;
        for name in alternatives.into_iter().flat_map(|(_, SubjectAltName(names))| names) {
            match name {
                GeneralName::DnsName(name) => names.dns_names.push(name.to_string()),
                GeneralName::UniformResourceIdentifier(uri) => names.uris.push(uri.to_string()),
                _ => {}
            }
        }
        Ok(names)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::CertificateSet;

    #[test]
    fn reads_names_of_each_kind() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/pki/dev1.crt");
        let pem = std::fs::read(path).unwrap();
        let der = crate::pem::blocks(&pem, "CERTIFICATE", pem.len()).unwrap().remove(0);
        let mut set = CertificateSet::new();
        set.add(&pem).unwrap();
        let known = set.certificates().next().unwrap().common_name().unwrap();
        let names = SubjectNames::read(&der).unwrap();
        assert_eq!(names, SubjectNames { common_names: vec![known.to_owned()], ..SubjectNames::default() });
        for end in 0..der.len() {
            assert!(SubjectNames::read(&der[..end]).is_err(), "{end}");
        }
    }
}
