//! `.packages` against the catalog.

use std::collections::HashMap;

use super::super::{CareError, CatalogCare, Finding};
use crate::{
    model::{FileStamp, LinkState, Release, Sequence},
    packages_folder::PackagesFolder,
};

/// How often it is looked before something counts as wrong. Between the first and the last look a server has had the time to
/// finish whatever it was doing.
const LOOKS: usize = 6;

/// Compares, until there is nothing that was wrong every time.
pub(super) fn check(
    catalog: &dyn CatalogCare,
    packages: &PackagesFolder,
    pause: &mut dyn FnMut(),
) -> Result<Vec<Finding>, CareError> {
    let mut findings = look(catalog, packages)?;
    for _ in 1..LOOKS {
        if findings.is_empty() {
            break;
        }
        pause();
        let again = look(catalog, packages)?;
        findings.retain(|finding| again.contains(finding));
    }
    Ok(findings)
}

fn look(catalog: &dyn CatalogCare, packages: &PackagesFolder) -> Result<Vec<Finding>, CareError> {
    let releases = catalog.releases()?;
    let links: HashMap<Sequence, LinkState> = catalog.links()?.into_iter().collect();
    let mut files: HashMap<String, FileStamp> =
        packages.list()?.into_iter().map(|file| (file.name, file.stamp)).collect();
    let mut findings = Vec::new();
    for releases in releases.chunk_by(Release::is_of_same_package) {
        let Some(latest) = releases.last() else { continue };
        let name = PackagesFolder::file_name(&latest.facts.id, &latest.facts.architecture);
        let file = files.remove(&name);
        let Some(link) = links.get(&latest.sequence) else { continue };
        findings.extend(compare(&format!(".packages/{name}"), *link, file));
    }
    let mut unknown: Vec<String> = files.into_keys().collect();
    unknown.sort();
    findings.extend(unknown.into_iter().map(|name| {
        Finding::warning(
            "package-file-unknown",
            format!(".packages/{name}"),
            "the catalog does not know this file",
            "the next start of the server takes it in, if it is a valid package; delete it if that is not wanted",
        )
    }));
    findings.extend(packages.unreadable()?.into_iter().map(|path| {
        let message = "its name is not UTF-8";
        let subject = path.to_string_lossy().into_owned();
        Finding::warning(
            "package-file-unknown",
            subject,
            message,
            "the server leaves it alone; give it another name",
        )
    }));
    Ok(findings)
}

/// What a file says beside the link in the catalog.
fn compare(name: &str, link: LinkState, file: Option<FileStamp>) -> Option<Finding> {
    let advice =
        "if that is not wanted, stop the server and put the file back from a backup, before the next start";
    match (link, file) {
        (LinkState::Made(made), Some(file)) if made == file => None,
        (LinkState::Made(_), None) => Some(Finding::problem(
            "package-file-missing",
            name,
            "it was deleted: the next start of the server removes the package, with all its releases",
            advice,
        )),
        (LinkState::Made(_), Some(_)) => Some(Finding::problem(
            "package-file-changed",
            name,
            "it is not the file that the server has made: the next start takes in what is there now, or refuses it",
            advice,
        )),
        (LinkState::Pending { .. }, None) => Some(Finding::warning(
            "package-file-pending",
            name,
            "it is still to be made",
            "the next start of the server makes it; look why it could not: room, permissions",
        )),
        // That of the release before, which the new one is to replace.
        (LinkState::Pending { replaces }, Some(file)) if replaces == Some(file) => Some(Finding::warning(
            "package-file-pending",
            name,
            "it is still that of the version before",
            "the next start of the server replaces it; look why it could not be: room, permissions",
        )),
        (LinkState::Pending { .. }, Some(_)) => Some(Finding::warning(
            "package-file-changed",
            name,
            "it lies where the server is to make one",
            "the next start takes it in if it is another version of the package",
        )),
    }
}
