//! Files of every kind, whole and cut into pieces, from compilers and from builders.

#![allow(clippy::unwrap_used)]

mod elf;
mod elf_builder;
mod fixtures;
mod hostile;
mod mach_o;
mod pe;

use amps_arch::{Architecture, Architectures, Binary, Detector};

/// What a file is that comes in one piece.
fn detect(file: &[u8]) -> Option<Binary> {
    let mut detector = Detector::new();
    detector.update(file);
    detector.finish()
}

/// What a file is that comes in pieces of these sizes, over and over.
fn detect_in_pieces(file: &[u8], sizes: &[usize]) -> Option<Binary> {
    let mut detector = Detector::new();
    let mut rest = file;
    for &size in sizes.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (piece, behind) = rest.split_at(size.min(rest.len()));
        detector.update(piece);
        rest = behind;
    }
    detector.finish()
}

/// The package server's token of a package with this one file.
fn package_server(file: &[u8]) -> String {
    architecture(detect(file)).package_server_token().to_string()
}

/// The deployment server's token of a package with this one file; `None` when it is refused.
fn deployment_server(file: &[u8]) -> Option<String> {
    Some(architecture(detect(file)).deployment_server_token().ok()?.to_string())
}

fn architecture(file: Option<Binary>) -> Architecture {
    let mut architectures = Architectures::new();
    architectures.add(file);
    architectures.finish().unwrap()
}
