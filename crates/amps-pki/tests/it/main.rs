//! Reads real signatures, written by the reference packager, OpenSSL and gpgsm, and damaged copies of them.
#![allow(clippy::unwrap_used)]

mod hostile;
mod refused;
mod signers;

/// The bytes of a file in `fixtures/pki/signatures`.
fn fixture(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/pki/signatures");
    std::fs::read(format!("{folder}/{name}")).unwrap_or_else(|error| panic!("{folder}/{name}: {error}"))
}
