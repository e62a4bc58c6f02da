//! `/package/list`: the packages that a device may see.

use std::{collections::BTreeMap, sync::Arc};

use amps_core::{DeviceView, Listing, Release, accounts::PackageScope, visible};
use axum::{extract::State, response::Response};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Serialize, Serializer as _};

use super::{Context, Parameters, prepared::Subject};
use crate::{
    access::{Permit, ToRead},
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
    permit: Permit<ToRead>,
    State(context): State<Context>,
    asked: Asked,
    parameters: Parameters,
) -> Result<Response, Problem> {
    let architecture = parameters.architecture();
    let category = parameters.value("category").map(str::to_owned);
    let subject = Subject::Packages { architecture, category };
    let filter = parameters.value("filter").map(str::to_lowercase);
    let list = if filter.is_none() && permit.scope().is_none() {
        let make = |listing: &Listing, subject: &Subject| list(listing, subject, None, None);
        context.prepared.about(&context.store, subject, make).await?
    } else {
        let store = context.store.clone();
        blocking(move || {
            let text = list(&*store.listing()?, &subject, filter.as_deref(), permit.scope())?;
            Ok(Arc::new(Prepared::new(text)))
        })
        .await?
    };
    Ok(list.content(&asked).await?.answer(&asked, &context.buffers))
}

/// The packages of a subject; with a filter those that have a name, in any language, that contains it, and with a scope those
/// that are in it. The filter is in lower case.
fn list(
    listing: &Listing,
    subject: &Subject,
    filter: Option<&str>,
    scope: Option<&PackageScope>,
) -> Result<Vec<u8>, Problem> {
    let Subject::Packages { architecture, category } = subject else { return Ok(b"[]".to_vec()) };
    let view = DeviceView::package_server(architecture.clone());
    let items = visible(listing.releases(), &view)
        .filter(|release| {
            category.as_ref().is_none_or(|category| release.facts.categories.contains(category))
        })
        .filter(|release| scope.is_none_or(|scope| scope.has(&release.facts.id)))
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
