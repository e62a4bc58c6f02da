#![doc = include_str!("../README.md")]

mod certificate_options;
mod manual;
mod password;
mod store_sign;

pub use certificate_options::{CertificateOptions, OldVariables, StatedCertificates};
pub use manual::{WRITE_MANUAL, manual};
pub use password::{PASSWORD_FILE_BYTES, PasswordFileError, password_from_file, variable};
pub use store_sign::StoreSign;
