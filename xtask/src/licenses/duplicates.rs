//! The same package in several versions: larger programs, longer builds, and two types that look like one.

use crate::metadata::Package;
use std::collections::BTreeMap;

/// Package name to its versions, where there are several.
pub(super) type Duplicates = BTreeMap<String, Vec<String>>;

pub(super) fn find(packages: &[Package]) -> Duplicates {
    let mut versions = Duplicates::new();
    for package in packages {
        versions.entry(package.name.clone()).or_default().push(package.version.clone());
    }
    versions.retain(|_, versions| versions.len() > 1);
    versions
}

/// Duplicates that are not listed, and listed ones that are gone.
pub(super) fn problems(duplicates: &Duplicates, listed: &[(&str, &str)]) -> Vec<String> {
    let is_listed = |name: &str| listed.iter().any(|(known, _)| *known == name);
    let new = duplicates.iter().filter(|(name, _)| !is_listed(name)).map(|(name, versions)| {
        format!("{name}: a new duplicate ({}), `cargo tree --duplicates` tells why", versions.join(", "))
    });
    let gone = listed.iter().filter(|(name, _)| !duplicates.contains_key(*name)).map(|(name, _)| {
        format!("{name}: listed as a duplicate, but there is one version only: take it off the list")
    });
    new.chain(gone).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packages(all: &[(&str, &str)]) -> Vec<Package> {
        let package = |(name, version): &(&str, &str)| Package {
            name: (*name).to_owned(),
            version: (*version).to_owned(),
            license: None,
            source: None,
            manifest: String::new(),
            dependencies: Vec::new(),
        };
        all.iter().map(package).collect()
    }

    #[test]
    fn a_listed_duplicate_is_all_right() {
        let found = find(&packages(&[("syn", "2.0.0"), ("syn", "3.0.0"), ("tar", "0.4.46")]));
        assert_eq!(found.keys().collect::<Vec<_>>(), ["syn"]);
        assert_eq!(problems(&found, &[("syn", "build time only")]), [""; 0]);
    }

    #[test]
    fn a_new_duplicate_is_a_problem() {
        let found = find(&packages(&[("tar", "0.4.46"), ("tar", "0.5.0")]));
        assert_eq!(
            problems(&found, &[]),
            ["tar: a new duplicate (0.4.46, 0.5.0), `cargo tree --duplicates` tells why"]
        );
    }

    #[test]
    fn the_list_is_kept_short() {
        assert_eq!(problems(&Duplicates::new(), &[("syn", "build time only")]).len(), 1);
    }
}
