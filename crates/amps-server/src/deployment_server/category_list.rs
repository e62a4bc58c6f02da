//! `category/list`: the categories in their order, and one for all packages.

use axum::{Json, extract::State};
use serde::Serialize;

use super::Context;
use crate::{
    access::{Permit, ToRead},
    answer::Problem,
};

/// Numbers as the Django server has them: all packages are -1.
#[derive(Serialize)]
pub(super) struct Item {
    id: i64,
    name: String,
}

pub(super) async fn answer(
    _: Permit<ToRead>,
    State(context): State<Context>,
) -> Result<Json<Vec<Item>>, Problem> {
    let offer = context.offers.now(&context.store, &context.accounts).await?;
    let all = Item { id: -1, name: "All".into() };
    let named = offer.words.categories.iter().map(|category| Item {
        id: i64::try_from(category.id.0).unwrap_or(i64::MAX),
        name: category.name.to_string(),
    });
    Ok(Json([all].into_iter().chain(named).collect()))
}
