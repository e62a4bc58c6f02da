//! The options that name certificates and keys, which other programs have too.

pub(crate) use amps_commands::{CertificateOptions, OldVariables};
