//! Whether a developer whom we know has made a package: `cargo run -p amps-core --example verify_package -- PACKAGE CA…`.
#![allow(clippy::print_stdout)] // it says what it found

use std::{env, error::Error, fs, path::Path};

use amps_core::{Clock as _, Limits, SystemClock, TrustAnchors, verify_file};
use amps_pki::CertificateSet;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let package = arguments.next().ok_or("expected a package")?;
    let mut trusted = CertificateSet::new();
    for file in arguments {
        trusted.add(&fs::read(file)?)?;
    }
    let anchors = TrustAnchors::new(trusted);
    let now = SystemClock.now();
    let verified = verify_file(Path::new(&package), Some(&anchors), now, &Limits::default())?;
    println!("{} for {}", verified.package.manifest.id, verified.architecture.package_server_token());
    if let Some(signer) = verified.developer.as_ref().and_then(|signature| signature.signers().first()) {
        println!("signed by {}", signer.certificate().map_or("nobody", |certificate| certificate.subject()));
    }
    Ok(())
}
