//! Files that are not whole, or not as they were written.

use std::fs;

use crate::world::{TABLES, World};

/// A database with some pages, and where its pages begin.
fn file() -> (World, Vec<u8>) {
    let world = World::new("PRAGMA page_size = 512;");
    world.sql(TABLES);
    world.sql(
        "WITH RECURSIVE n(x) AS (SELECT 2 UNION ALL SELECT x + 1 FROM n WHERE x < 60)
        INSERT INTO store_category SELECT x, printf('%.*c', x, 'x') FROM n;",
    );
    let bytes = fs::read(world.database()).unwrap();
    (world, bytes)
}

#[test]
fn a_file_that_was_cut_off_is_an_error_or_is_read_but_ends_nothing() {
    let (world, bytes) = file();
    let mut failed = 0;
    for length in (0..bytes.len()).step_by(37) {
        fs::write(world.database(), &bytes[..length]).unwrap();
        failed += usize::from(world.read().is_err());
    }
    assert!(failed > bytes.len() / 512, "{failed}");
    fs::write(world.database(), &bytes).unwrap();
    assert!(world.read().is_ok());
}

#[test]
fn any_byte_may_be_another() {
    let (world, bytes) = file();
    let mut failed = 0;
    for at in (0..bytes.len()).step_by(23).chain(0..200) {
        let mut changed = bytes.clone();
        changed[at] ^= 0xff;
        fs::write(world.database(), &changed).unwrap();
        failed += usize::from(world.read().is_err());
    }
    assert!(failed > 50, "{failed}");
}
