//! Which of some packages a device gets: `cargo run -p amps-tags --example which_fits -- DEVICE-TAGS PACKAGE-TAGS…`.
#![allow(clippy::print_stdout)] // it says which

use std::{env, error::Error};

use amps_tags::{Stated, TagList, TagRule};

fn main() -> Result<(), Box<dyn Error>> {
    let mut lists = env::args().skip(1).map(|tags| tags.parse::<TagList>());
    let device = lists.next().ok_or("expected the tags of the device")??;
    let none = TagList::default();
    let mut best: Option<TagList> = None;
    for tags in lists {
        let tags = tags?;
        let (package, asked) =
            (Stated { tags: &tags, conflicts: &none }, Stated { tags: &device, conflicts: &none });
        match TagRule::PackageHas.fit(package, asked) {
            Ok(()) => println!("`{}` fits", tags.as_str()),
            Err(misfit) => println!("`{}` does not: {misfit}", tags.as_str()),
        }
        let fits = TagRule::PackageHas.fit(package, asked).is_ok();
        if fits && best.as_ref().is_none_or(|best| tags.specificity() > best.specificity()) {
            best = Some(tags);
        }
    }
    match best {
        Some(tags) => println!("the device gets `{}`", tags.as_str()),
        None => println!("the device gets nothing"),
    }
    Ok(())
}
