//! `/category/list`: the categories that packages are in.

use std::{collections::BTreeSet, sync::Arc};

use amps_core::{Listing, Release};
use axum::{extract::State, response::Response};

use super::{Context, prepared::Subject};
use crate::{
    access::{Permit, ToRead},
    answer::{Problem, blocking},
    content::Asked,
    prepared::Prepared,
};

pub(super) async fn answer(
    permit: Permit<ToRead>,
    State(context): State<Context>,
    asked: Asked,
) -> Result<Response, Problem> {
    let list = if permit.scope().is_none() {
        context
            .prepared
            .about(&context.store, Subject::Categories, |listing, _| list(listing, |_| true))
            .await?
    } else {
        let store = context.store.clone();
        blocking(move || {
            let text = list(&*store.listing()?, |release| permit.has(&release.facts.id))?;
            Ok(Arc::new(Prepared::new(text)))
        })
        .await?
    };
    Ok(list.content(&asked).await?.answer(&asked, &context.buffers))
}

/// The categories of some packages.
fn list(listing: &Listing, has: impl Fn(&Release) -> bool) -> Result<Vec<u8>, Problem> {
    let packages = listing.latest().filter(|release| has(release));
    let names: BTreeSet<&str> =
        packages.flat_map(|release| &release.facts.categories).map(String::as_str).collect();
    serde_json::to_vec(&names).map_err(|error| Problem::internal(&error))
}
