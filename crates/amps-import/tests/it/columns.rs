//! Columns are found by their names, however these are written.

use amps_core::accounts::{Categories as _, Users as _};
use amps_import::Subject;

use crate::world::{TABLES, World};

fn names(world: &World) -> Vec<String> {
    world.catalog.categories().unwrap().into_iter().map(|category| category.name.to_string()).collect()
}

#[test]
fn the_order_of_categories_has_several_names() {
    for column in ["rank", "Rank", "order", "position", "\"pos_ition\""] {
        let world = World::new(TABLES);
        world.sql(&format!(
            "ALTER TABLE store_category ADD COLUMN {} integer;
            INSERT INTO store_category VALUES (2, 'first', -32768), (3, 'third', 5), (4, 'second', 5);
            UPDATE store_category SET name = 'fourth' WHERE id = 1;
            UPDATE store_category SET id = 9 WHERE name = 'third';",
            if column == "order" { "\"order\"" } else { column }
        ));
        world.import();
        assert_eq!(names(&world), ["first", "second", "third", "fourth"], "{column}");
    }
}

#[test]
fn a_superuser_is_staff() {
    let world = World::new(TABLES);
    world.sql(
        "ALTER TABLE auth_user ADD COLUMN isSuperuser bool;
        UPDATE auth_user SET isSuperuser = 1;
        INSERT INTO auth_user VALUES (2, 'bob', '!', 1, 0, 0), (3, 'eve', '!', 0, 1, 0);",
    );
    assert_eq!(world.import().0.of(Subject::User).added, 3);
    let users = world.catalog.users().unwrap().into_iter();
    let users: Vec<_> = users.map(|user| (user.name.to_string(), user.is_active, user.is_staff)).collect();
    let user = |name: &str, is_active, is_staff| (name.to_owned(), is_active, is_staff);
    assert_eq!(users, [user("ada", true, true), user("bob", true, false), user("eve", false, true)]);
}

#[test]
fn accounts_without_a_password_have_none() {
    let world = World::new(TABLES);
    let (_, lines) = world.import();
    let (_, hash) = world.catalog.credentials(&"ada".parse().unwrap()).unwrap().unwrap();
    assert!(!hash.fits(&"".into()) && !hash.fits(&"!".into()));
    assert_eq!(lines.len(), 3, "that Django has none either is nothing to note: {lines:?}");
}
