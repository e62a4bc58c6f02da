//! `/package/list`: the packages that a device may see.

use std::{collections::BTreeMap, sync::Arc};

use amps_core::{DeviceView, Listing, Release, visible};
use axum::{extract::State, response::Response};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Serialize, Serializer as _};

use super::{Context, Parameters, prepared::Subject};
use crate::{
    answer::{Problem, blocking},
    content::Asked,
    prepared::Prepared,
};

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
    asked: Asked,
    parameters: Parameters,
) -> Result<Response, Problem> {
    let architecture = parameters.architecture();
    let category = parameters.value("category").map(str::to_owned);
    let subject = Subject::Packages { architecture, category };
    let list = match parameters.value("filter").map(str::to_lowercase) {
        None => {
            context
                .prepared
                .about(&context.store, subject, |listing, subject| list(listing, subject, None))
                .await?
        }
        Some(filter) => {
            let store = context.store.clone();
            blocking(move || Ok(Arc::new(Prepared::new(list(&*store.listing()?, &subject, Some(&filter))?))))
                .await?
        }
    };
    Ok(list.content(&asked).await?.answer(&asked, &context.buffers))
}

/// The packages of a subject; with a filter those that have a name, in any language, that contains it. The filter is in lower
/// case.
fn list(listing: &Listing, subject: &Subject, filter: Option<&str>) -> Result<Vec<u8>, Problem> {
    let Subject::Packages { architecture, category } = subject else { return Ok(b"[]".to_vec()) };
    let view = DeviceView::package_server(architecture.clone());
    let items = visible(listing.releases(), &view)
        .filter(|release| {
            category.as_ref().is_none_or(|category| release.facts.categories.contains(category))
        })
        .filter(|release| filter.is_none_or(|filter| has_name_with(release, filter)))
        .map(item);
    let mut text = Vec::new();
    let mut serializer = serde_json::Serializer::new(&mut text);
    serializer.collect_seq(items).map_err(|error| Problem::internal(&error))?;
    Ok(text)
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
