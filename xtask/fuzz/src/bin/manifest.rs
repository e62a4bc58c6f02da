//! Any bytes as `info.yaml`: read or refused, in words that can be printed.
#![no_main]

use ampkg::Manifest;
use ampkg::yaml::YamlLimits;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    match Manifest::parse(bytes, YamlLimits::default()) {
        Ok(manifest) => assert!(!manifest.applications.is_empty(), "a package without an application"),
        Err(error) => {
            let message = error.to_string();
            assert!(!message.contains(char::is_control), "{message:?}");
        }
    }
});
