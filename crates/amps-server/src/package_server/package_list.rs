//! `/package/list`: the packages that a device may see.

use std::collections::BTreeMap;

use amps_core::{Release, visible};
use axum::{Json, extract::State, response::IntoResponse, response::Response};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use super::{Context, Parameters};
use crate::answer::{Problem, blocking};

/// What needs no escape in a query (RFC 3986, section 2.3).
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item<'r> {
    id: &'r str,
    /// Empty for a package that runs everywhere.
    architecture: &'r str,
    names: &'r BTreeMap<String, String>,
    descriptions: &'r BTreeMap<String, String>,
    version: &'r str,
    categories: &'r [String],
    icon_url: String,
}

pub(super) async fn answer(
    State(context): State<Context>,
    parameters: Parameters,
) -> Result<Response, Problem> {
    blocking(move || {
        let listing = context.store.listing()?;
        let category = parameters.value("category");
        let filter = parameters.value("filter").map(str::to_lowercase);
        let items: Vec<Item<'_>> = visible(listing.releases(), &parameters.view())
            .filter(|release| category.is_none_or(|category| is_in(release, category)))
            .filter(|release| filter.as_ref().is_none_or(|filter| has_name_with(release, filter)))
            .map(item)
            .collect();
        Ok(Json(items).into_response())
    })
    .await
}

fn is_in(release: &Release, category: &str) -> bool {
    release.facts.categories.iter().any(|name| name == category)
}

fn has_name_with(release: &Release, lower_case: &str) -> bool {
    release.facts.names.values().any(|name| name.to_lowercase().contains(lower_case))
}

fn item(release: &Release) -> Item<'_> {
    let facts = &release.facts;
    let architecture = facts.architecture.as_str();
    Item {
        id: facts.id.as_str(),
        architecture: if facts.architecture.is_all() { "" } else { architecture },
        names: &facts.names,
        descriptions: &facts.descriptions,
        version: &facts.version,
        categories: &facts.categories,
        icon_url: format!(
            "package/icon?id={}&architecture={}",
            utf8_percent_encode(facts.id.as_str(), UNRESERVED),
            utf8_percent_encode(architecture, UNRESERVED)
        ),
    }
}
