//! Every package of fixtures/packages gets its verdict, and a refused one leaves nothing.

use amps_core::{Error, Refusal, UploadResult, accounts::PackageScope};
use serde_json::Value;

use crate::world::{World, fixture, from, package};

fn expected() -> serde_json::Map<String, Value> {
    let expected: Value = serde_json::from_slice(&fixture("packages", "expected.json")).unwrap();
    expected.as_object().unwrap().clone()
}

#[test]
fn every_refused_package_leaves_everything_as_it_was() {
    let world = World::new();
    let open = world.open();
    // One that is there already under the id that most of them have, and another one.
    let hello = fixture("packages", "qt6/hello.ampkg");
    open.upload(hello.as_slice()).unwrap();
    open.upload(package("other", "1").as_slice()).unwrap();
    world.events.take();
    let before = open.snapshot(&world);
    let mut count = 0;
    for (name, verdict) in expected() {
        if verdict["package_server"] != "reject" {
            continue;
        }
        count += 1;
        let error = open.upload(fixture("packages", &name).as_slice()).unwrap_err();
        let Error::Refused(refusal) = &error else { panic!("{name}: {error:?}") };
        match verdict["class"].as_str().unwrap() {
            "limit-or-digest" => assert!(matches!(refusal.class(), "limit" | "digest"), "{name}"),
            class => assert_eq!(refusal.class(), class, "{name}: {error}"),
        }
        let [event] = world.events.take().try_into().unwrap();
        assert_eq!(event, format!("refused a test: {}", error.chain()), "{name}");
        assert_eq!(open.snapshot(&world), before, "{name}");
    }
    assert!(count > 40, "only {count} packages are to be refused");
    open.assert_consistent(&world);
    drop(open);
    let (_, events) = world.restart();
    assert_eq!(events, ["added org.example.hello [all]", "added other [all]"]);
}

#[test]
fn every_accepted_package_is_stored_as_what_it_is() {
    let world = World::new();
    let open = world.open();
    for (name, verdict) in expected() {
        if verdict["package_server"] != "accept" {
            continue;
        }
        let bytes = fixture("packages", &name);
        let upload =
            open.upload(bytes.as_slice()).unwrap_or_else(|error| panic!("{name}: {}", error.chain()));
        assert_eq!(upload.id.as_str(), verdict["id"], "{name}");
        assert_eq!(upload.architecture.as_str(), verdict["architecture"], "{name}");
    }
    open.assert_consistent(&world);
    let before = open.releases();
    drop(open);
    let (open, events) = world.restart();
    assert_eq!(open.releases(), before);
    assert!(events.iter().all(|event| event.starts_with("added ")), "{events:?}");
}

#[test]
fn every_cut_of_a_package_is_refused() {
    let world = World::new();
    let open = world.open();
    let bytes = package("a", "1");
    let before = open.snapshot(&world);
    for end in 0..bytes.len() {
        let error = open.upload(&bytes[..end]).unwrap_err();
        assert!(matches!(error, Error::Refused(_)), "after {end} bytes: {error:?}");
    }
    assert_eq!(open.snapshot(&world), before);
}

#[test]
fn a_package_out_of_scope_leaves_everything_as_it_was() {
    let world = World::new();
    let open = world.open();
    open.upload(package("org.other", "1").as_slice()).unwrap();
    world.events.take();
    let before = open.snapshot(&world);
    let scope = PackageScope::new(vec!["org.ours.*".parse().unwrap()]).unwrap();
    let upload = |id, version| open.store.upload_within(package(id, version).as_slice(), &from(), &scope);
    for id in ["org.other", "org.new"] {
        let error = upload(id, "2").unwrap_err();
        assert!(matches!(&error, Error::Refused(Refusal::OutOfScope { id: found }) if found.as_str() == id));
        assert_eq!(world.events.take(), [format!("refused a test: the token is not for the package `{id}`")]);
        assert_eq!(open.snapshot(&world), before, "{id}");
    }
    assert_eq!(upload("org.ours.a", "1").unwrap().result, UploadResult::Added);
    open.assert_consistent(&world);
}
