//! An import that was cut off is finished by the next one.

use amps_core::{
    Catalog as _,
    accounts::{StoreEntries as _, StoreEntry},
};
use amps_import::{Line, Subject};

use crate::world::{TABLES, World};

#[test]
fn a_package_of_which_nothing_is_said_yet_is_described_and_no_other() {
    let world = World::new(TABLES);
    for (id, version) in [(1, "1"), (2, "2")] {
        world.package(id, version);
    }
    world.import();
    let releases = world.catalog.releases().unwrap();
    let (first, second) = (releases[0].sequence, releases[1].sequence);
    let entry = world.catalog.store_entry(first).unwrap().unwrap();
    let other = StoreEntry { description: "somebody has changed it here".into(), ..entry.clone() };
    world.catalog.set_store_entry(first, &other).unwrap();
    // As if the process had ended between the two steps.
    let draft = amps_core::ReleaseDraft {
        facts: (*releases[1].facts).clone(),
        documents: world.catalog.documents(second).unwrap().unwrap(),
        recipe: None,
        entry: None,
    };
    world.catalog.remove(&[second]).unwrap();
    let second = world.catalog.publish(&draft, &[]).unwrap().sequence;
    assert_eq!(world.catalog.store_entry(second).unwrap(), None);

    let (summary, lines) = world.import();
    assert_eq!((summary.of(Subject::Package).known, summary.of(Subject::Package).added), (2, 0));
    let note = "category, vendor and descriptions were added".to_owned();
    assert_eq!(lines, [Line::Noted { subject: Subject::Package, name: "2".into(), note }]);
    assert_eq!(world.catalog.store_entry(second).unwrap(), Some(entry));
    assert_eq!(world.catalog.store_entry(first).unwrap(), Some(other));
    assert_eq!(world.import().1, []);
}
