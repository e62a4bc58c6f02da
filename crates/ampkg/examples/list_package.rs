//! What is in a package, once it is what it says: `cargo run -p ampkg --example list_package -- PACKAGE`.
#![allow(clippy::print_stdout)] // it shows something

use std::{env, error::Error, fs::File, io::BufReader};

use ampkg::{Limits, escaped, read};

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args().nth(1).ok_or("expected a package")?;
    // What a package may cost: here, no more than 64 MiB unpacked.
    let limits = Limits { unpacked_bytes: 64 << 20, ..Limits::default() };
    let package = read(BufReader::new(File::open(path)?), &limits, &mut ())?.verify()?;
    // A version is any text from outside: what a terminal might act upon is escaped.
    println!("{} {}", package.manifest.id, escaped(&package.manifest.version));
    for entry in &package.entries {
        println!("{:>10}  {}", entry.size_bytes, entry.path);
    }
    Ok(())
}
