//! `/category/list`: the categories that packages are in.

use std::collections::BTreeSet;

use axum::{Json, extract::State, response::IntoResponse, response::Response};

use super::Context;
use crate::answer::{Problem, blocking};

pub(super) async fn answer(State(context): State<Context>) -> Result<Response, Problem> {
    blocking(move || {
        let listing = context.store.listing()?;
        let names: BTreeSet<&str> = listing
            .releases()
            .iter()
            .flat_map(|release| &release.facts.categories)
            .map(String::as_str)
            .collect();
        Ok(Json(names).into_response())
    })
    .await
}
