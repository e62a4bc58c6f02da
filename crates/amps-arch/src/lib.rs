#![doc = include_str!("../README.md")]

mod abi;
mod architecture;
mod binary;
mod deployment_server;
mod detector;
mod elf;
mod error;
mod mach_o;
mod package_server;
mod pe;
mod processor;
mod token;
mod window;

pub use abi::{MAX_ABI_BYTES, normalise_abi};
pub use architecture::{Architecture, Architectures};
pub use binary::{Binary, Format, OperatingSystem};
pub use deployment_server::DeploymentServerToken;
pub use detector::Detector;
pub use error::{Error, Text};
pub use package_server::PackageServerToken;
pub use processor::{Bits, ByteOrder, Cpu, Processor};
pub use token::MAX_TOKEN_BYTES;
