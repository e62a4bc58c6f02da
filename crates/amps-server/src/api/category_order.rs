//! `/category-order`: all categories by name, in their order, which is changed in one step.

use amps_core::accounts::{AccountError, CategoryName};
use axum::{Json, http::StatusCode, response::Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Context, Failure,
    extract::{JsonBody, NoQuery, Text},
    operations::Operations,
    representation::Expected,
    request::{Change, Look},
    responses::{Changed, Conflict, MediaType, TimedOut, TooLarge},
};
use crate::access::{Permit, ToAdmin, ToRead};

/// The order of categories.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CategoryOrder {
    /// The names of all categories, the first one first.
    names: Vec<String>,
}

/// An order that categories are to have.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct NewOrder {
    /// The names of all categories, each once, the first one first.
    #[schema(value_type = Vec<String>)]
    names: Vec<Text<CategoryName>>,
}

pub(super) fn operations(operations: Operations) -> Operations {
    operations.add(__path_show, show).add(__path_put, put)
}

/// Show the order of categories
#[utoipa::path(
    get, path = "/category-order", tag = "categories",
    responses((status = 200, description = "The order.", body = CategoryOrder)),
)]
async fn show(_: Permit<ToRead>, _: NoQuery, look: Look) -> Result<Response, Failure> {
    look.answer(now).await
}

/// Put categories into an order
///
/// In one step. It names all of them; if there are others by now, that is 409, and nothing is changed.
#[utoipa::path(
    put, path = "/category-order", tag = "categories", request_body = NewOrder,
    params(("If-Match" = Option<String>, Header, description = "The `ETag` that the order must have.")),
    responses((status = 200, description = "The order as it is now.", body = CategoryOrder), Conflict, Changed, TooLarge, MediaType, TimedOut),
)]
async fn put(
    _: Permit<ToAdmin>,
    change: Change,
    expected: Expected,
    JsonBody(new): JsonBody<NewOrder>,
) -> Result<Json<CategoryOrder>, Failure> {
    let order = change.make(move |context| {
        expected.check(&now(context)?)?;
        let names: Vec<CategoryName> = new.names.into_iter().map(|name| name.0).collect();
        let ordered = context.accounts.order_categories(&names);
        context.store.catalog_has_changed();
        match ordered {
            Err(AccountError::Gone { .. }) => {
                let detail = "these are not the names of all categories that there are, each once";
                Err(Failure::new(StatusCode::CONFLICT, "other-categories", detail))
            }
            ordered => Ok(ordered?),
        }?;
        now(context)
    });
    order.await.map(Json)
}

fn now(context: &Context) -> Result<CategoryOrder, Failure> {
    let categories = context.accounts.categories()?;
    Ok(CategoryOrder { names: categories.iter().map(|category| category.name.to_string()).collect() })
}
