//! What the store enters into the audit trail.

use std::{
    collections::HashSet,
    num::NonZero,
    sync::{Arc, Mutex},
};

use amps_catalog::SqliteCatalog;
use amps_core::{
    Event, EventSink, Origin, Provenance, RetentionPolicy,
    accounts::PackageScope,
    audit::{Actor, AuditFilter, AuditLog as _, Cause, Channel, NewAuditEntry, Position},
};

use crate::world::{World, package};

/// Remembers what is to be in the trail, and has changed nothing.
#[derive(Default)]
pub(crate) struct Noted(pub(crate) Mutex<Vec<NewAuditEntry>>);

impl EventSink for Noted {
    fn event(&self, _: Origin, _: &Event) {}

    fn audit(&self, entry: NewAuditEntry) {
        self.0.lock().unwrap().push(entry);
    }
}

fn lines(world: &World) -> Vec<String> {
    let catalog = SqliteCatalog::open(&world.path().join(".amps/catalog.db")).unwrap();
    catalog.verify_audit(&mut |_| {}).unwrap().unwrap();
    let page = catalog.audit_page(Position::After(0), &AuditFilter::default(), 100).unwrap();
    let of = |text: Option<String>| text.unwrap_or_else(|| "-".into());
    page.entries
        .into_iter()
        .map(|entry| entry.record)
        .map(|record| {
            let details: serde_json::Value = serde_json::from_str(&record.details).unwrap();
            let detail = |key: &str| details[key].as_str().unwrap_or("-").to_owned();
            format!(
                "{} {} {} {} {} {} {}",
                record.action,
                record.channel,
                of(record.actor),
                of(record.package),
                detail("architecture"),
                detail("version"),
                detail("result").replace('-', &detail("because"))
            )
        })
        .collect()
}

#[test]
fn what_changes_the_store_is_in_the_trail_with_who_did_it() {
    let world = World::new();
    let noted = Arc::new(Noted::default());
    let open = || world.store(|parts| parts.events = Arc::clone(&noted) as Arc<dyn EventSink>);
    let store = open();
    let cause = Cause::new(Actor::Token("ci".parse().unwrap()), Channel::Api);
    let from = Provenance { origin: Origin::Http, name: "f".into(), by: "b".into(), cause: cause.clone() };
    for version in ["1", "2", "2"] {
        store.upload(&*package("a", version), &from).unwrap();
    }
    store.upload(&b"no package"[..], &from).unwrap_err();
    let scope = PackageScope::new(vec!["b".parse().unwrap()]).unwrap();
    store.upload_within(&*package("c", "1"), &from, &scope).unwrap_err();
    for _ in 0..2 {
        store.remove_because(&"a".parse().unwrap(), None, Origin::Http, &cause).unwrap();
    }
    store.upload(&*package("d", "1"), &from).unwrap();
    drop(store);
    std::fs::remove_file(world.path().join(".packages/d_all.ampkg")).unwrap();
    drop(open());
    assert_eq!(
        lines(&world),
        [
            "package.upload api ci a all 1 added",
            "package.upload api ci a all 2 updated",
            "package.remove api ci a all 2 -",
            "package.upload api ci d all 1 added",
            "package.remove start - d all 1 -",
        ]
    );
    // What has changed nothing is told, and not entered by the store.
    let noted: Vec<_> = noted.0.lock().unwrap().iter().map(|entry| entry.record().clone()).collect();
    let results: Vec<_> = noted
        .iter()
        .map(|record| (record.result.as_str(), record.code.as_deref(), record.actor.as_deref()))
        .collect();
    let ci = Some("ci");
    assert_eq!(results, [("ok", None, ci), ("refused", Some("format"), ci), ("refused", Some("scope"), ci)]);
}

#[test]
fn what_is_not_kept_is_in_the_trail_with_the_rule_and_whose_wish_it_is() {
    let packages: Vec<Vec<u8>> = ["1", "2", "3"].map(|version| package("a", version)).into();
    let world = World::keeping_all().after(packages.iter().map(Vec::as_slice));
    let retain = |versions, cause: &Cause| {
        let policy = RetentionPolicy { versions: NonZero::new(versions), ..RetentionPolicy::default() };
        world.open().store.retain_because(&policy, &HashSet::new(), cause).unwrap();
    };
    retain(2, &Origin::Retention.into());
    retain(1, &Cause::new(Actor::System { uid: 7, name: None }, Channel::Command));
    assert_eq!(
        lines(&world)[3..],
        ["package.remove server retention a all 1 versions", "package.remove command 7 a all 2 versions",]
    );
}
