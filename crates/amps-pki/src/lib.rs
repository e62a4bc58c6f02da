#![doc = include_str!("../README.md")]

mod certificate;
mod digest_algorithm;
mod error;
mod hex;
mod message;
mod name;
mod signature;
mod signer;
mod timestamp;

pub use certificate::{Certificate, Fingerprint};
pub use digest_algorithm::DigestAlgorithm;
pub use error::Error;
pub use message::{MAX_CERTIFICATES, MAX_SIGNERS};
pub use signature::{MAX_SIGNATURE_BYTES, Signature};
pub use signer::{Signer, SignerId};
pub use timestamp::Timestamp;
