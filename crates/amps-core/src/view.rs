//! Which releases a device may see.

use amps_arch::PackageServerToken;

use crate::model::Release;

/// What a request says of the device that it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct DeviceView {
    /// Its architecture; none if it does not say, or says something that is no architecture: it gets what runs everywhere.
    pub architecture: Option<PackageServerToken>,
}

/// Why a device sees a release, or does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Decision {
    /// It is offered: it is made for the device's architecture, or runs everywhere.
    Offered,
    /// It is made for another architecture.
    OtherArchitecture,
    /// It runs everywhere, but there is one made for the device's architecture.
    NativePreferred,
    /// Another one of the same id and architecture was uploaded later.
    Superseded,
}

/// Decides for each release of a catalog whether a device may see it. Lists, icons and downloads all ask here, and so can a
/// person.
///
/// The releases are ordered by id, as [`crate::Catalog::releases`] gives them; so are the decisions.
pub fn decide<'r>(
    releases: &'r [Release],
    view: &DeviceView,
) -> impl Iterator<Item = (&'r Release, Decision)> {
    releases.chunk_by(|a, b| a.facts.id == b.facts.id).flat_map(move |of_one_id| {
        let offered = best(of_one_id, view);
        of_one_id.iter().map(move |release| (release, reason(release, offered, view)))
    })
}

/// The releases that a device may see: at most one of each id.
pub fn visible<'r>(releases: &'r [Release], view: &DeviceView) -> impl Iterator<Item = &'r Release> {
    releases.chunk_by(|a, b| a.facts.id == b.facts.id).filter_map(move |of_one_id| best(of_one_id, view))
}

/// The native one before the one for all, then the one uploaded last.
fn best<'r>(of_one_id: &'r [Release], view: &DeviceView) -> Option<&'r Release> {
    of_one_id
        .iter()
        .filter(|release| fits(release, view))
        .max_by_key(|release| (!release.facts.architecture.is_all(), release.sequence))
}

fn fits(release: &Release, view: &DeviceView) -> bool {
    release.facts.architecture.is_all() || view.architecture.as_ref() == Some(&release.facts.architecture)
}

fn reason(release: &Release, offered: Option<&Release>, view: &DeviceView) -> Decision {
    match offered {
        Some(offered) if offered.sequence == release.sequence => Decision::Offered,
        _ if !fits(release, view) => Decision::OtherArchitecture,
        Some(offered) if offered.facts.architecture != release.facts.architecture => {
            Decision::NativePreferred
        }
        _ => Decision::Superseded,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::release;

    fn decisions(releases: &[Release], architecture: Option<&str>) -> Vec<Decision> {
        let view = DeviceView { architecture: architecture.map(|token| token.parse().unwrap()) };
        let decided: Vec<Decision> = decide(releases, &view).map(|(_, decision)| decision).collect();
        let offered: Vec<_> = decide(releases, &view)
            .filter(|(_, decision)| *decision == Decision::Offered)
            .map(|(release, _)| release.sequence)
            .collect();
        assert_eq!(offered, visible(releases, &view).map(|release| release.sequence).collect::<Vec<_>>());
        decided
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
            assert_eq!(decisions(&releases, architecture), expected, "{architecture:?}");
        }
    }

    #[test]
    fn of_two_alike_the_last_one_counts() {
        let releases = [release(1, "a", "all"), release(2, "a", "all")];
        assert_eq!(decisions(&releases, None), [Decision::Superseded, Decision::Offered]);
    }
}
