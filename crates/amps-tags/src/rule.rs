//! Whether a package fits a device, and why not.

use std::fmt;

use crate::{list::TagList, tag::TagRef};

/// What a package or a device states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stated<'t> {
    /// Its tags.
    pub tags: &'t TagList,
    /// The tags that it does not go together with.
    pub conflicts: &'t TagList,
}

/// Who demands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum TagRule {
    /// The device states what a package must have: for every name that it states, the package has a tag that matches one of
    /// the device's of that name.
    #[default]
    PackageHas,
    /// The device states what it has: for every name that the package states, the device has a tag that matches one of
    /// the package's of that name. A package without tags fits every device.
    DeviceHas,
}

/// Why a package does not fit a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Misfit<'t> {
    /// The device demands a tag that the package does not have.
    #[error("the package has no tag that matches {wanted}")]
    PackageLacks {
        /// What would do.
        wanted: Wanted<'t>,
    },
    /// The package demands a tag that the device does not have.
    #[error("the device has no tag that matches {wanted}")]
    DeviceLacks {
        /// What would do.
        wanted: Wanted<'t>,
    },
    /// A tag of the package is one that the device does not go together with.
    #[error("the package's tag `{tag}` matches `{conflict}`, which conflicts with the device")]
    DeviceConflict {
        /// The package's tag.
        tag: TagRef<'t>,
        /// The device's conflict.
        conflict: TagRef<'t>,
    },
    /// A tag of the device is one that the package does not go together with.
    #[error("the device's tag `{tag}` matches `{conflict}`, which conflicts with the package")]
    PackageConflict {
        /// The device's tag.
        tag: TagRef<'t>,
        /// The package's conflict.
        conflict: TagRef<'t>,
    },
}

/// The tags of one name in a list, of which any would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted<'t> {
    list: &'t TagList,
    name: &'t str,
}

impl TagRule {
    /// Whether a package may be offered to a device; if not, the first reason.
    pub fn fit<'t>(self, package: Stated<'t>, device: Stated<'t>) -> Result<(), Misfit<'t>> {
        match self {
            Self::PackageHas => {
                missing(package.tags, device.tags).map(|wanted| Misfit::PackageLacks { wanted })
            }
            Self::DeviceHas => {
                missing(device.tags, package.tags).map(|wanted| Misfit::DeviceLacks { wanted })
            }
        }
        .or_else(|| {
            let (tag, conflict) = package.tags.first_match(device.conflicts)?;
            Some(Misfit::DeviceConflict { tag, conflict })
        })
        .or_else(|| {
            let (tag, conflict) = device.tags.first_match(package.conflicts)?;
            Some(Misfit::PackageConflict { tag, conflict })
        })
        .map_or(Ok(()), Err)
    }
}

/// The first name in `wanted` of which `had` has no tag that matches one of those wanted.
fn missing<'t>(had: &TagList, wanted: &'t TagList) -> Option<Wanted<'t>> {
    let is_there = |name: &str| {
        let mut alternatives = wanted.iter().filter(|wanted| wanted.name() == name);
        alternatives.any(|wanted| had.iter().any(|tag| tag.matches(wanted)))
    };
    let missing = wanted.iter().find(|wanted| !is_there(wanted.name()))?;
    Some(Wanted { list: wanted, name: missing.name() })
}

impl<'t> Wanted<'t> {
    /// The tags.
    pub fn iter(&self) -> impl Iterator<Item = TagRef<'t>> + use<'t> {
        let name = self.name;
        self.list.iter().filter(move |tag| tag.name() == name)
    }
}

/// `` `qt:5` or `qt:6` ``
impl fmt::Display for Wanted<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, tag) in self.iter().enumerate() {
            let separator = if index == 0 { "" } else { " or " };
            write!(formatter, "{separator}`{tag}`")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rule: TagRule, package: [&str; 2], device: [&str; 2], expected: Option<&str>) {
        let [package_tags, package_conflicts, tags, conflicts] =
            [package[0], package[1], device[0], device[1]].map(|text| text.parse::<TagList>().unwrap());
        let package_states = Stated { tags: &package_tags, conflicts: &package_conflicts };
        let found = rule.fit(package_states, Stated { tags: &tags, conflicts: &conflicts });
        let found = found.err().map(|misfit| misfit.to_string());
        assert_eq!(found.as_deref(), expected, "{rule:?}: {package:?} for {device:?}");
    }

    #[test]
    fn the_package_has_what_the_device_demands() {
        let check = |package: &str, device: &str, expected: Option<&str>| {
            check(TagRule::PackageHas, [package, ""], [device, ""], expected);
        };
        check("", "", None);
        check("qt:5.12", "", None);
        check("", "qt", Some("the package has no tag that matches `qt`"));
        check("qt:5.12.0", "qt:5.12", None);
        check("qt:5.12", "qt:5.12.0", Some("the package has no tag that matches `qt:5.12.0`"));
        check("qt:5.12,wifi", "qt:5.12", None);
        check("qt:5.12", "qt:5.12,wifi", Some("the package has no tag that matches `wifi`"));
        check("qt:6", "qt:5,qt:6", None);
        check("qt:7", "qt:5,qt:6,wifi", Some("the package has no tag that matches `qt:5` or `qt:6`"));
        check("wifi", "a,qt:5,qt_", Some("the package has no tag that matches `a`"));
    }

    #[test]
    fn the_device_has_what_the_package_demands() {
        let check = |package: &str, device: &str, expected: Option<&str>| {
            check(TagRule::DeviceHas, [package, ""], [device, ""], expected);
        };
        check("", "", None);
        check("", "qt:5.12,wifi", None);
        check("qt", "", Some("the device has no tag that matches `qt`"));
        check("qt:5", "qt:5.15.2", None);
        check("qt:5.15.2", "qt:5.15", Some("the device has no tag that matches `qt:5.15.2`"));
        check("qt:5,qt:6", "qt:6.2", None);
        check("qt:5,qt:6,wifi", "qt:7", Some("the device has no tag that matches `qt:5` or `qt:6`"));
        check("build_target:desktop,qt:5.15", "build_target:desktop,qt:5.15.2", None);
    }

    #[test]
    fn conflicts_count_with_both_rules_and_both_ways() {
        for rule in [TagRule::PackageHas, TagRule::DeviceHas] {
            let device = Some("the package's tag `qt:5.12` matches `qt:5`, which conflicts with the device");
            check(rule, ["qt:5.12", ""], ["qt:5.12", "qt:5"], device);
            check(rule, ["qt:5.12", ""], ["qt:5.12", "qt:6,qt:5.12.0"], None);
            let package = Some("the device's tag `qt:5.12` matches `qt`, which conflicts with the package");
            check(rule, ["qt:5.12", "qt"], ["qt:5.12", ""], package);
            check(rule, ["qt:5.12", "qt:5.12.0"], ["qt:5.12", ""], None);
            // What conflicts is neither demanded nor had.
            check(rule, ["", "qt"], ["", "qt"], None);
        }
    }

    #[test]
    fn a_wanted_tag_is_named_before_a_conflict() {
        let lacks = Some("the package has no tag that matches `b`");
        check(TagRule::PackageHas, ["a", ""], ["b", "a"], lacks);
    }
}
