//! What a list says after changes is what a list that was made anew says.

use std::sync::Arc;

use amps_tags::TagRule;
use proptest::{collection::vec, prelude::*, sample::select};

use super::*;
use crate::{test_support::release as bare, view::DeploymentDevice};

const ARM: &str = "arm64-little_endian-64-elf";
const X86: &str = "x86_64-little_endian-64-elf";

/// What a release says, in few words, so that much of it fits and much is equal.
type Row = (&'static str, &'static str, &'static str, Vec<&'static str>, Vec<&'static str>, bool);

fn tags(most: usize) -> impl Strategy<Value = Vec<&'static str>> {
    vec(select(vec!["qt", "qt:5", "qt:5.12", "qt:6", "wifi", "a:1", "a1"]), 0..most)
}

fn rows() -> impl Strategy<Value = Row> {
    (
        select(vec!["a", "b", "c", "d"]),
        select(vec!["1", "1.0", "1.10", "1.9-rc"]),
        select(vec!["All", ARM, X86, ""]),
        tags(3),
        tags(2),
        prop::bool::weighted(0.1),
    )
}

fn release(place: usize, row: &Row) -> Release {
    let (id, version, architecture, tags, conflicts, is_malformed) = row;
    let mut release = bare(u64::try_from(place).unwrap() % 200 + 1, id, "all");
    release.sequence = Sequence(u64::try_from(place).unwrap() + 1);
    let facts = Arc::make_mut(&mut release.facts);
    facts.version = (*version).into();
    facts.deployment_architecture = architecture.parse().ok();
    facts.tags = tags.join(",").parse().unwrap();
    facts.conflicts = conflicts.join(",").parse().unwrap();
    facts.malformed_tags = is_malformed.then(|| "whatever".into());
    release
}

fn devices() -> impl Strategy<Value = DeviceView> {
    let device = (select(vec![ARM, X86, ""]), tags(3), tags(2), any::<bool>());
    device.prop_map(|(architecture, tags, conflicts, package_has)| {
        DeviceView::DeploymentServer(DeploymentDevice {
            architecture: architecture.parse().ok(),
            tags: tags.join(",").parse().unwrap(),
            conflicts: conflicts.join(",").parse().unwrap(),
            rule: if package_has { TagRule::PackageHas } else { TagRule::DeviceHas },
        })
    })
}

fn numbers<'r>(releases: impl Iterator<Item = &'r Release>) -> Vec<Sequence> {
    releases.map(|release| release.sequence).collect()
}

fn agrees(listing: &Listing, devices: &[DeviceView]) -> Result<(), TestCaseError> {
    for view in devices {
        prop_assert_eq!(
            numbers(listing.visible(view)),
            numbers(visible(listing.releases(), view)),
            "{:?}",
            view
        );
    }
    Ok(())
}

proptest! {
    #[test]
    fn devices_see_the_same_whether_the_list_has_changed_or_is_new(
        steps in vec((vec(rows(), 0..6), vec(any::<prop::sample::Index>(), 0..4)), 1..12),
        devices in vec(devices(), 1..6),
        is_burst in any::<bool>(),
    ) {
        let mut listing = Listing::default();
        let mut published = 0;
        for (generation, (added, removed)) in steps.into_iter().enumerate() {
            let gone = removed.iter().filter(|_| !listing.releases.is_empty());
            let removed = gone.map(|index| index.get(&listing.releases).sequence).collect();
            let copies = if is_burst && generation == 1 { MOST_INSERTED } else { 1 };
            let added = (0..copies).flat_map(|_| &added).map(|row| { published += 1; release(published, row) });
            let added = added.collect();
            listing.apply(Changes { generation: u64::try_from(generation).unwrap(), removed, added });
            prop_assert!(listing.releases.is_sorted_by(|a, b| key(a) < key(b)));
            agrees(&listing, &devices)?;
        }
        agrees(&listing, &[DeviceView::default()])?;
    }
}

#[test]
fn what_is_known_of_releases_that_are_gone_does_not_grow_for_ever() {
    let mut listing = Listing::new(0, vec![release(0, &("a", "1", "All", vec!["qt:5"], vec![], false))]);
    let view = DeviceView::DeploymentServer(DeploymentDevice::default());
    for number in 1..100 {
        assert_eq!(listing.visible(&view).count(), 1);
        assert!(listing.audiences.get().is_some_and(|audiences| !audiences.is_mostly_unused()));
        let added = vec![release(number, &("a", "1", "All", vec!["qt:5", "wifi"], vec!["qt:6"], false))];
        let removed = vec![listing.releases[0].sequence];
        listing.apply(Changes { generation: 1, removed, added });
    }
}

#[test]
fn what_is_there_already_may_be_told_of_again() {
    let known = release(3, &("a", "1", "All", vec![], vec![], false));
    let mut listing = Listing::new(0, vec![known.clone()]);
    listing.apply(Changes { generation: 4, removed: vec![], added: vec![known.clone()] });
    assert_eq!((listing.generation(), listing.releases()), (4, &[known][..]));
}
