//! Every route stands in the matrix that `tests/it/access_matrix.rs` goes through, with what it needs.

use amps_core::accounts::Role;

use super::Needs;
use crate::{api, deployment_server, limits::ServerLimits, package_server, rate::Rates, ui};

/// The matrix: see its own head.
const MATRIX: &str = include_str!("../../tests/it/access_matrix.txt");
/// The same for the native API.
const API_MATRIX: &str = include_str!("../../tests/it/api_matrix.txt");

fn word(needs: Needs) -> String {
    match needs {
        Needs::Nothing => "nothing".into(),
        Needs::Role(Role::Read) => "read".into(),
        Needs::Role(Role::Upload) => "upload".into(),
        Needs::Role(Role::Remove) => "remove".into(),
        Needs::Role(Role::Admin) => "admin".into(),
        Needs::OwnRule => "own-rule".into(),
    }
}

#[test]
fn every_route_has_its_row_in_the_matrix() {
    let limits = ServerLimits::default();
    let rates = Rates::new(&limits.credit, &[]);
    let package = package_server::pages(&limits, &rates, false);
    let deployment = deployment_server::pages(&limits, &rates, false);
    let interface = ui::pages();
    let mut stated: Vec<String> = package
        .statements()
        .iter()
        .map(|statement| ("package", statement))
        .chain(interface.statements().iter().map(|statement| ("package", statement)))
        .chain(deployment.statements().iter().map(|statement| ("deployment", statement)))
        .map(|(dialect, (path, needs))| format!("{dialect} {path} {}", word(*needs)))
        .collect();
    let rows = MATRIX.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    let mut written: Vec<String> = rows
        .map(|row| {
            let mut words = row.split_whitespace();
            let mut next = || words.next().unwrap();
            let (dialect, _method, path, needs) = (next(), next(), next(), next());
            format!("{dialect} {path} {needs}")
        })
        .collect();
    stated.sort();
    stated.dedup();
    written.sort();
    written.dedup();
    assert_eq!(stated, written);
}

#[test]
fn every_operation_of_the_api_has_its_row_in_its_matrix() {
    let limits = ServerLimits::default();
    let (pages, _) = api::operations(&limits, &Rates::new(&limits.credit, &[]), true).finish();
    let mut stated: Vec<String> =
        pages.statements().iter().map(|(path, needs)| format!("{path} {}", word(*needs))).collect();
    let rows = API_MATRIX.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    let mut written: Vec<String> = rows
        .map(|row| {
            let words: Vec<_> = row.split_whitespace().collect();
            format!("/api/v1{} {}", words[1], words[2])
        })
        .collect();
    stated.sort();
    written.sort();
    // That each method has its row is seen when they are run: see `tests/it/api_matrix.rs`.
    assert_eq!(stated, written);
}
