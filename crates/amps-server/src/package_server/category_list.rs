//! `/category/list`: the categories that packages are in.

use std::collections::BTreeSet;

use amps_core::Listing;
use axum::{extract::State, response::Response};

use super::{Context, prepared::Subject};
use crate::{answer::Problem, content::Asked};

pub(super) async fn answer(State(context): State<Context>, asked: Asked) -> Result<Response, Problem> {
    let list =
        context.prepared.about(&context.store, Subject::Categories, |listing, _| list(listing)).await?;
    Ok(list.content(&asked).await?.answer(&asked, &context.buffers))
}

fn list(listing: &Listing) -> Result<Vec<u8>, Problem> {
    let names: BTreeSet<&str> =
        listing.latest().flat_map(|release| &release.facts.categories).map(String::as_str).collect();
    serde_json::to_vec(&names).map_err(|error| Problem::internal(&error))
}
