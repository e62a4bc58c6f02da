//! Signatures, certificates and key files: real ones, ones that openssl makes here, and damaged copies of both.
#![allow(clippy::unwrap_used)]

mod authority;
mod chains;
mod files;
mod hostile;
mod intact;
mod issue;
mod openssl;
mod pkcs12;
mod refused;
mod sign;
mod signers;
mod verify;

/// The bytes of a file in `fixtures/pki/signatures`.
fn fixture(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/pki/signatures");
    std::fs::read(format!("{folder}/{name}")).unwrap_or_else(|error| panic!("{folder}/{name}: {error}"))
}
