//! Attempts with packages that may not be complete.

use amps_core::{Error, Origin, Provenance};

use crate::world::{World, package};

#[test]
fn a_failed_attempt_is_silent_and_a_good_one_is_an_upload() {
    let world = World::new();
    let open = world.open();
    let from = Provenance {
        origin: Origin::UploadFolder,
        name: "a".into(),
        by: "found in upload".into(),
        cause: Origin::UploadFolder.into(),
    };
    let whole = package("a", "1");
    let before = open.snapshot(&world);
    for end in [0, 1, whole.len() / 2] {
        let error = open.store.attempt(&whole[..end], &from).unwrap_err();
        assert!(matches!(error, Error::Refused(_)), "{error}");
    }
    assert_eq!(world.events.take(), <[&str; 0]>::default());
    assert_eq!(open.snapshot(&world), before);
    open.store.attempt(whole.as_slice(), &from).unwrap();
    assert_eq!(world.events.take(), ["added a [all]"]);
    open.store.attempt(whole.as_slice(), &from).unwrap();
    assert_eq!(world.events.take(), ["unchanged a [all]"]);
    open.assert_consistent(&world);
}
