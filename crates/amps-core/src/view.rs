//! Which releases a device may see.

use std::{cmp::Ordering, fmt};

use amps_arch::{DeploymentServerToken, PackageServerToken};
use amps_tags::{Misfit, PackageVersion, Stated, TagList, TagRule};

use crate::model::Release;

/// What a request says of the device that it comes from, in the dialect that it speaks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum DeviceView {
    /// A device that asks a package server.
    PackageServer {
        /// Its architecture; none if it does not say, or says something that is no architecture: it gets what runs everywhere.
        architecture: Option<PackageServerToken>,
    },
    /// A device that has said hello to a deployment server.
    DeploymentServer(DeploymentDevice),
}

/// What a device says of itself to a deployment server.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct DeploymentDevice {
    /// Its architecture; none if it does not say: it gets what runs everywhere.
    pub architecture: Option<DeploymentServerToken>,
    /// The tags that it states.
    pub tags: TagList,
    /// The tags that it does not go together with.
    pub conflicts: TagList,
    /// What its tags mean. That is a setting of the server.
    pub rule: TagRule,
}

impl DeviceView {
    /// The view of a device of this architecture that asks a package server.
    pub fn package_server(architecture: Option<PackageServerToken>) -> Self {
        Self::PackageServer { architecture }
    }
}

/// A device that asks a package server and says nothing.
impl Default for DeviceView {
    fn default() -> Self {
        Self::package_server(None)
    }
}

/// Why a device sees a release, or does not. If there are several reasons against it, the first in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Decision<'r> {
    /// It is offered: it fits the device, and no other one of the same id fits it better.
    Offered,
    /// It is made for another architecture, or for several at once, for which a deployment server has no word.
    OtherArchitecture,
    /// Nobody can say which devices it fits.
    MalformedTags {
        /// Why not.
        reason: &'r str,
    },
    /// Its tags do not fit the device.
    Tags(Misfit<'r>),
    /// It runs everywhere, but there is one made for the device's architecture.
    NativePreferred,
    /// There is one with a newer version.
    NewerPreferred,
    /// There is one whose tags are more specific.
    MoreSpecificPreferred,
    /// Another one was uploaded later.
    Superseded,
}

impl fmt::Display for Decision<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Offered => formatter.write_str("it is offered"),
            Self::OtherArchitecture => formatter.write_str("it is for another architecture"),
            Self::MalformedTags { reason } => formatter.write_str(reason),
            Self::Tags(misfit) => misfit.fmt(formatter),
            Self::NativePreferred => formatter.write_str("there is one for the device's architecture"),
            Self::NewerPreferred => formatter.write_str("there is one with a newer version"),
            Self::MoreSpecificPreferred => formatter.write_str("there is one with more specific tags"),
            Self::Superseded => formatter.write_str("there is one that was uploaded later"),
        }
    }
}

/// Decides for each release of a catalog whether a device may see it. Lists, icons and downloads all ask here, and so can a
/// person.
///
/// The releases are ordered by id, as [`crate::Catalog::releases`] gives them; so are the decisions.
pub fn decide<'r>(
    releases: &'r [Release],
    view: &'r DeviceView,
) -> impl Iterator<Item = (&'r Release, Decision<'r>)> {
    releases.chunk_by(|a, b| a.facts.id == b.facts.id).flat_map(move |of_one_id| {
        let offered = best(of_one_id, view);
        of_one_id.iter().map(move |release| (release, view.reason(release, offered)))
    })
}

/// The releases that a device may see: at most one of each id. [`crate::Listing::visible`] gives the same, faster.
pub fn visible<'r>(releases: &'r [Release], view: &DeviceView) -> impl Iterator<Item = &'r Release> {
    releases.chunk_by(|a, b| a.facts.id == b.facts.id).filter_map(move |of_one_id| best(of_one_id, view))
}

fn best<'r>(of_one_id: &'r [Release], view: &DeviceView) -> Option<&'r Release> {
    let fitting = of_one_id.iter().filter(|release| view.fit(release).is_ok());
    fitting.max_by(|a, b| view.compare(a, b).0)
}

impl DeviceView {
    /// Whether a release is one for this device, whatever others there are; if not, why.
    pub fn fit<'r>(&'r self, release: &'r Release) -> Result<(), Decision<'r>> {
        let facts = &release.facts;
        match self {
            Self::PackageServer { architecture } => {
                if !facts.architecture.is_all() && architecture.as_ref() != Some(&facts.architecture) {
                    return Err(Decision::OtherArchitecture);
                }
                Ok(())
            }
            Self::DeploymentServer(device) => {
                let architecture = facts.deployment_architecture.as_ref();
                if !architecture.is_some_and(|architecture| device.runs(architecture)) {
                    return Err(Decision::OtherArchitecture);
                }
                if let Some(reason) = &facts.malformed_tags {
                    return Err(Decision::MalformedTags { reason });
                }
                let package = Stated { tags: &facts.tags, conflicts: &facts.conflicts };
                let device_states = Stated { tags: &device.tags, conflicts: &device.conflicts };
                device.rule.fit(package, device_states).map_err(Decision::Tags)
            }
        }
    }

    /// Which of two releases of one id that fit goes before the other, and what the worse one is then told.
    fn compare(&self, a: &Release, b: &Release) -> (Ordering, Decision<'static>) {
        match self {
            Self::PackageServer { .. } => {
                let is_native = |release: &Release| !release.facts.architecture.is_all();
                let native = is_native(a).cmp(&is_native(b));
                if native.is_ne() {
                    return (native, Decision::NativePreferred);
                }
                (a.sequence.cmp(&b.sequence), Decision::Superseded)
            }
            Self::DeploymentServer(_) => order(a, b),
        }
    }

    fn reason<'r>(&'r self, release: &'r Release, offered: Option<&Release>) -> Decision<'r> {
        match (self.fit(release), offered) {
            (Err(misfit), _) => misfit,
            (Ok(()), Some(offered)) if offered.sequence != release.sequence => {
                self.compare(offered, release).1
            }
            (Ok(()), _) => Decision::Offered,
        }
    }
}

impl DeploymentDevice {
    /// Whether what is made for an architecture runs on it.
    pub(crate) fn runs(&self, architecture: &DeploymentServerToken) -> bool {
        architecture.is_all() || self.architecture.as_ref() == Some(architecture)
    }
}

/// How a deployment server orders releases of one id, the better one last, whatever the device: what is native, then the newest
/// version, then the more specific tags, then what was uploaded last.
pub(crate) fn order(a: &Release, b: &Release) -> (Ordering, Decision<'static>) {
    let is_native = |release: &Release| {
        release.facts.deployment_architecture.as_ref().is_some_and(|token| !token.is_all())
    };
    let native = is_native(a).cmp(&is_native(b));
    if native.is_ne() {
        return (native, Decision::NativePreferred);
    }
    let newer = PackageVersion::new(&a.facts.version).cmp(&PackageVersion::new(&b.facts.version));
    if newer.is_ne() {
        return (newer, Decision::NewerPreferred);
    }
    let specific = a.facts.tags.specificity().cmp(&b.facts.tags.specificity());
    if specific.is_ne() {
        return (specific, Decision::MoreSpecificPreferred);
    }
    (a.sequence.cmp(&b.sequence), Decision::Superseded)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::test_support::release;

    /// What is decided for each release; exactly those that are offered are visible.
    fn decisions<'r>(releases: &'r [Release], view: &'r DeviceView) -> Vec<Decision<'r>> {
        let decided: Vec<_> = decide(releases, view).collect();
        let offered = decided.iter().filter(|(_, decision)| *decision == Decision::Offered);
        let offered: Vec<_> = offered.map(|(release, _)| release.sequence).collect();
        assert_eq!(offered, visible(releases, view).map(|release| release.sequence).collect::<Vec<_>>());
        decided.into_iter().map(|(_, decision)| decision).collect()
    }

    #[test]
    fn the_native_release_goes_before_the_one_for_all() {
        use Decision::{NativePreferred as N, Offered, OtherArchitecture as Other};
        let releases = [
            release(1, "a", "all"),
            release(2, "a", "linux_arm_64"),
            release(3, "b", "all"),
            release(4, "c", "linux_x86_64"),
        ];
        for (architecture, expected) in [
            (None, [Offered, Other, Offered, Other]),
            (Some("all"), [Offered, Other, Offered, Other]),
            (Some("linux_arm_64"), [N, Offered, Offered, Other]),
            (Some("linux_x86_64"), [Offered, Other, Offered, Offered]),
            (Some("windows_x86_64"), [Offered, Other, Offered, Other]),
        ] {
            let view = DeviceView::package_server(architecture.map(|token| token.parse().unwrap()));
            assert_eq!(decisions(&releases, &view), expected, "{architecture:?}");
        }
    }

    #[test]
    fn a_package_server_shows_the_last_one_whatever_its_version_and_tags() {
        let mut releases = [release(1, "a", "all"), release(2, "a", "all")];
        Arc::make_mut(&mut releases[0].facts).version = "2.0".into();
        let facts = Arc::make_mut(&mut releases[1].facts);
        facts.tags = "qt:6".parse().unwrap();
        facts.malformed_tags = Some("whatever".into());
        let view = DeviceView::default();
        assert_eq!(decisions(&releases, &view), [Decision::Superseded, Decision::Offered]);
    }

    /// Releases of one id: architecture, version, tags, conflicts.
    fn deployed(rows: &[(&str, &str, &str, &str)]) -> Vec<Release> {
        let number = |place: usize| u64::try_from(place).unwrap() + 1;
        let release =
            |(place, (architecture, version, tags, conflicts)): (usize, &(&str, &str, &str, &str))| {
                let mut release = release(number(place), "a", "all");
                let facts = Arc::make_mut(&mut release.facts);
                facts.deployment_architecture = architecture.parse().ok();
                facts.version = (*version).into();
                facts.tags = tags.parse().unwrap();
                facts.conflicts = conflicts.parse().unwrap();
                release
            };
        rows.iter().enumerate().map(release).collect()
    }

    /// A device with an ARM processor.
    fn device(tags: &str, conflicts: &str, rule: TagRule) -> DeviceView {
        DeviceView::DeploymentServer(DeploymentDevice {
            architecture: Some(ARM.parse().unwrap()),
            tags: tags.parse().unwrap(),
            conflicts: conflicts.parse().unwrap(),
            rule,
        })
    }

    const ARM: &str = "arm64-little_endian-64-elf";
    const X86: &str = "x86_64-little_endian-64-elf";

    #[test]
    fn a_deployment_server_prefers_native_then_newest_then_most_specific_then_last() {
        use Decision::{
            MoreSpecificPreferred as General, NativePreferred, NewerPreferred as Old, Offered,
            OtherArchitecture as Other, Superseded,
        };
        let check = |rows: &[(&str, &str, &str, &str)], expected: &[Decision<'_>]| {
            let (releases, view) = (deployed(rows), device("", "", TagRule::PackageHas));
            assert_eq!(decisions(&releases, &view), expected, "{rows:?}");
        };
        check(
            &[("All", "9", "qt:5.12", ""), (ARM, "1", "", ""), (X86, "9", "", "")],
            &[NativePreferred, Offered, Other],
        );
        check(
            &[(ARM, "1.10", "", ""), (ARM, "1.9", "qt:5", ""), (ARM, "1.10-rc", "", "")],
            &[Offered, Old, Old],
        );
        check(
            &[("All", "1", "qt:5.1", ""), ("All", "1.0", "qt:5", ""), ("All", "1", "", "")],
            &[Offered, General, General],
        );
        check(&[("All", "1", "qt:5", ""), ("All", "1.0", "qt:6", "")], &[Superseded, Offered]);
        // A universal binary has no word in that dialect.
        check(&[("", "1", "", "")], &[Other]);
    }

    #[test]
    fn a_device_that_says_nothing_gets_what_runs_everywhere() {
        let releases = deployed(&[("All", "1", "", ""), (ARM, "2", "", "")]);
        let view = DeviceView::DeploymentServer(DeploymentDevice::default());
        assert_eq!(decisions(&releases, &view), [Decision::Offered, Decision::OtherArchitecture]);
    }

    #[test]
    fn what_does_not_fit_is_no_better_than_what_is_not_there() {
        let releases =
            deployed(&[("All", "1", "qt:5", ""), (ARM, "2", "qt:6", ""), ("All", "3", "qt:5", "legacy")]);
        let texts = |view: &DeviceView| -> Vec<String> {
            decisions(&releases, view).iter().map(ToString::to_string).collect()
        };
        let view = device("qt:5,legacy", "", TagRule::PackageHas);
        let lacks = |what: &str| format!("the package has no tag that matches {what}");
        assert_eq!(texts(&view), [lacks("`legacy`"), lacks("`legacy`"), lacks("`legacy`")]);
        let view = device("qt:5", "", TagRule::PackageHas);
        assert_eq!(texts(&view), ["there is one with a newer version", &*lacks("`qt:5`"), "it is offered"]);
        let view = device("qt:5.15.2,legacy", "qt:6", TagRule::DeviceHas);
        assert_eq!(
            texts(&view),
            [
                "it is offered",
                "the device has no tag that matches `qt:6`",
                "the device's tag `legacy` matches `legacy`, which conflicts with the package",
            ]
        );
        let view = device("qt:6.2", "qt", TagRule::DeviceHas);
        assert_eq!(texts(&view)[1], "the package's tag `qt:6` matches `qt`, which conflicts with the device");
    }

    #[test]
    fn what_nobody_can_say_the_tags_of_is_not_offered() {
        let mut releases = deployed(&[("All", "1", "", "")]);
        Arc::make_mut(&mut releases[0].facts).malformed_tags = Some("`tags` are a map".into());
        for rule in [TagRule::PackageHas, TagRule::DeviceHas] {
            let view = device("", "", rule);
            assert_eq!(decisions(&releases, &view), [Decision::MalformedTags { reason: "`tags` are a map" }]);
        }
    }
}
