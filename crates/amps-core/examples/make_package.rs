//! A package of a folder: `cargo run -p amps-core --example make_package -- PACKAGE FOLDER`.
#![allow(clippy::print_stdout)] // it says what it made

use std::{env, error::Error, path::Path};

use amps_core::{CreateOptions, create_package};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let package = arguments.next().ok_or("expected the package to make")?;
    let folder = arguments.next().ok_or("expected the folder to make it of")?;
    let made = create_package(Path::new(&package), Path::new(&folder), CreateOptions::default())?;
    println!("{} {}", made.header.package_id, made.digest);
    for skipped in made.skipped {
        println!("left out: {} ({})", skipped.path.display(), skipped.kind);
    }
    Ok(())
}
