//! A package signed for one device: `STORE_PASSWORD=… cargo run -p amps-core --example sign_for_device -- PACKAGE SIGNED P12 DEVICE`.

use std::{env, error::Error, fs, path::Path};

use amps_core::{Clock as _, HardwareId, Limits, Password, SystemClock, store_sign_file, verify_file};
use amps_pki::Pkcs12Signer;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [package, signed, p12, device] = arguments.as_slice() else {
        return Err("expected PACKAGE SIGNED P12 DEVICE".into());
    };
    let password = Password::from(env::var("STORE_PASSWORD")?.as_str());
    let key = Pkcs12Signer::open(&fs::read(p12)?, &password)?;
    let device = HardwareId::new(device.clone())?;
    let (now, limits) = (SystemClock.now(), Limits::default());
    // Only what was verified can be signed. Name developers here, and their signature is verified, too.
    let verified = verify_file(Path::new(package), None, now, &limits)?;
    store_sign_file(Path::new(package), Path::new(signed), &verified, &key, Some(&device), now, &limits)?;
    Ok(())
}
