//! The options of TLS.

use std::path::PathBuf;

use amps_server::{ClientCertificates, HardwareIdFrom, TlsFields};
use clap::Args;

/// With what to speak TLS, and what clients must show.
#[derive(Args, Clone)]
pub(crate) struct TlsOptions {
    /// PEM file with the server's certificate and those that lead to its CA; with it, TLS is spoken and nothing else. Files for TLS
    /// are read again when they change
    #[arg(long = "tls-certificate", value_name = "FILE")]
    certificate: Option<PathBuf>,

    /// PEM file with its private key, if that is not in the same file
    #[arg(long = "tls-key", value_name = "FILE")]
    key: Option<PathBuf>,

    /// CA certificate, PEM, that clients' certificates must lead to; may be given several times
    #[arg(long = "tls-client-ca", value_name = "FILE")]
    client_cas: Vec<PathBuf>,

    /// Certificate revocation list for them; may be given several times, then each CA needs one
    #[arg(long = "tls-client-crl", value_name = "FILE")]
    client_crls: Vec<PathBuf>,

    /// Whether clients must have a certificate: `none`, `optional` or `required` [default: required if there is a CA for them]
    #[arg(long = "tls-client-certificates", value_name = "WHETHER")]
    client_certificates: Option<ClientCertificates>,

    /// What in a client's certificate is its hardware id, which its downloads are signed for: `commonName`, `dnsName`, `uri` or
    /// `nothing` [default: commonName]
    #[arg(long = "tls-hardware-id-from", value_name = "NAME")]
    hardware_id_from: Option<HardwareIdFrom>,
}

impl TlsOptions {
    /// What they say.
    pub(crate) fn fields(self) -> TlsFields {
        TlsFields {
            certificate: self.certificate,
            key: self.key,
            client_cas: self.client_cas,
            client_crls: self.client_crls,
            client_certificates: self.client_certificates,
            hardware_id_from: self.hardware_id_from,
        }
    }
}
