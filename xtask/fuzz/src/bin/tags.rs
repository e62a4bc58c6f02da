//! Three lines of any text as tags of a package, tags of a device, and conflicts; the first two as versions, too.
#![no_main]

use amps_tags::{PackageVersion, Stated, TagList, TagRule};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut lines = text.split('\n');
    let mut line = || lines.next().unwrap_or_default();
    let (package, device, conflicts) = (line(), line(), line());

    let [a, b] = [package, device].map(PackageVersion::new);
    assert_eq!(a.cmp(&b), b.cmp(&a).reverse(), "{package:?}, {device:?}");

    let lists = [package, device, conflicts].map(str::parse::<TagList>);
    for list in &lists {
        match list {
            Ok(list) => {
                assert_eq!(list.as_str().parse().as_ref(), Ok(list), "a canonical text is a fixed point")
            }
            Err(error) => {
                let message = error.to_string();
                assert!(!message.contains(char::is_control), "{message:?}");
            }
        }
    }
    if let [Ok(package), Ok(device), Ok(conflicts)] = &lists {
        let none = TagList::default();
        let device = Stated { tags: device, conflicts };
        for rule in [TagRule::PackageHas, TagRule::DeviceHas] {
            let fit = rule.fit(Stated { tags: package, conflicts: &none }, device);
            let turned = rule.fit(device, Stated { tags: package, conflicts: &none });
            for misfit in [fit, turned].iter().filter_map(|fit| fit.as_ref().err()) {
                let message = misfit.to_string();
                assert!(message.is_ascii() && !message.contains(char::is_control), "{message:?}");
            }
        }
    }
});
