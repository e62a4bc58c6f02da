//! Why TLS cannot be spoken with some files. Nothing here repeats what is in a key file.

use std::{io, path::PathBuf};

use rustls::server::VerifierBuilderError;

/// Why files for TLS cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file cannot be read.
    #[error("cannot read {}", quoted(.path))]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file is larger than any of its kind.
    #[error("{} has more than {limit_bytes} bytes", quoted(.path))]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The limit, inclusive.
        limit_bytes: u64,
    },
    /// A file does not hold what it should.
    #[error("{} holds {found}: expected {expected}", quoted(.path))]
    Content {
        /// The file.
        path: PathBuf,
        /// What it holds.
        found: String,
        /// What it should hold.
        expected: &'static str,
    },
    /// A certificate, a revocation list or a key cannot be used.
    #[error("{what} in {} cannot be used", quoted(.path))]
    Unusable {
        /// What.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: rustls::Error,
    },
    /// Key and certificate do not belong together.
    #[error("the key in {} is not that of the certificate in {}", quoted(.key), quoted(.certificate))]
    OtherKey {
        /// The file of the key.
        key: PathBuf,
        /// The file of the certificate.
        certificate: PathBuf,
    },
    /// A revocation list cannot be used.
    #[error("{} holds a revocation list that cannot be used: expected version 2, with a CRL number", quoted(.path))]
    RevocationList {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: VerifierBuilderError,
    },
    /// Clients cannot be verified.
    #[error("clients cannot be verified with the CA certificates for them")]
    Verifier(#[source] VerifierBuilderError),
    /// The cryptographic library refuses to work.
    #[error("TLS cannot be set up")]
    Setup(#[source] rustls::Error),
}

fn quoted(path: &std::path::Path) -> String {
    ampkg::quoted(&path.to_string_lossy())
}
