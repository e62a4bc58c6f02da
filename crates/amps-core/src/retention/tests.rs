//! What goes, what stays, and that no device sees a difference.

use std::{collections::HashSet, num::NonZero, sync::Arc, time::Duration};

use amps_tags::TagRule;
use proptest::{collection::vec, prelude::*, sample::select};

use super::*;
use crate::{
    clock::Timestamp,
    model::{IconRef, Release, Sequence},
    store::ReleasesKept,
    test_support::release as bare,
    view::{DeploymentDevice, DeviceView, visible},
};

const DAY: i64 = 24 * 3600;
const NOW: Timestamp = Timestamp(1000 * DAY);

/// A release of 10 bytes that was uploaded so many days ago.
fn release(sequence: u64, id: &str, version: &str, tags: &str, days: i64) -> Release {
    let mut release = bare(sequence, id, "all");
    let facts = Arc::make_mut(&mut release.facts);
    facts.version = version.into();
    facts.deployment_architecture = "All".parse().ok();
    facts.tags = tags.parse().unwrap();
    facts.uploaded_at = Timestamp(NOW.0 - days * DAY);
    facts.package.size_bytes = 10;
    release
}

/// Five releases of `a`, one of which is for other devices, and one of `b`: number, version, days.
fn six() -> [Release; 6] {
    [
        release(1, "a", "1", "", 60),
        release(2, "a", "3", "", 50),
        release(4, "a", "1", "qt:6", 30),
        release(5, "a", "1.10", "", 20),
        release(6, "a", "1.9", "", 10),
        release(3, "b", "1", "", 40),
    ]
}

fn versions(number: u32) -> RetentionPolicy {
    RetentionPolicy { versions: NonZero::new(number), ..RetentionPolicy::default() }
}

fn days(days: u64) -> RetentionPolicy {
    RetentionPolicy { age: Some(Duration::from_hours(days * 24)), ..RetentionPolicy::default() }
}

fn bytes(bytes: u64) -> RetentionPolicy {
    RetentionPolicy { total_bytes: Some(bytes), ..RetentionPolicy::default() }
}

/// The same for all releases.
fn of_all(policy: RetentionPolicy) -> RetentionPolicy {
    RetentionPolicy { survivor: Survivor::None, ..policy }
}

#[track_caller]
fn check(policy: &RetentionPolicy, expected: &[(u64, Because)]) {
    let plan = plan_retention(&six(), policy, |_| None, NOW);
    let found: Vec<_> =
        plan.removals.iter().map(|removal| (removal.release.sequence.0, removal.because)).collect();
    assert_eq!(found, expected, "{policy:?}");
    assert_eq!(plan.bytes_before - plan.bytes_after, 10 * expected.len() as u64);
}

#[test]
fn the_newest_versions_stay_and_the_one_that_was_uploaded_last() {
    use Because::Versions as V;
    check(&versions(5), &[]);
    // 3, 1.10, 1.9 and 1 are for the same devices.
    check(&versions(3), &[(1, V)]);
    check(&versions(2), &[(1, V)]);
    check(&versions(1), &[(1, V), (5, V)]);
    check(&of_all(versions(1)), &[(1, V), (5, V)]);
}

#[test]
fn age_is_inclusive_and_spares_what_is_shown() {
    use Because::Age;
    check(&days(60), &[]);
    check(&days(59), &[(1, Age)]);
    check(&days(1), &[(1, Age), (5, Age)]);
    check(&of_all(days(40)), &[(1, Age), (2, Age)]);
    check(&of_all(days(0)), &[(1, Age), (2, Age), (3, Age), (4, Age), (5, Age), (6, Age)]);
}

#[test]
fn size_is_inclusive_and_takes_what_was_published_first() {
    use Because::TotalBytes as Size;
    check(&bytes(60), &[]);
    check(&bytes(59), &[(1, Size)]);
    check(&bytes(0), &[(1, Size), (5, Size)]);
    check(&of_all(bytes(30)), &[(1, Size), (2, Size), (3, Size)]);
    check(&of_all(bytes(0)), &[(1, Size), (2, Size), (3, Size), (4, Size), (5, Size), (6, Size)]);
}

#[test]
fn the_rules_go_together() {
    let policy = RetentionPolicy { versions: NonZero::new(3), ..bytes(45) };
    check(&policy, &[(1, Because::Versions), (5, Because::TotalBytes)]);
    assert!(RetentionPolicy::default().is_everything() && !policy.is_everything());
    check(&RetentionPolicy::default(), &[]);
}

#[test]
fn what_is_held_stays_and_something_else_goes_for_it() {
    let hold = |release: &Release| match release.sequence.0 {
        1 => Some(Hold::Purchased),
        2 => Some(Hold::Downloading),
        _ => None,
    };
    let plan = plan_retention(&six(), &of_all(bytes(40)), hold, NOW);
    let removed: Vec<_> = plan.removals.iter().map(|removal| removal.release.sequence.0).collect();
    assert_eq!((removed, plan.bytes_after), (vec![3, 4], 40));
    let spared: Vec<_> =
        plan.spared.iter().map(|spared| (spared.release.sequence.0, spared.because, spared.hold)).collect();
    let size = Because::TotalBytes;
    assert_eq!(spared, [(1, size, Hold::Purchased), (2, size, Hold::Downloading)]);
    let plan = plan_retention(&six(), &versions(1), hold, NOW);
    assert_eq!((plan.removals.len(), plan.spared.len()), (1, 1));
}

#[test]
fn an_icon_that_several_releases_have_counts_once() {
    let mut releases = [release(1, "a", "1", "", 2), release(2, "a", "2", "", 1)];
    let mut icon = bare(9, "a", "all").facts.package;
    icon.size_bytes = 100;
    for release in &mut releases {
        let icon = IconRef { blob: icon, media_type: "image/png".into() };
        Arc::make_mut(&mut release.facts).icon = Some(icon);
    }
    let plan = plan_retention(&releases, &versions(1), |_| None, NOW);
    assert_eq!((plan.bytes_before, plan.bytes_after), (120, 110));
}

#[test]
fn an_upload_of_the_future_is_not_old() {
    let plan = plan_retention(&[release(1, "a", "1", "", -5)], &of_all(days(0)), |_| None, NOW);
    assert_eq!(plan.removals, []);
}

#[test]
fn where_one_release_is_kept_some_rules_do_nothing() {
    let all = RetentionPolicy { versions: NonZero::new(1), age: Some(Duration::ZERO), ..bytes(1) };
    assert_eq!(all.without_effect(ReleasesKept::All), []);
    let nothing = [Because::Versions, Because::Age, Because::TotalBytes];
    assert_eq!(all.without_effect(ReleasesKept::Latest), nothing);
    assert_eq!(of_all(all).without_effect(ReleasesKept::Latest), [Because::Versions]);
    assert_eq!(RetentionPolicy::default().without_effect(ReleasesKept::Latest), []);
}

const ARM: &str = "arm64-little_endian-64-elf";

fn tags() -> impl Strategy<Value = String> {
    vec(select(vec!["qt", "qt:5", "qt:6", "wifi"]), 0..3).prop_map(|tags| tags.join(","))
}

prop_compose! {
    fn any_release()(
        id in select(vec!["a", "b"]),
        version in select(vec!["1", "1.0", "1.10", "1.9-rc", "2"]),
        architectures in select(vec![("all", "All"), ("linux_arm_64", ARM), ("linux_arm_64", "")]),
        tags in tags(),
        conflicts in tags(),
        is_malformed in prop::bool::weighted(0.1),
        days in 0..100_i64,
    ) -> Release {
        let mut release = release(1, id, version, &tags, days);
        let facts = Arc::make_mut(&mut release.facts);
        facts.architecture = architectures.0.parse().unwrap();
        facts.deployment_architecture = architectures.1.parse().ok();
        facts.conflicts = conflicts.parse().unwrap();
        facts.malformed_tags = is_malformed.then(|| "whatever".into());
        release
    }
}

prop_compose! {
    fn any_view()(
        is_deployment in any::<bool>(),
        is_arm in any::<bool>(),
        tags in tags(),
        conflicts in tags(),
        package_has in any::<bool>(),
    ) -> DeviceView {
        if !is_deployment {
            return DeviceView::package_server(is_arm.then(|| "linux_arm_64".parse().unwrap()));
        }
        DeviceView::DeploymentServer(DeploymentDevice {
            architecture: is_arm.then(|| ARM.parse().unwrap()),
            tags: tags.parse().unwrap(),
            conflicts: conflicts.parse().unwrap(),
            rule: if package_has { TagRule::PackageHas } else { TagRule::DeviceHas },
        })
    }
}

proptest! {
    #[test]
    fn no_device_sees_a_difference_unless_somebody_wants_it(
        mut releases in vec(any_release(), 0..30),
        views in vec(any_view(), 1..8),
        versions in 1..4_u32,
        days in 0..100_u64,
        total_bytes in 0..300_u64,
    ) {
        for (number, release) in (1..).zip(&mut releases) {
            release.sequence = Sequence(number);
        }
        let key = |release: &Release| (release.facts.id.clone(), release.facts.architecture.clone(), release.sequence);
        releases.sort_by_key(key);
        let age = Some(Duration::from_hours(24 * days));
        let total_bytes = Some(total_bytes);
        let policy = RetentionPolicy { versions: NonZero::new(versions), age, total_bytes, survivor: Survivor::Newest };
        let plan = plan_retention(&releases, &policy, |_| None, NOW);
        let gone: HashSet<Sequence> = plan.removals.iter().map(|removal| removal.release.sequence).collect();
        let stays = |release: &&Release| !gone.contains(&release.sequence);
        let left: Vec<Release> = releases.iter().filter(stays).cloned().collect();
        for view in &views {
            let numbers = |list| visible(list, view).map(|release| release.sequence).collect::<Vec<_>>();
            prop_assert_eq!(numbers(&releases), numbers(&left), "{:?}", view);
        }
        // Whatever goes, doing it again finds nothing more.
        let again = plan_retention(&left, &policy, |_| None, NOW);
        prop_assert_eq!((again.removals, again.bytes_before), (vec![], plan.bytes_after));
    }
}
