//! How a package is signed without packing it again.

use amps_catalog::SqliteCatalog;
use amps_core::{Catalog, Recipe, Sequence};

use crate::drafts::{draft, full};

#[test]
fn a_recipe_comes_back_as_it_was_noted_and_goes_with_its_release() {
    let catalog = SqliteCatalog::in_memory().unwrap();
    let with = catalog.publish(&full(), &[]).unwrap().sequence;
    let without = catalog.publish(&draft("a", "all", 1), &[]).unwrap().sequence;
    assert_eq!(catalog.recipe(with).unwrap(), full().recipe);
    assert_eq!(catalog.recipe(without).unwrap(), None);
    let generation = catalog.generation().unwrap();
    for recipe in [
        Recipe { keep_bytes: 0, glue: Vec::new(), rem: Vec::new() },
        Recipe { keep_bytes: i64::MAX.cast_unsigned(), glue: vec![1, 2], rem: vec![3; 70_000] },
    ] {
        catalog.set_recipe(without, &recipe).unwrap();
        assert_eq!(catalog.recipe(without).unwrap(), Some(recipe));
    }
    assert_eq!(catalog.generation().unwrap(), generation, "nobody sees recipes");
    catalog.remove(&[with]).unwrap();
    assert_eq!(catalog.recipe(with).unwrap(), None);
}

#[test]
fn a_release_that_is_gone_gets_no_recipe() {
    let catalog = SqliteCatalog::in_memory().unwrap();
    for release in [Sequence(7), Sequence(u64::MAX)] {
        catalog.set_recipe(release, &Recipe::default()).unwrap();
        assert_eq!(catalog.recipe(release).unwrap(), None);
    }
    let recipe = Recipe { keep_bytes: u64::MAX, ..Recipe::default() };
    let release = catalog.publish(&draft("a", "all", 1), &[]).unwrap().sequence;
    assert!(catalog.set_recipe(release, &recipe).is_err());
}
