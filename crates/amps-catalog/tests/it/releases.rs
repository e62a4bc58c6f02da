//! Publishing, removing, finding.

use std::{collections::HashSet, sync::Arc};

use ampkg::DigestFit;
use amps_catalog::SqliteCatalog;
use amps_core::{Catalog, CatalogError, Release, ReleaseDraft, Sequence};

use crate::drafts::{blob, draft, full, with_icon};

fn catalog() -> SqliteCatalog {
    SqliteCatalog::in_memory().unwrap()
}

fn publish(catalog: &SqliteCatalog, draft: &ReleaseDraft) -> Sequence {
    catalog.publish(draft, &[]).unwrap().sequence
}

fn latest(catalog: &SqliteCatalog, id: &str, architecture: &str) -> Option<Sequence> {
    let found = catalog.latest(&id.parse().unwrap(), &architecture.parse().unwrap()).unwrap();
    found.map(|release| release.sequence)
}

#[test]
fn a_new_catalog_is_empty() {
    let catalog = catalog();
    assert_eq!(catalog.releases().unwrap(), []);
    assert_eq!(catalog.links().unwrap(), []);
    assert_eq!(catalog.blobs().unwrap(), HashSet::new());
    assert_eq!(catalog.documents(Sequence(1)).unwrap(), None);
    assert_eq!(latest(&catalog, "a", "all"), None);
}

#[test]
fn everything_comes_back_as_it_was() {
    let catalog = catalog();
    for mut draft in [full(), draft("a", "all", 9)] {
        for fit in [DigestFit::Both, DigestFit::Qt6, DigestFit::Qt5] {
            draft.facts.digest_fit = fit;
            let sequence = publish(&catalog, &draft);
            let release = Release { sequence, facts: Arc::new(draft.facts.clone()) };
            assert!(catalog.releases().unwrap().contains(&release));
            let (id, architecture) = (&draft.facts.id, &draft.facts.architecture);
            assert_eq!(catalog.latest(id, architecture).unwrap(), Some(release));
            assert_eq!(catalog.documents(sequence).unwrap(), Some(draft.documents.clone()));
        }
    }
}

#[test]
fn lists_by_bytes_of_the_id_then_architecture_then_sequence() {
    let catalog = catalog();
    let order =
        [("b", "all"), ("a", "z"), ("B", "all"), ("a", "all"), ("a.b", "all"), ("a b", "all"), ("a", "z")];
    for (id, architecture) in order {
        let mut draft = draft(id, architecture, 1);
        draft.facts.version = catalog.generation().unwrap().to_string();
        publish(&catalog, &draft);
    }
    let found: Vec<_> = catalog
        .releases()
        .unwrap()
        .into_iter()
        .map(|release| format!("{} {} {}", release.sequence.0, release.facts.id, release.facts.architecture))
        .collect();
    assert_eq!(found, ["3 B all", "4 a all", "2 a z", "7 a z", "6 a b all", "5 a.b all", "1 b all"]);
    assert_eq!(latest(&catalog, "a", "z"), Some(Sequence(7)));
    assert_eq!(latest(&catalog, "A", "all"), None);
}

#[test]
fn a_number_is_never_used_twice() {
    let catalog = catalog();
    assert_eq!(publish(&catalog, &draft("a", "all", 1)), Sequence(1));
    let second = catalog.publish(&draft("a", "all", 1), &[Sequence(1)]).unwrap();
    assert_eq!(second.sequence, Sequence(2));
    catalog.remove(&[Sequence(2)]).unwrap();
    assert_eq!(publish(&catalog, &draft("a", "all", 1)), Sequence(3));
}

#[test]
fn replacing_frees_what_nobody_has_any_more() {
    let check = |others: &[ReleaseDraft], old: ReleaseDraft, new: ReleaseDraft, expected: &[u8]| {
        let catalog = catalog();
        for other in others {
            publish(&catalog, other);
        }
        let old = publish(&catalog, &old);
        let freed = catalog.publish(&new, &[old]).unwrap().freed;
        assert_eq!(freed, expected.iter().copied().map(blob).collect::<Vec<_>>());
        let blobs = catalog.blobs().unwrap();
        assert!(freed.iter().all(|freed| !blobs.contains(freed)));
        assert!(blobs.contains(&new.facts.package.id));
        assert_eq!(catalog.releases().unwrap().len(), others.len() + 1);
        assert_eq!(catalog.documents(old).unwrap(), None);
    };
    let a = |package| draft("a", "all", package);
    check(&[], a(1), a(2), &[1]);
    check(&[], a(1), a(1), &[]);
    check(&[], with_icon(a(2), 1), a(3), &[1, 2]);
    check(&[], with_icon(a(2), 1), with_icon(a(3), 1), &[2]);
    check(&[], with_icon(a(1), 1), a(2), &[1]);
    // A blob is a blob, whatever it is to whom.
    check(&[], with_icon(a(1), 2), a(2), &[1]);
    check(&[], with_icon(a(1), 2), with_icon(a(3), 1), &[2]);
    check(&[draft("b", "all", 1)], a(1), a(2), &[]);
    check(&[with_icon(draft("b", "all", 3), 4)], with_icon(a(1), 4), a(2), &[1]);
    check(&[with_icon(draft("b", "all", 3), 1)], with_icon(a(1), 3), a(2), &[]);
}

#[test]
fn numbers_that_do_not_exist_are_passed_over() {
    let catalog = catalog();
    let first = publish(&catalog, &draft("a", "all", 1));
    let strange = [Sequence(0), Sequence(99), Sequence(u64::MAX), first, first];
    let second = catalog.publish(&draft("a", "all", 2), &strange).unwrap();
    assert_eq!(second.freed, [blob(1)]);
    assert_eq!(catalog.releases().unwrap().len(), 1);
    assert_eq!(catalog.remove(&strange).unwrap(), []);
    assert_eq!(catalog.documents(Sequence(u64::MAX)).unwrap(), None);
    assert_eq!(catalog.remove(&[]).unwrap(), []);
    assert_eq!(catalog.remove(&[second.sequence, second.sequence]).unwrap(), [blob(2)]);
}

#[test]
fn removing_several_frees_what_they_shared() {
    let catalog = catalog();
    let [a, b, c] = ["a", "b", "c"].map(|id| publish(&catalog, &with_icon(draft(id, "all", 1), 2)));
    assert_eq!(catalog.remove(&[a]).unwrap(), []);
    assert_eq!(catalog.remove(&[c, b]).unwrap(), [blob(1), blob(2)]);
    assert_eq!(catalog.blobs().unwrap(), HashSet::new());
}

#[test]
fn what_cannot_be_kept_changes_nothing() {
    let catalog = catalog();
    let old = publish(&catalog, &draft("a", "all", 1));
    let before = (catalog.releases().unwrap(), catalog.links().unwrap(), catalog.generation().unwrap());
    let refuse = |change: &dyn Fn(&mut ReleaseDraft), expected: &str| {
        let mut draft = with_icon(draft("a", "all", 2), 3);
        change(&mut draft);
        let error = catalog.publish(&draft, &[old]).unwrap_err();
        assert_eq!(error.to_string(), "the catalog cannot publish a release");
        let CatalogError::Backend { source, .. } = error else { panic!("{error:?}") };
        assert!(source.to_string().contains(expected), "{source}");
        assert_eq!(
            before,
            (catalog.releases().unwrap(), catalog.links().unwrap(), catalog.generation().unwrap())
        );
        assert!(catalog.documents(old).unwrap().is_some());
    };
    refuse(
        &|draft| draft.facts.package.size_bytes = 1 << 63,
        "the size of the package is 9223372036854775808: expected at most 9223372036854775807",
    );
    refuse(
        &|draft| draft.facts.icon.as_mut().unwrap().blob.size_bytes = u64::MAX,
        "the size of the icon is 18446744073709551615",
    );
    refuse(&|draft| draft.facts.format_version = 3, "format_version IN (1, 2)");
}

#[test]
fn ten_thousand_releases_are_listed() {
    let catalog = catalog();
    for number in 0..10_000_u32 {
        let mut draft = draft(&format!("org.example.a{}", number / 2), "all", 0);
        if number % 2 == 1 {
            draft.facts.architecture = "linux_arm_64".parse().unwrap();
        }
        draft.facts.names.insert("en".into(), format!("Package {number}"));
        let mut digest = [0; 32];
        digest[..4].copy_from_slice(&number.to_be_bytes());
        draft.facts.package.id.0.0 = digest;
        publish(&catalog, &draft);
    }
    let releases = catalog.releases().unwrap();
    assert_eq!(releases.len(), 10_000);
    let key = |release: &Release| (release.facts.id.clone(), release.facts.architecture.clone());
    assert!(releases.is_sorted_by_key(key));
    assert_eq!(catalog.blobs().unwrap().len(), 10_000);
    assert_eq!(latest(&catalog, "org.example.a4999", "linux_arm_64"), Some(Sequence(10_000)));
    let all: Vec<_> = releases.iter().map(|release| release.sequence).collect();
    assert_eq!(catalog.remove(&all).unwrap().len(), 10_000);
}
