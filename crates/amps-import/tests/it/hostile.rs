//! Databases that were made to do harm.

use std::fmt::Write as _;

use amps_import::{DatabaseError, Subject};

use crate::world::{TABLES, World};

#[test]
fn no_table_means_no_view_and_no_virtual_table() {
    for instead in [
        "CREATE VIEW store_app AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x AS id, 'f' AS file, 1 \
            AS vendor_id, 1 AS category_id FROM n",
        "CREATE VIRTUAL TABLE store_app USING fts5(file, vendor_id, category_id)",
    ] {
        let world = World::new(TABLES);
        world.sql(&format!("DROP TABLE store_app; {instead}"));
        let error = world.read().err().unwrap();
        assert!(matches!(error, DatabaseError::NoTable { expected: "store_app", .. }), "{error}");
    }
}

#[test]
fn what_a_column_is_called_is_no_sql() {
    let world = World::new(TABLES);
    world.sql("ALTER TABLE auth_user ADD COLUMN \"is_super\"\"user, (SELECT 1)\"");
    world.sql("ALTER TABLE auth_user ADD COLUMN \"Is_SuperUser\"");
    world.sql("UPDATE auth_user SET Is_SuperUser = 1");
    assert_eq!(world.import().0.of(Subject::User).added, 1);
}

#[test]
fn a_column_that_is_worked_out_is_none() {
    let world = World::new(TABLES);
    world.sql(
        "DROP TABLE store_category;
        CREATE TABLE store_category (id integer PRIMARY KEY, x integer, name text AS (hex(zeroblob(x))));
        INSERT INTO store_category VALUES (1, 400000000);",
    );
    let error = world.read().err().unwrap().to_string();
    assert_eq!(error, "the table `store_category` has no column `name`: found `id`, `x`");
}

#[test]
fn the_largest_value_is_read_and_one_byte_more_is_not() {
    let world = World::new(TABLES);
    let limit = 2 * 1024 * 1024;
    // The limit holds for the value alone, not for the row that it is in.
    world.sql(&format!(
        "INSERT INTO store_category VALUES (2, printf('%.*c', {}, 'x')), (3, printf('%.*c', {limit}, 'x')),
            (4, printf('%.*c', {}, 'x'));",
        limit - 100,
        limit + 1
    ));
    let too_long = "the name has more than 200 characters";
    let reasons = world.refused();
    assert_eq!(reasons.len(), 3);
    assert_eq!(reasons.iter().filter(|reason| *reason == too_long).count(), 2, "{reasons:?}");
    assert_eq!(reasons.iter().filter(|reason| *reason == "a value has more than 2097152 bytes").count(), 1);
}

#[test]
fn messages_list_no_more_names_than_anybody_reads() {
    let mut sql = "CREATE TABLE auth_user (id integer PRIMARY KEY".to_owned();
    for number in 0..1000 {
        write!(sql, ", \"c{number}\u{1b}[2J\"").unwrap();
    }
    let world = World::new(TABLES);
    world.sql(&format!("DROP TABLE auth_user; {sql});"));
    let error = world.read().err().unwrap().to_string();
    assert!(error.starts_with("the table `auth_user` has no column `username`: found `id`, "), "{error}");
    assert!(error.ends_with(" and 971 more") && !error.contains('\u{1b}'), "{error}");
}

#[test]
fn wrong_types_are_named_and_values_are_not() {
    let world = World::new(TABLES);
    world.sql(
        "DELETE FROM auth_user;
        INSERT INTO auth_user VALUES (1, 'ada', 12.5, 1, 0), (2, x'00ff', '!', 1, 0), (3, NULL, '!', 1, 0),
            (4, 'bob', 'secret', 2, 0), (5, 'eve', CAST(x'ff' AS text), 1, 0), (6, 'joe', NULL, 1, 0);",
    );
    let reasons = world.refused();
    let expected = [
        // The column has the affinity of text.
        "`username` is bytes, expected text",
        "`username` is null, expected text",
        "`is_active` is another integer, expected 0 or 1",
        "`password` is text that is not UTF-8, expected text",
        "`password` is null, expected text",
    ];
    assert_eq!(reasons[..], expected);
}
